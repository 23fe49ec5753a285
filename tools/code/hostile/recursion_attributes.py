# Attributes that ask for themselves.
# expect: error RecursionError or limit stack
class Odd:
    def __getattr__(self, name):
        return getattr(self, name + "x")
    def __eq__(self, other):
        return other == self
print(Odd() == Odd(), Odd().name)
