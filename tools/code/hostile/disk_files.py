# Files without end.
# expect: limit files
n = 0
while True:
    open(f"{n}.txt", "w").close()
    n += 1
