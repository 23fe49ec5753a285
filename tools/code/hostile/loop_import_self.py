# A module that imports itself, and the program that reloads it for ever.
# expect: limit cpu or error RecursionError|ImportError or limit stack
import importlib
open("again.py", "w").write("import importlib, again\nimportlib.reload(again)\n")
import again
while True:
    importlib.reload(again)
