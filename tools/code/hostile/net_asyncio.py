# Opens a connection by asyncio.
# expect: error ModuleNotFoundError|ImportError|OSError|AttributeError|NotImplementedError|RuntimeError|TypeError|gaierror
import asyncio
asyncio.run(asyncio.open_connection("127.0.0.1", 22))
print("connected")
