# Changes the directory to the root and to the parent, and looks around.
# expect: output contains looked
# must not: CANARY|etc|home|usr
import os
for folder in ["/", "..", "/etc"]:
    try:
        os.chdir(folder)
        print(sorted(os.listdir(".")))
        print(open("secret.txt").read())
    except OSError as error:
        print(type(error).__name__)
print("looked")
