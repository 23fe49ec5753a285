# Writes without end, to one file after another, each removed.
# expect: limit disk or limit files
import os
while True:
    with open("full", "wb") as file:
        file.write(b"x" * 1_000_000)
    os.remove("full")
