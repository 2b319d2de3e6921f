"""A thread that computes in three functions and measures its time in each, a pool that sleeps, and a main thread that
waits. When it is told to, the computing thread changes to recursive calls of two families, as fast as it can: a stack
that has calls of both was never there. Then to generators that yield all the time. CPython 2.7 and later.
"""

import time
from functools import partial

import announce

clock = getattr(time, "perf_counter", time.time)

SLEEPERS = 20
SPENT = {"heavy": 0.0, "medium": 0.0, "light": 0.0}


def spin(seconds):
    end = clock() + seconds
    while clock() < end:
        for _ in range(30):
            pass


def heavy():
    spin(0.0014)


def medium():
    spin(0.0004)


def light():
    spin(0.0002)


def odd(depth):
    if depth:
        odd(depth - 1)


def even(depth):
    if depth:
        even(depth - 1)


def innermost_generator():
    for number in range(50):
        yield number


def middle_generator():
    for number in innermost_generator():
        yield number


def outer_generator():
    for number in middle_generator():
        yield number


def compute(gate, orders):
    gate.arrive(0)
    while not orders:
        for function in (heavy, medium, light):
            begun = clock()
            function()
            SPENT[function.__name__] += clock() - begun
    while len(orders) < 2:
        odd(15)
        even(15)
    while True:
        for _ in outer_generator():
            pass


def sleep(gate, index):
    gate.park(index, partial(time.sleep, 10.0**6))


def main():
    orders = []
    gate = announce.Gate(1 + SLEEPERS)
    announce.spawn(compute, gate, orders, name="computer")
    for index in range(SLEEPERS):
        announce.spawn(sleep, gate, 1 + index, name="sleeper-%d" % index)
    gate.wait()
    while True:
        order = announce.announce(churning=["computer"])
        if order in ("recurse", "generate"):
            orders.append(order)


main()
