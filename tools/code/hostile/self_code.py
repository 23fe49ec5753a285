# Bytecode that is none.
# expect: any
def function():
    return 1
function.__code__ = function.__code__.replace(co_code=b"\xff" * 64, co_stacksize=0, co_consts=())
print(function())
