"""A thread has lost its native stack in a library, the others rest. LOST_LIBRARY names the library. CPython 3.6 and later."""

import ctypes
import os

import announce


def lose(says):
    ctypes.CDLL(os.environ["LOST_LIBRARY"]).lose_stack(says)


def rest(gate, index):
    gate.park(index)


gate = announce.Gate(2)
source, sink = os.pipe()
announce.spawn(rest, gate, 0, name="before")
announce.spawn(lose, sink, name="lost")
announce.spawn(rest, gate, 1, name="after")
gate.wait()
os.read(source, 1)
announce.announce_and_stay(spinning=["lost"])
