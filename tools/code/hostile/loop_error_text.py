# Never ends when its error is shown.
# expect: limit cpu
class Endless(Exception):
    def __str__(self):
        while True:
            pass
raise Endless
