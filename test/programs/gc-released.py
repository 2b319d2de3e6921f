"""A finalizer that the collector called has let go of the GIL, which another thread took. CPython 3.4 and later."""

import gc

import announce
from blocked_collection import collect


def spin(gate):
    gate.arrive(1)
    while True: pass  # on one line, so that the line of the frame is known


def main():
    gc.disable()
    gate = announce.Gate(2)
    announce.spawn(collect, gate, name="collector")
    announce.spawn(spin, gate, name="spinner")
    gate.wait()
    announce.announce_and_stay(collecting=["collector"], spinning=["spinner"])


main()
