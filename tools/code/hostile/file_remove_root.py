# Removes the folder that it works in, and all that is above it.
# expect: output contains done
import os, shutil
for path in ["/box", "..", "/", "."]:
    shutil.rmtree(path, ignore_errors=True)
    try:
        os.rename(path, "/gone")
    except OSError:
        pass
print("done")
