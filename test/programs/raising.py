"""A thread that spends its time in and out of handlers of exceptions, and measures it in each of them, and two that sleep: one in
an except clause and one behind it. CPython 2.7 and later.
"""

import time
from functools import partial

import announce

clock = getattr(time, "perf_counter", time.time)

SPENT = {"handling": 0.0, "leaving": 0.0, "generating": 0.0, "cleaning": 0.0, "resumed": 0.0}


def spin(milliseconds, part=None):
    begun = clock()
    end = begun + milliseconds / 1000.0
    while clock() < end:
        for _ in range(30):
            pass
    if part is not None:
        SPENT[part] += clock() - begun


def fail():
    raise ValueError("on purpose")


def plain():
    spin(4)


def handling():
    try:
        fail()
    except ValueError:
        spin(2, "handling")


def cleaning():
    try:
        fail()
    finally:
        spin(1, "cleaning")


class Leaving(object):
    def __enter__(self):
        return self

    def __exit__(self, *about):
        spin(1, "leaving")
        return True


def leaving():
    with Leaving():
        fail()


def numbers():
    for number in range(2):
        spin(0.5, "generating")
        yield number


def generating():
    try:
        fail()
    except ValueError:
        for _ in numbers():
            pass


def keeper():
    try:
        fail()
    except ValueError:
        yield "kept"
        resumed()
    yield "over"


def resumed():
    spin(1, "resumed")


def between():
    spin(1)


def keeping():
    kept = keeper()
    next(kept)
    between()
    next(kept)


def swallowed(function):
    try:
        function()
    except ValueError:
        pass


def work(gate):
    gate.arrive(0)
    while True:
        for function in (plain, handling, leaving, generating, keeping):
            function()
        swallowed(cleaning)


def sleeping_handler(gate):
    try:
        fail()
    except ValueError:
        gate.park(1, partial(time.sleep, 10.0**6))


def sleeping_behind(gate):
    swallowed(fail)
    gate.park(2, partial(time.sleep, 10.0**6))


def main():
    gate = announce.Gate(3)
    announce.spawn(work, gate, name="worker")
    announce.spawn(sleeping_handler, gate, name="handler")
    announce.spawn(sleeping_behind, gate, name="behind")
    gate.wait()
    while True:
        announce.announce(churning=["worker"])


main()
