# Ends itself well.
# expect: ok
# expect: output contains before
import sys
print("before")
sys.exit(0)
