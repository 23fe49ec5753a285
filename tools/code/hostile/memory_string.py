# A string that doubles.
# expect: limit memory
text = "x"
while True:
    text += text
