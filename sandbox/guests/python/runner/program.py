"""Runs the program and its tests, and tells the host what came of them."""

import atexit
import builtins
import itertools
import json
import os
import sys
import types

from . import errors, shims, threads
from .checks import Checks

# As elsewhere. Programs may raise it: some ten thousand calls fit the stack.
RECURSION_LIMIT = 1000

# Longer values say no more to whoever reads them.
VALUE_LIMIT = 10_000


def run(request, last_expression, report):
    """The exit code of the run that `request` asks for.

    `last_expression(source)` says where the last statement begins and ends if it is an expression; `report(text)` hands
    the host the report, of which the last one counts.
    """
    shims.resume()
    request = json.loads(request)
    name = request.get("name") or "main.py"
    code, tests = (request.get("code") or "").replace("\r\n", "\n"), request.get("tests")
    main = _prepare(name, code)
    sys.setrecursionlimit(RECURSION_LIMIT)
    outcome = {"ok": True, "error": None, "value": None, "tests": None}

    exit_code, error, value = _guarded(lambda: _execute(code, name, last_expression(code), main.__dict__))
    if error is None:
        outcome["value"] = _represent(value)
    else:
        outcome["ok"], outcome["error"] = False, errors.summary(error, name)
    if tests is not None:
        checks = Checks(tests, main.__dict__, lambda result: report(json.dumps(outcome | {"tests": result})))
        if error is not None:
            checks.error = f"not run: the program ended with {errors.one_line(error)}"
        else:
            checks.run()
        outcome["tests"] = checks.result()
    threads_ended, _, _ = _guarded(threads.finish)
    ended, _, _ = _guarded(atexit._run_exitfuncs)
    _flush()
    report(json.dumps(outcome))
    return exit_code or threads_ended or ended


def _prepare(name, code):
    """The module that the program runs as."""
    try:
        os.chdir("/box")
    except OSError:
        pass  # a run without files
    sys.argv[:] = [name]
    if "/box" not in sys.path:
        sys.path.insert(0, "/box")
    main = types.ModuleType("__main__")
    main.__file__ = name
    main.__builtins__ = builtins
    sys.modules["__main__"] = main
    errors.remember(name, code)
    return main


def _execute(code, name, last, namespace):
    """Runs the program; the value of its last statement if that is an expression on lines of its own."""
    head = code[: last[0]] if last else code
    if last is None or (head and not head.endswith("\n")):
        exec(compile(code, name, "exec"), namespace)
        return None
    body = compile(head, name, "exec")
    # The empty lines keep the expression where it stands in the file.
    value = compile("\n" * head.count("\n") + code[last[0] : last[1]], name, "eval")
    exec(body, namespace)
    return eval(value, namespace)


def _guarded(action):
    """The exit code, the error and the value of `action`."""
    try:
        return 0, None, action()
    except SystemExit as end:
        if end.code is None or end.code == 0:
            return 0, None, None
        if isinstance(end.code, int):
            return end.code & 0xFF, end, None
        try:
            print(end.code, file=sys.stderr)
        except Exception:
            pass  # the program may have closed it, or put something else in its place
        return 1, end, None
    except BaseException as error:
        errors.explain(error)
        return 1, error, None


def _represent(value):
    if value is None:
        return None
    cut = False
    if type(value) in (list, tuple, set, frozenset, dict, str, bytes) and len(value) > VALUE_LIMIT:
        # Each part gives a character at least.
        some = itertools.islice(value.items() if type(value) is dict else value, VALUE_LIMIT)
        value, cut = "".join(some) if type(value) is str else type(value)(some), True
    try:
        text = repr(value)
    except BaseException as error:
        return f"<{type(value).__name__}, whose repr failed: {errors.one_line(error)}>"
    return text if len(text) <= VALUE_LIMIT and not cut else text[:VALUE_LIMIT] + "…"


def _flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass  # the program may have closed it
