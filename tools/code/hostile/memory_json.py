# A document that is nested without measure.
# expect: limit memory or limit stack or limit cpu or error RecursionError|JSONDecodeError|MemoryError
import json
json.loads("[" * 100_000 + "]" * 100_000)
