"""Does what it is told, a line of Python each, on the main thread, and says so: the moment at which an agent can come in
without any signal in between. What is evaluated by `answer` is said.
"""

import functools
import json
import os
import stat
import sys
import threading
import time

MODULES = set(sys.modules)


class Shape:
    def __init__(self, sides):
        self.sides = sides


class Square(Shape):
    def __repr__(self):
        raise RuntimeError("no picture")


shapes = [Square(4), Shape(3)]
loop = [1]
loop.append(loop)


class Lazy:
    """Finds out what it stands for when it is asked for its class, as Django's lazy objects do, with a query."""

    asked = []

    @property
    def __class__(self):
        self.asked.append(True)
        return type


lazy = Lazy()
hostile = "\x1b[2J\udc80"


@functools.lru_cache(maxsize=2)
def doubled(sides):
    return 2 * sides


# CPython 3.6 remembers it in an object whose class was never made ready: it has no bases and no names.
doubled(4)


def fail():
    raise ValueError("it fails")


def spin():
    while True:
        pass


def say(**facts):
    facts["pid"] = os.getpid()
    print(json.dumps(facts))
    sys.stdout.flush()


def load(path):
    with open(path, encoding="utf-8") as lines:
        exec(lines.read(), {"__name__": "__main__"})


def modules():
    return sorted(set(sys.modules) - MODULES)


def facts():
    return {
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "names": sorted(globals()),
        "streams": [sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__],
    }


def fork():
    """The child obeys from here on, until it is told to end; its parent waits for that."""
    pid = os.fork()
    if pid == 0:
        say()
    else:
        os.waitpid(pid, 0)


def zombie():
    """A child that has ended and that nobody waits for."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return pid


def beside(function):
    threading.Thread(target=function, daemon=True).start()


def fork_when(path):
    """The child lives on in this thread, and says so when it could have run whatever waited in its parent."""
    while not os.path.exists(path):
        time.sleep(0.001)
    if os.fork() == 0:
        for _ in range(100):
            time.sleep(0.001)
        say()
        time.sleep(1000)


def sockets():
    """Open sockets beside the standard streams; a root of its own may have no /proc to ask."""
    found = 0
    for fd in range(3, 100):
        try:
            found += stat.S_ISSOCK(os.fstat(fd).st_mode)
        except OSError:
            pass
    return found


say()
for line in iter(sys.stdin.readline, ""):
    exec(line)
