# Starts threads without end.
# expect: any
import threading
for _ in range(100_000):
    threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()
