# One line of a hundred megabytes.
# expect: limit output or limit memory
print("x" * 10**8)
