"""One thread, three functions deep. CPython 2.7 and later."""

import announce


def outer():
    middle(1)


def middle(depth):
    inner(depth + 1)


def inner(depth):
    announce.announce_and_stay(depth=depth)


outer()
