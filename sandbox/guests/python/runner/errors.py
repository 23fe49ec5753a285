"""Errors as whoever wrote the program wants to read them: without the frames of this runner, short."""

import linecache
import os
import sys
import traceback

# Lines of the short form; what is longer loses its middle.
TRACE_LINES = 12

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
    if top in sys.stdlib_module_names:
        reason = "this module needs windows, sockets, processes or threads, which this Python has not"
    else:
        reason = "only the standard library is available, and nothing can be installed"
    text = f"No module named {error.name!r} ({reason})"
    error.msg, error.args = text, (text,)


def traceback_of(error):
    """The whole traceback, as Python prints it."""
    return "".join(_shown(error).format())


def summary(error, name):
    """The error in the report."""
    line, text = place(error, name)
    trace = "".join(_shown(error, only_user=True).format()).splitlines()
    if len(trace) > TRACE_LINES:
        trace = trace[:4] + ["  …"] + trace[5 - TRACE_LINES :]
    return {
        "type": type(error).__name__,
        "message": message_of(error),
        "line": line,
        "text": text,
        "trace": "\n".join(trace)[: 2 * MESSAGE_LIMIT],
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
    text = str(text)
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


def _is_user(filename):
    return filename in sources or os.path.abspath(filename).startswith("/box/")


def _shown(error, only_user=False):
    shown = traceback.TracebackException.from_exception(error, compact=True)
    seen = set()

    def cut(part):
        if part is None or id(part) in seen:
            return
        seen.add(id(part))
        frames = list(part.stack)
        first = next((i for i, frame in enumerate(frames) if _is_user(frame.filename)), len(frames))
        frames = frames[first:]
        if only_user:
            frames = [frame for frame in frames if _is_user(frame.filename)]
        part.stack[:] = frames
        cut(part.__cause__)
        cut(part.__context__)
        for inner in part.exceptions or ():
            cut(inner)

    cut(shown)
    return shown
