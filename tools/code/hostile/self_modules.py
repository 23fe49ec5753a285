# Takes the modules away.
# expect: any
import sys
sys.modules.clear()
sys.path.clear()
sys.meta_path.clear()
import json
