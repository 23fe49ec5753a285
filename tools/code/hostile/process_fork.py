# Forks.
# expect: error AttributeError|OSError|NotImplementedError
import os
while True:
    os.fork()
