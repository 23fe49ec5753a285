# Plays with the collector.
# expect: any
import gc
gc.disable()
gc.set_threshold(1, 1, 1)
class Phoenix:
    def __del__(self):
        global last
        last = self
        Phoenix()
for _ in range(10):
    Phoenix()
    gc.collect()
for thing in gc.get_objects():
    try:
        thing.clear()
    except BaseException:
        pass
