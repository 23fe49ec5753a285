# Starts processes by the library.
# expect: error ModuleNotFoundError|ImportError|OSError|AttributeError|NotImplementedError
import multiprocessing
multiprocessing.Pool(4).map(print, range(10))
