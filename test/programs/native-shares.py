"""A thread that computes in three C functions, one of which calls back, and measures its time in each, beside one that sleeps
below two calls of C. What packs is loaded when that is ordered. CPython 2.7 and later.
"""

import hashlib
import time
from functools import partial

import announce

clock = getattr(time, "perf_counter", time.time)

DATA = b"".join(b"%d " % number if hasattr(b"", "__mod__") else str(number) for number in range(60000))
NUMBERS = list(range(6000))
SPENT = {"hashing": 0.0, "sorting": 0.0, "packing": 0.0}


def hashing():
    for _ in range(2):
        hashlib.sha256(DATA).digest()


def negative(number):
    return -number


def sorting():
    sorted(NUMBERS, key=negative)


def packing():
    import zlib

    zlib.compress(DATA, 1)


def compute(gate, orders):
    gate.arrive(0)
    while not orders:
        hashing()
        sorting()
    while True:
        for function in (hashing, sorting, packing):
            begun = clock()
            function()
            SPENT[function.__name__] += clock() - begun


def inner(gate, _):
    gate.park(1, partial(time.sleep, 10.0**6))


def outer(gate, _):
    sorted([1], key=partial(inner, gate))


def sleep(gate):
    sorted([1], key=partial(outer, gate))


def main():
    orders = []
    gate = announce.Gate(2)
    announce.spawn(compute, gate, orders, name="computer")
    announce.spawn(sleep, gate, name="sleeper")
    gate.wait()
    while True:
        if announce.announce(churning=["computer"]) == "pack":
            orders.append("pack")


main()
