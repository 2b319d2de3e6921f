"""A garbage collection that blocks in the finalizer of a cycle. CPython 3.4 and later."""

import gc


class Blocking(object):
    def __init__(self, gate):
        self.gate = gate
        self.cycle = self

    def __del__(self):
        self.gate.park(0)


def collect(gate):
    Blocking(gate)
    gc.collect()
