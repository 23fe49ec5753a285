# Waits for what never comes.
# expect: limit wall or limit cpu or error OSError|ModuleNotFoundError|ImportError|AttributeError|ValueError
import select
select.select([0], [], [], 3600)
select.select([], [], [], 3600)
while True:
    pass
