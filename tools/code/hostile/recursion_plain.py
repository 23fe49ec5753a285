# Calls itself.
# expect: error RecursionError
def again(n):
    return again(n + 1) + 1
again(0)
