# An error with a very long text.
# expect: error ValueError
raise ValueError("x" * 1_000_000)
