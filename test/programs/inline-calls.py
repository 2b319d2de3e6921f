"""Python functions called from Python and from C, by turns. CPython 2.7 and later.

Since 3.11 the evaluation loop runs a call from Python itself; a call from C enters it anew.
"""

import functools

import announce


def called_from_python():
    announce.announce_and_stay(calledFromC=["called_by_partial", "sort_key", "<module>"])


def called_by_partial(first, second):
    called_from_python()


def sort_key(item):
    call_partial(functools.partial(called_by_partial, item))


def call_partial(partial):
    partial(2)


def call_sorted():
    sorted([1], key=sort_key)


call_sorted()
