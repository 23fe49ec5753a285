# Makes a link to a file outside, and follows it.
# expect: output contains refused 3
# must not: CANARY
import os
refused = 0
for target in ["../secret.txt", "/etc/passwd", "a/../../secret.txt"]:
    try:
        os.symlink(target, "link")
        print(open("link").read())
    except (OSError, NotImplementedError, AttributeError):
        refused += 1
    try:
        os.remove("link")
    except OSError:
        pass
print("refused", refused)
