# Raises what few catch.
# expect: error Odd
class Odd(BaseException):
    pass
raise Odd("x")
