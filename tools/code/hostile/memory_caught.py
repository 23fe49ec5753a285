# Fills the memory, and goes on when it is told so.
# expect: limit memory or limit cpu
data = []
while True:
    try:
        data.append(bytearray(10**7))
    except MemoryError:
        pass
