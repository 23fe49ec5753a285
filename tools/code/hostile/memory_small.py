# Small objects without end.
# expect: limit memory or limit cpu
data = []
while True:
    data.append([len(data)])
