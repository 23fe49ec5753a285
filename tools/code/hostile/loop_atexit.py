# Never ends, after its end.
# expect: limit cpu
import atexit
atexit.register(lambda: [None for _ in iter(int, 1)])
print("ended")
