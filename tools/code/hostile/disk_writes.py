# Writes without end.
# expect: limit disk
with open("full", "wb") as file:
    while True:
        file.write(b"x" * 100_000)
