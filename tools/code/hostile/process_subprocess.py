# Starts a process.
# expect: error ModuleNotFoundError|ImportError|OSError|AttributeError|NotImplementedError|FileNotFoundError|PermissionError
import subprocess
print(subprocess.run(["id"], capture_output=True).stdout)
