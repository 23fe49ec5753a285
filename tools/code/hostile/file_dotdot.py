# Climbs out of the folder, by names that resolve to the parent in different ways.
# expect: output contains refused 6
# must not: CANARY
import os
os.makedirs("a/b", exist_ok=True)
refused = 0
for path in ["../secret.txt", "a/../../secret.txt", "/box/../secret.txt", "a/b/../../../secret.txt", "./../secret.txt",
             "..//secret.txt"]:
    try:
        print(open(path).read())
    except OSError:
        refused += 1
print("refused", refused)
