# Puts something else in place of its output.
# expect: any
import sys
class Odd:
    def write(self, text):
        raise RuntimeError("no")
    def flush(self):
        raise RuntimeError("no")
sys.stdout = sys.stderr = Odd()
print("x")
