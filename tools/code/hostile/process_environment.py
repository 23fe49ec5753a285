# Looks for secrets in the environment, the arguments and the interpreter.
# expect: output contains environment
# must not: PATH|HOME|/root|/home
import os, sys
print("environment", dict(os.environ), sys.argv, sys.executable, sys.prefix)
