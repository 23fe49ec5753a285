# Opens a directory as a file, and writes to it.
# expect: error IsADirectoryError|PermissionError|OSError
import os
os.mkdir("folder")
open("folder", "w").write("x")
