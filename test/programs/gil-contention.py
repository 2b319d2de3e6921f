"""Three threads that compute without end, one that sleeps, and a main thread that waits. CPython 2.7 and later.

A spinner's line is always that of its loop; its columns change.
"""

import sys
import time
from functools import partial

import announce

SPINNERS = 3


def spin():
    while True: pass  # on one line, so that the line of the frame is known


def compute(gate, index):
    gate.arrive(index)
    spin()


def sleep(gate, index):
    gate.park(index, partial(time.sleep, 10.0 ** 6))


def is_spinning(thread):
    return sys._current_frames()[thread.ident].f_code is spin.__code__


def main():
    gate = announce.Gate(SPINNERS + 1)
    spinners = [announce.spawn(compute, gate, index, name="spinner-%d" % index) for index in range(SPINNERS)]
    announce.spawn(sleep, gate, SPINNERS, name="sleeper")
    gate.wait()
    while not all(is_spinning(thread) for thread in spinners):
        time.sleep(0.001)
    announce.announce_and_stay(spinning=[thread.name for thread in spinners], sleeping=["sleeper"])


main()
