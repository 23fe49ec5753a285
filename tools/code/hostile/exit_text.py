# Ends itself with a text.
# expect: exit 1
# expect: output contains because
import sys
sys.exit("because")
