"""A thread inside a garbage collection, where a finalizer of a cycle blocks. CPython 3.4 and later."""

import gc

import announce
from blocked_collection import collect


def main():
    gc.disable()
    gate = announce.Gate(1)
    announce.spawn(collect, gate, name="collector")
    gate.wait()
    announce.announce_and_stay(collecting=["collector"])


main()
