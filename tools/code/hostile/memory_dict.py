# A dictionary without end.
# expect: limit memory or limit cpu
data, n = {}, 0
while True:
    data[n] = str(n)
    n += 1
