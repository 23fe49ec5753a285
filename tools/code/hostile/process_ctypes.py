# Calls a C library.
# expect: error ModuleNotFoundError|ImportError|AttributeError|OSError
import ctypes
ctypes.CDLL("libc.so.6").system(b"id")
ctypes.string_at(0)
