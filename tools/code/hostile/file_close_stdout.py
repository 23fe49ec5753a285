# Closes its own output.
# expect: any
import os, sys
print("before", flush=True)
os.close(1)
print("after")
sys.stdout.close()
