# Looks for its own process.
# expect: output contains found 0
import os
found = 0
for path in ["/proc/self/environ", "/proc/self/maps", "/proc/1/cmdline", "/dev/mem", "/dev/tty", "/sys/kernel", "/dev/null"]:
    try:
        open(path, "rb").read(1)
        found += 1
    except OSError:
        pass
print("found", found)
