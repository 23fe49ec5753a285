# Becomes another program, by each of the ways.
# expect: output contains impossible
import os
for name in ["execv", "execve", "execvp", "posix_spawn", "spawnv", "popen", "startfile"]:
    try:
        getattr(os, name)("/bin/sh", ["sh", "-c", "id"])
        print("possible", name)
    except (AttributeError, OSError, TypeError, NotImplementedError, ImportError, NameError, ValueError):
        pass
print("impossible")
