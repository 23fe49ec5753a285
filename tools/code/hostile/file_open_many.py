# Opens as many files as it can.
# expect: error OSError or limit files
files = [open(f"{n}.txt", "w") for n in range(100_000)]
