# An expression without measure.
# expect: limit stack or limit memory or limit cpu or error RecursionError|MemoryError|SyntaxError
exec("x = " + "+".join(["1"] * 200_000) + "\ny = " + "-" * 100_000 + "1")
