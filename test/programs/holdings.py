"""What holds what, how large it is, and what obmalloc says of its arenas. CPython 2.7 and later."""

import os
import sys
import tempfile

import announce


class Piece(object):
    def __init__(self, number):
        self.number = number
        self.text = str(number) * 3


def scatter():
    """Fills arenas and lets go of some of it, so that pools are left in part and as a whole."""
    kept = [Piece(number) for number in range(20000)]
    del kept[::3]
    del kept[9000:]
    return kept


def arenas():
    """What obmalloc says, which it writes to the descriptor of stderr; nothing in 2.7, and where it is not in use."""
    if not hasattr(sys, "_debugmallocstats"):
        return None
    with tempfile.TemporaryFile() as told:
        errors = os.dup(2)
        os.dup2(told.fileno(), 2)
        sys._debugmallocstats()
        os.dup2(errors, 2)
        os.close(errors)
        told.seek(0)
        return told.read().decode("ascii", "replace")


pieces = scatter()
announce.announce_and_stay(arenas=arenas())
