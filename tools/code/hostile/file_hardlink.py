# Makes a hard link to a file outside.
# expect: error OSError|PermissionError|FileNotFoundError|AttributeError
# must not: CANARY
import os
os.link("../secret.txt", "link")
print(open("link").read())
