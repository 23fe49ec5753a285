# Climbs up the frames of the runner.
# expect: any
import sys
frame = sys._getframe()
while frame.f_back:
    frame = frame.f_back
    for name, value in list(frame.f_locals.items()):
        if callable(value):
            try:
                value("{}")
            except BaseException:
                pass
print("climbed")
