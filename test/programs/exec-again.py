"""A process that becomes another Python program when it is told to. CPython 2.7 and later."""

import os
import sys

import announce


def first():
    announce.announce()
    os.execv(sys.executable, [sys.executable, "-S", "-B", os.path.abspath(__file__), "again"])


def second():
    announce.announce_and_stay()


if len(sys.argv) > 1:
    second()
else:
    first()
