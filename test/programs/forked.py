"""A process that a thread of another one forked: that thread is all it has. CPython 2.7 and later."""

import os

import announce


def fork(gate):
    gate.wait()
    if os.fork() == 0:
        announce.note_fork()
        in_child()
    gate.park(0)


def in_child():
    announce.announce_and_stay()


def wait_for_ever(gate):
    gate.park(0)


def main():
    gate = announce.Gate(1)
    announce.spawn(wait_for_ever, gate, name="other")
    announce.spawn(fork, gate, name="forker").join()


main()
