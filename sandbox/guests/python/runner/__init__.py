"""What a run of the guest means. Frozen into the guest; `main.rs` calls `run` with the request.

Importing this package happens once, before the snapshot: all that is imported here costs a run nothing.
"""

from . import shims

shims.install()

for _name in (
    "abc argparse ast asyncio base64 bisect collections contextlib copy csv dataclasses datetime decimal enum "
    "fractions functools glob hashlib heapq inspect io itertools json linecache logging math operator os pathlib "
    "pprint random re shutil statistics string struct tempfile textwrap time traceback types typing unittest uuid"
).split():
    __import__(_name)
del _name

from .program import run  # noqa: E402  (after the shims)

__all__ = ["run"]
