# A number with a hundred million digits.
# expect: limit cpu or limit memory or error OverflowError|MemoryError
print(len(str(10**10**8)))
