# Traces whatever comes after it.
# expect: any
import sys
def trace(*arguments):
    raise RuntimeError("traced")
sys.settrace(trace)
sys.setprofile(trace)
sys.excepthook = trace
def function():
    pass
function()
