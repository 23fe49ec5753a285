# Never ends in native code.
# expect: limit cpu
import itertools
sum(itertools.count())
