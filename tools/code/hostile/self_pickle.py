# A pickle that runs a shell.
# expect: error AttributeError|ModuleNotFoundError|ImportError|UnpicklingError|OSError
# must not: uid=
import pickle
pickle.loads(b"cos\nsystem\n(S'id'\ntR.")
