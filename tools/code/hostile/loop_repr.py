# Never ends when its value is shown.
# expect: limit cpu
class Endless:
    def __repr__(self):
        while True:
            pass
Endless()
