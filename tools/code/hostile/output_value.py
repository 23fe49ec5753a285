# A value with a very long text.
# expect: ok or limit memory
list(range(1_000_000))
