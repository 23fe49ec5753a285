"""Errors as whoever wrote the program wants to read them: without the frames of this runner, short."""

import linecache
import os
import re
import sys
import traceback
import types

# Frames that are shown of one traceback: its beginning and its end.
FIRST, LAST = 1, 3

# Lines of a traceback with all that led to it; what is longer loses its middle.
TRACE_LINES = 15

MESSAGE_LIMIT = 2_000

# The names of the files that came with the request.
sources = set()


def remember(name, source):
    """Lets tracebacks show the lines of what is no file."""
    sources.add(name)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)


def explain(error):
    """Adds what the interpreter cannot know: why a module is not there."""
    if not isinstance(error, ModuleNotFoundError) or not error.name or error.path is not None:
        return
    top = error.name.partition(".")[0]
    if top == "pytest":
        reason = "tests run without it: assert, functions named test_*, classes of unittest"
    elif top in sys.stdlib_module_names:
        reason = "this part of the standard library is not in the sandbox"
    else:
        reason = "only the standard library is available, and nothing can be installed"
    text = f"No module named {error.name!r} ({reason})"
    error.msg, error.args = text, (text,)


def summary(error, name):
    """The error in the report."""
    line, text = place(error, name)
    return {
        "type": type(error).__name__,
        "message": message_of(error),
        "line": line,
        "text": text,
        "trace": None if isinstance(error, SystemExit) else _trace(error),
    }


def one_line(error):
    """`NameError: name 'x' is not defined`."""
    message = message_of(error)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def message_of(error):
    """The message without what a traceback adds."""
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:
        text = "<no text>"
    text = _plain(str(text).strip())
    return text if len(text) <= MESSAGE_LIMIT else text[:MESSAGE_LIMIT] + "…"


def place(error, name):
    """The last line of the file `name` that had a part in it, and its text."""
    line = None
    if isinstance(error, SyntaxError) and error.filename == name:
        line = error.lineno
    else:
        step = error.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename == name:
                line = step.tb_lineno
            step = step.tb_next
    return line, linecache.getline(name, line).strip() if line else None


def _trace(error):
    """The traceback: the program's own frames, few of them."""
    try:
        prune(error)
        shown = traceback.TracebackException.from_exception(error, compact=True)
        _leave_out(shown, set())
        lines = _plain("".join(shown.format())).splitlines()
    except BaseException:
        return None
    if len(lines) > TRACE_LINES:
        half = TRACE_LINES // 2
        lines = lines[:half] + ["  …"] + lines[-half:]
    return "\n".join(lines)[: 2 * MESSAGE_LIMIT]


def prune(error, seen=None):
    """Takes the frames out of a traceback that nobody will see, before each is looked up: recursion has thousands."""
    seen = set() if seen is None else seen
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    kept = []
    step = error.__traceback__
    while step is not None:
        if _is_user(step.tb_frame.f_code.co_filename):
            kept.append(step)
        step = step.tb_next
    if len(kept) > FIRST + LAST:
        # One more than are shown, so that it is seen that there are more.
        kept = kept[: FIRST + 1] + kept[-LAST:]
    chain = None
    for step in reversed(kept):
        chain = types.TracebackType(chain, step.tb_frame, step.tb_lasti, step.tb_lineno)
    error.__traceback__ = chain
    prune(error.__cause__, seen)
    prune(error.__context__, seen)
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            prune(inner, seen)


class _Stack(traceback.StackSummary):
    def format(self, **options):
        head, tail = traceback.StackSummary(self[:FIRST]), traceback.StackSummary(self[-LAST:])
        return [*head.format(**options), "  …\n", *tail.format(**options)]


def _leave_out(shown, seen):
    if shown is None or id(shown) in seen:
        return
    seen.add(id(shown))
    if len(shown.stack) > FIRST + LAST:
        shown.stack = _Stack(shown.stack)
    _leave_out(shown.__cause__, seen)
    _leave_out(shown.__context__, seen)
    for inner in shown.exceptions or ():
        _leave_out(inner, seen)


def _is_user(filename):
    """Whether it came with the request, lies in the folder, or was made by the program from a text."""
    if filename in sources or filename.startswith("<") and not filename.startswith("<frozen"):
        return True
    return filename.endswith(".py") and os.path.abspath(filename).startswith("/box/")


def _plain(text):
    """Without the second number that this interpreter adds to an error of the system."""
    return re.sub(r" \(os error \d+\)", "", text)
