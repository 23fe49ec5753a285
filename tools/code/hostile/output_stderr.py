# Prints errors without end.
# expect: limit output
import sys
while True:
    print("x" * 1000, file=sys.stderr)
