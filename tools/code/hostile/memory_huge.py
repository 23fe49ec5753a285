# One object larger than there can be.
# expect: limit memory or error MemoryError|OverflowError
data = [0] * 10**18
