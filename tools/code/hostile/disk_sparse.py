# A file with a hole of gigabytes.
# expect: limit disk
with open("sparse", "wb") as file:
    file.seek(5 * 10**9)
    file.write(b"x")
