# Sleeps for an hour, without blocking.
# expect: limit wall
import asyncio
asyncio.run(asyncio.sleep(3600))
