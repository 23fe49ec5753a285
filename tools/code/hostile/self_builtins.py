# Tramples on what everything is made of.
# expect: any
import builtins
for name in list(vars(builtins)):
    if name != "setattr" and name != "builtins":
        setattr(builtins, name, None)
