# Never ends, and catches whatever might end it.
# expect: limit cpu
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
