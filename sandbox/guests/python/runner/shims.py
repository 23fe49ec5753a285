"""What this interpreter lacks on WASI and programs take for granted."""

import sys

from . import threads


def install(time_zone, time_zones):
    """Before the snapshot. `time_zone(name)` gives the data of a time zone or None, `time_zones()` their names."""
    threads.install()
    _time()
    _os()
    _imports()
    _network()
    _signal()
    _asyncio()
    _executor()
    _zoneinfo(time_zone, time_zones)
    # Long numbers are what a program is written for, and the time that they take is limited in any case.
    sys.set_int_max_str_digits(0)


def resume():
    """At the start of every run: what the snapshot must not repeat."""
    sys.path_importer_cache.clear()
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
    # The time on a processor cannot be asked for; what passed is nearest to it.
    for name in "process_time", "thread_time":
        setattr(time, name, time.perf_counter)
        setattr(time, name + "_ns", time.perf_counter_ns)


def _os():
    """Files have no owners and no rights here; what sets them does nothing to a file that is there."""
    import os

    def chmod(path, mode, *, dir_fd=None, follow_symlinks=True):
        os.stat(path, dir_fd=dir_fd)

    for name, function in {"chmod": chmod, "umask": lambda mask: 0o022, "getppid": lambda: 1}.items():
        if not hasattr(os, name):
            setattr(os, name, function)


def _imports():
    """A module that the program wrote just now is found, though the folder's time of change may still be the same."""
    from importlib.machinery import FileFinder

    find = FileFinder.find_spec

    def find_spec(self, fullname, target=None):
        self._path_mtime = -1
        return find(self, fullname, target)

    FileFinder.find_spec = find_spec


def _network():
    """There is none, and what asks for it is told so."""
    import _socket

    def refuse(*_, **__):
        raise OSError("the sandbox has no network")

    class socket(_socket.socket):
        __slots__ = ()
        __init__ = refuse

    _socket.socket = _socket.SocketType = socket
    for name in "getaddrinfo", "gethostbyname", "gethostname":
        setattr(_socket, name, refuse)


def _zoneinfo(time_zone, time_zones):
    import io
    import zoneinfo._common
    import zoneinfo._tzpath

    def load(key):
        data = time_zone(key)
        if data is None:
            raise zoneinfo.ZoneInfoNotFoundError(f"No time zone found with key {key}")
        return io.BytesIO(data)

    zoneinfo._common.load_tzdata = load
    zoneinfo.available_timezones = zoneinfo._tzpath.available_timezones = lambda: set(time_zones())


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
