# Runs a shell.
# expect: error AttributeError|OSError|NotImplementedError
# must not: uid=
import os
print(os.system("id > id.txt"))
print(open("id.txt").read())
