# One object larger than the memory.
# expect: limit memory
data = bytearray(10**9)
