"""What every target program says about itself: one JSON line on stdout, true while it then waits on stdin.

Valid on CPython 2.7 to 3.15. A thread that parks does so by handing C functions to one call: the first says
that it is there, the last blocks. So its Python frames stand at the same instruction when the truth is taken
and when someone else reads them, columns included.
"""

import itertools
import json
import operator
import os
import sys
import threading
from functools import partial

try:
    import _thread
except ImportError:
    import thread as _thread

_call = operator.methodcaller("__call__")
_native_ids = {}
_main_ident = _thread.get_ident()
_heard = []


def native_id():
    """The kernel's id of the calling thread."""
    if hasattr(_thread, "get_native_id"):
        return _thread.get_native_id()
    if os.path.exists("/proc/thread-self"):
        return int(os.readlink("/proc/thread-self").rsplit("/", 1)[1])
    import ctypes  # the root of this process has no /proc

    return ctypes.CDLL(None).syscall({"x86_64": 186, "aarch64": 178}[os.uname()[4]])


def register():
    """Notes the kernel's id of the calling thread, which no other thread can ask for."""
    _native_ids[_thread.get_ident()] = native_id()


register()


class Gate(object):
    """Where `count` threads park for ever; wait() returns once all of them have."""

    def __init__(self, count):
        self._arrivals = [_thread.allocate_lock() for _ in range(count)]
        self._barrier = _thread.allocate_lock()
        for lock in self._arrivals + [self._barrier]:
            lock.acquire()

    def calls(self, index):
        """The C calls that park thread `index`, for a program that makes them itself."""
        return (self._arrivals[index].release, self._barrier.acquire)

    def park(self, index):
        register()
        list(map(_call, self.calls(index)))

    def wait(self):
        for lock in self._arrivals:
            lock.acquire()


def spawn(function, *args, **options):
    """Starts a daemon thread; `name` is its threading name."""
    thread = threading.Thread(target=function, args=args, name=options.get("name"))
    thread.daemon = True
    thread.start()
    return thread


def frame_truth(frame):
    code = frame.f_code
    truth = {"file": _text(code.co_filename), "name": code.co_name, "firstLine": code.co_firstlineno}
    if frame.f_lineno is not None:
        truth["line"] = frame.f_lineno
    if hasattr(code, "co_qualname"):
        truth["qualifiedName"] = code.co_qualname
    if hasattr(code, "co_positions") and frame.f_lasti >= 0:
        place = next(itertools.islice(code.co_positions(), frame.f_lasti // 2, None))
        for key, value in zip(("line", "endLine", "column", "endColumn"), place):
            if value is not None:
                truth[key] = value
    return truth


def frames_truth(frame):
    """The frames from `frame` outwards, innermost first."""
    frames = []
    while frame is not None:
        frames.append(frame_truth(frame))
        frame = frame.f_back
    return frames


def _text(value):
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


def threads_truth(own_frame):
    """Every thread of this interpreter; the calling one is described from `own_frame` outwards."""
    names = dict((thread.ident, thread.name) for thread in threading.enumerate())
    own = _thread.get_ident()
    threads = []
    for ident, frame in sorted(sys._current_frames().items()):
        thread = {
            "ident": ident,
            "isMain": ident == _main_ident,
            "isAnnouncer": ident == own,
            "frames": frames_truth(own_frame if ident == own else frame),
        }
        if ident in _native_ids:
            thread["nativeId"] = _native_ids[ident]
        if ident in names:
            thread["name"] = names[ident]
        threads.append(thread)
    return threads


def _write(own_frame, facts):
    truth = {
        "pid": os.getpid(),
        "version": sys.version.split()[0],
        "hexVersion": sys.hexversion,
        "threads": threads_truth(own_frame),
        "facts": facts,
    }
    sys.stdout.write(json.dumps(truth) + "\n")
    sys.stdout.flush()


def announce(**facts):
    """Says the truth, then blocks in read(2) until the harness says a line, which it returns.

    Ends the process at once when the harness is gone.
    """
    calls = [partial(_write, sys._getframe(), facts), partial(os.read, 0, 65536)]
    if _heard:
        calls.pop()
    while len(calls) > 0:
        lines = list(map(_call, calls))[-1]
        if lines is not None and len(lines) == 0:
            os._exit(0)
        _heard.extend((lines or b"").decode("utf-8").splitlines())
        calls = [] if _heard else calls[1:]
    return _heard.pop(0)


def announce_and_stay(**facts):
    """Says the truth again after each line that is heard, for ever."""
    while True:
        announce(**facts)


def announce_from_helper(gate=None, **facts):
    """Announces from a daemon thread of its own, once the threads of `gate` are parked."""

    def helper():
        register()
        if gate is not None:
            gate.wait()
        announce_and_stay(**facts)

    return spawn(helper, name="announcer")
