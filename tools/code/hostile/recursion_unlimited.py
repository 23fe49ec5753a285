# Calls itself after lifting the limit.
# expect: limit stack or limit memory or limit cpu or error RecursionError|MemoryError|ValueError|OverflowError
import sys
sys.setrecursionlimit(10**9)
def again(n):
    return again(n + 1) + 1
again(0)
