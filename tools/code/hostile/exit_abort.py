# Aborts.
# expect: failure
import os
os.abort()
