# Never ends in a destructor.
# expect: limit cpu
class Endless:
    def __del__(self):
        while True:
            pass
thing = Endless()
del thing
