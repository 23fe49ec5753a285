# A regular expression that is nested without measure.
# expect: limit stack or limit cpu or error RecursionError|PatternError|OverflowError|MemoryError
import re
re.compile("(" * 10_000 + "a" + ")" * 10_000)
