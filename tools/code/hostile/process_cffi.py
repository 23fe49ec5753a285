# Calls a C library by the other way.
# expect: error ModuleNotFoundError|ImportError
import cffi
cffi.FFI().dlopen(None)
