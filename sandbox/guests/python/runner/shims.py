"""What this interpreter lacks on WASI and programs take for granted."""

import sys


def install():
    """Before the snapshot."""
    _time()
    _signal()
    _asyncio()
    _executor()


def resume():
    """At the start of every run: what the snapshot must not repeat."""
    import os
    import random
    import tempfile

    random.seed(int.from_bytes(os.urandom(32), "little"))
    tempfile.tempdir = None
    tempfile._name_sequence = None
    # Lines leave at once, so that a program which is stopped has shown what it printed before.
    sys.stdout.reconfigure(line_buffering=True)


def _time():
    import time

    if not hasattr(time, "tzname"):
        time.tzname = ("UTC", "UTC")
        time.timezone = time.altzone = time.daylight = 0
    if not hasattr(time, "tzset"):
        time.tzset = lambda: None


def _signal():
    """There are no signals; handlers may be set and are never called."""
    import signal

    if hasattr(signal, "SIGINT"):
        return
    handlers = {}

    def default_int_handler(number, frame):
        raise KeyboardInterrupt

    def set_handler(number, handler):
        previous = handlers.get(number, 0)
        handlers[number] = handler
        return previous

    for name, number in {"SIGINT": 2, "SIGABRT": 6, "SIGALRM": 14, "SIGTERM": 15}.items():
        setattr(signal, name, number)
    signal.SIG_DFL, signal.SIG_IGN = 0, 1
    signal.default_int_handler = default_int_handler
    signal.getsignal = lambda number: handlers.get(number, 0)
    signal.signal = set_handler
    signal.set_wakeup_fd = lambda fd, **_: -1


def _asyncio():
    """An event loop that waits by sleeping: there is nothing else that could happen meanwhile."""
    import asyncio.base_events
    import asyncio.selector_events
    import selectors
    import time

    class Sleeping(selectors._BaseSelectorImpl):
        def select(self, timeout=None):
            if timeout is None:
                raise RuntimeError("asyncio: every task waits for something that can no longer happen")
            if timeout > 0:
                time.sleep(timeout)
            return []

    def run_in_executor(self, executor, function, *arguments):
        future = self.create_future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    selectors.DefaultSelector = Sleeping
    loop = asyncio.selector_events.BaseSelectorEventLoop
    loop._make_self_pipe = loop._close_self_pipe = loop._write_to_self = lambda self: None
    asyncio.base_events.BaseEventLoop.run_in_executor = run_in_executor


def _executor():
    """Without threads, a pool does its work when it is given it."""
    import concurrent.futures
    import concurrent.futures.thread

    class ThreadPoolExecutor(concurrent.futures.Executor):
        def __init__(self, max_workers=None, thread_name_prefix="", initializer=None, initargs=()):
            if initializer is not None:
                initializer(*initargs)

        def submit(self, function, /, *arguments, **keywords):
            future = concurrent.futures.Future()
            future.set_running_or_notify_cancel()
            try:
                future.set_result(function(*arguments, **keywords))
            except Exception as error:
                future.set_exception(error)
            return future

    concurrent.futures.ThreadPoolExecutor = ThreadPoolExecutor
    concurrent.futures.thread.ThreadPoolExecutor = ThreadPoolExecutor
