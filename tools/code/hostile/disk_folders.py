# Folders in folders without end.
# expect: limit files or error OSError
import os
while True:
    os.mkdir("d" * 100)
    os.chdir("d" * 100)
