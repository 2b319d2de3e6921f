"""A main thread that is blocked in an exit handler. CPython 2.7 and later."""

import atexit

import announce


def at_exit():
    announce.announce_and_stay()


atexit.register(at_exit)
