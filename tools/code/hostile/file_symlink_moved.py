# Makes a link that is harmless where it lies, and moves it to where it would not be.
# expect: error OSError|PermissionError|FileNotFoundError|AttributeError|NotADirectoryError or output contains refused
# must not: CANARY
import os
os.makedirs("a/b")
os.symlink("../secret.txt", "a/b/link")
os.rename("a/b/link", "link")
print(open("link").read())
