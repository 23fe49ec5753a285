# A regular expression that backtracks for ever.
# expect: limit cpu
import re
print(re.match("(a+)+$", "a" * 40 + "b"))
