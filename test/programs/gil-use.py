"""Threads that hold the GIL for known times, that compute, and that sleep. CPython 2.7 and later.

It says when it is there, and on each line of its input when the GIL was held by the thread that keeps it in C, and
when another had slept and got it again.
With `own-gil` an interpreter that has a GIL of its own computes too (3.12 and later).
"""

import ctypes
import functools
import json
import operator
import sys
import threading
import time

keep_gil = ctypes.PyDLL(None).usleep
kept = []
naps = []


def keep_in_c():
    """No bytecode runs between the looks at the clock, where another thread could get the GIL."""
    began, _, ended = map(operator.methodcaller("__call__"), (time.time, functools.partial(keep_gil, 20000), time.time))
    kept.append((began, ended))


def holder():
    while True:
        keep_in_c()
        time.sleep(0.05)


def spin():
    while True:
        pass


def napper():
    while True:
        time.sleep(0.01)
        naps.append(time.time())


def own_gil():
    try:
        import _interpreters as interpreters  # 3.13
    except ImportError:
        import _xxsubinterpreters as interpreters
    interpreters.run_string(interpreters.create(), "for _ in iter(int, 1): pass")


def say():
    print(json.dumps({"kept": kept, "naps": naps}))
    sys.stdout.flush()


def start(name, function, *args):
    thread = threading.Thread(name=name, target=function, args=args)
    thread.daemon = True
    thread.start()


start("holder", holder)
start("spin-1", spin)
start("spin-2", spin)
start("napper", napper)
start("sleeper", time.sleep, 1000)
if "own-gil" in sys.argv:
    start("elsewhere", own_gil)
say()
for _ in iter(sys.stdin.readline, ""):
    say()
