# A short format with a long result.
# expect: limit memory or error MemoryError|OverflowError|ValueError
print(len("%999999999d" % 1), len(f"{1:>999999999}"))
