"""What a run of the guest means. Frozen into the guest; `main.rs` calls `run` with the request.

`start` is called once, before the snapshot: all that is imported there costs a run nothing.
"""

_MODULES = (
    "abc argparse ast asyncio base64 bisect collections contextlib copy csv dataclasses datetime decimal enum "
    "fractions functools glob hashlib heapq inspect io itertools json linecache logging math operator os pathlib "
    "pprint queue random re shutil statistics string struct tempfile textwrap threading time traceback types typing "
    "unittest uuid"
).split()


def start(time_zone, time_zones):
    from . import shims

    shims.install(time_zone, time_zones)
    for name in _MODULES:
        __import__(name)
    from . import program  # noqa: F401  (it is there then)


def run(request, last_expression, report):
    from . import program

    return program.run(request, last_expression, report)
