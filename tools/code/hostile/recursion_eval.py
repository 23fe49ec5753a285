# Parentheses without measure.
# expect: limit stack or limit memory or limit cpu or error RecursionError|MemoryError|SyntaxError
print(eval("(" * 50_000 + "1" + ")" * 50_000))
