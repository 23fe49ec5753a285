# Closes descriptors, also those that it did not open, and uses them afterwards.
# expect: any
import os
for fd in list(range(3, 40)):
    try:
        os.close(fd)
    except OSError:
        pass
try:
    os.dup2(1, 5)
except (OSError, AttributeError):
    pass
print(open("x.txt", "w").write("x"))
