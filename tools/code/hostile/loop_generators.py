# A tower of generators.
# expect: limit cpu or limit memory or limit stack or error RecursionError|MemoryError
def tower(inner):
    yield from inner
generator = iter(int, 1)
for _ in range(100_000):
    generator = tower(generator)
print(sum(generator))
