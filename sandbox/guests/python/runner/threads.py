"""Threads where there are none.

A thread that was started runs when another waits (for it, for a queue, an event, a condition, or by sleeping) or when the
program ends, and then it runs to its own end. What would have to go on in two threads at once cannot be had.
"""

import collections
import contextvars
import threading
import time

from . import errors

_real_sleep = time.sleep

# Started and not running yet, in that order.
_ready = collections.deque()
# Those that run, each inside of a wait of the one before.
_running = []
# When the sleep of the main thread ends, inside of which others run.
_wakes = None


def install():
    # The native one cannot say who owns it, which conditions ask.
    threading._CRLock = None
    threading.Thread.start = _start
    threading.Thread.join = _join
    threading.Thread.is_alive = lambda self: self in _ready or self in _running
    threading.Condition.wait = _wait
    time.sleep = _sleep


def finish():
    """At the end of the program, which waits for its threads."""
    while _ready:
        if _ready[0].daemon:
            _ready.popleft()
        else:
            _run(_ready[0])


def _start(self):
    if not self._initialized:
        raise RuntimeError("thread.__init__() not called")
    if self._started.is_set():
        raise RuntimeError("threads can only be started once")
    if self._context is None:
        self._context = contextvars.Context()
    self._started.set()
    _ready.append(self)


def _join(self, timeout=None):
    if not self._initialized:
        raise RuntimeError("Thread.__init__() not called")
    if not self._started.is_set():
        raise RuntimeError("cannot join thread before it is started")
    if self in _running:
        if self is _running[-1]:
            raise RuntimeError("cannot join current thread")
        raise _never()
    while self in _ready:
        _run(_ready[0])


def _run(thread):
    _ready.remove(thread)
    number = thread._ident = threading.get_ident()
    outer = threading._active.get(number, threading._main_thread)
    threading._active[number] = thread
    _running.append(thread)
    try:
        thread._context.run(thread.run)
    except BaseException as error:
        errors.prune(error)
        thread._invoke_excepthook(thread)
    finally:
        _running.pop()
        threading._active[number] = outer


def _wait(self, timeout=None):
    """In place of `Condition.wait`, which all the others are made of."""
    if not self._is_owned():
        raise RuntimeError("cannot wait on un-acquired lock")
    waiter = threading.Lock()
    waiter.acquire()
    self._waiters.append(waiter)
    saved = self._release_save()
    try:
        while waiter.locked():
            if _ready:
                _run(_ready[0])
            elif timeout is None:
                raise _never()
            else:
                _sleep(max(timeout, 0))
                break
        return not waiter.locked()
    finally:
        self._acquire_restore(saved)
        if waiter in self._waiters:
            self._waiters.remove(waiter)


def _sleep(seconds, /):
    global _wakes
    if not _running:
        _wakes = time.monotonic() + seconds if seconds >= 0 else None
        while _ready:
            _run(_ready[0])
        if _wakes is not None:
            seconds = max(_wakes - time.monotonic(), 0)
        _wakes = None
    elif _running[-1].daemon and _wakes is not None and time.monotonic() + seconds > _wakes:
        # The main thread would wake up before, and a daemon ends with it.
        raise SystemExit
    _real_sleep(seconds)


def _never():
    """What ends a wait for something that cannot happen any more: the thread quietly, the program with an error."""
    if _running:
        return SystemExit()
    return RuntimeError("deadlock: nothing is left that could end this wait (threads run one after another here)")
