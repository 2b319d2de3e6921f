"""A function of the library that HELD_LIBRARY names calls Python. CPython 3.6 and later."""

import ctypes
import os

import announce

CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int)


def called_back():
    announce.announce_and_stay()
    return 0


ctypes.CDLL(os.environ["HELD_LIBRARY"]).hold_exported(CALLBACK(called_back))
