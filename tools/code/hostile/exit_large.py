# Ends itself with a code that is none.
# expect: error SystemExit
import sys
sys.exit(300)
