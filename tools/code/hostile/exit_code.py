# Ends itself with a code.
# expect: exit 3
import sys
sys.exit(3)
