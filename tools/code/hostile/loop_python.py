# Never ends.
# expect: limit cpu
while True:
    pass
