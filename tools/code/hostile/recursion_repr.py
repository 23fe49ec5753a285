# A list that is nested without measure, shown.
# expect: limit stack or limit cpu or error RecursionError|MemoryError
data = []
for _ in range(100_000):
    data = [data]
print(len(repr(data)))
