"""
Wakes every millisecond from an epoll_wait(2), which no pause ends early, until it is told to end. With a library of adding-thread.c
it sleeps in poll(2) instead, which a pause does end, and a thread of C adds pending calls from an epoll_wait(2); what became of them is
said at the end. CPython 3.6 and later.
"""

import ctypes
import json
import os
import select
import sys
import time

PATIENCE_SECONDS = 20


def say(**facts):
    print(json.dumps({"pid": os.getpid(), "threads": [], "facts": facts}), flush=True)


def start_adding(path):
    library = ctypes.CDLL(path)
    for name in ("added_calls", "made_calls", "disordered_calls"):
        getattr(library, name).restype = ctypes.c_int64
    library.start_adding(ctypes.cast(ctypes.pythonapi.Py_AddPendingCall, ctypes.c_void_p))
    return library


def end_adding(library):
    library.stop_adding()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while library.made_calls() < library.added_calls() and time.monotonic() < deadline:
        time.sleep(0.001)
    say(added=library.added_calls(), made=library.made_calls(), disordered=library.disordered_calls())


library = start_adding(sys.argv[1]) if len(sys.argv) > 1 else None
sleeper, seconds = (select.epoll(), 0.001) if library is None else (select.poll(), 1)
sleeper.register(sys.stdin, 1)
say(scratch=os.environ["PYFLIGHT_SCRATCH"])
while not (sleeper.poll(seconds) and os.read(0, 100)):
    pass
if library is not None:
    end_adding(library)
