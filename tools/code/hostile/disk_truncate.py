# A file that is made long.
# expect: limit disk
with open("long", "wb") as file:
    file.truncate(5 * 10**9)
