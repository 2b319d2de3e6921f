"""A thread inside a garbage collection, where a finalizer of a cycle blocks. CPython 3.4 and later."""

import gc

import announce


class Blocking(object):
    def __init__(self, gate):
        self.gate = gate
        self.cycle = self

    def __del__(self):
        self.gate.park(0)


def collect(gate):
    Blocking(gate)
    gc.collect()


def main():
    gc.disable()
    gate = announce.Gate(1)
    announce.spawn(collect, gate, name="collector")
    gate.wait()
    announce.announce_and_stay(collecting=["collector"])


main()
