# Sorts more than there is.
# expect: limit cpu or limit memory or error MemoryError
print(sorted(range(10**9), key=lambda n: -n)[0])
