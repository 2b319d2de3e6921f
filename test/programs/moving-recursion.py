"""A thread that goes 20 calls deep and comes back without end. CPython 2.7 and later."""

import announce


def descend(depth):
    if depth > 1:
        descend(depth - 1)


def move(gate):
    gate.arrive(0)
    while True:
        descend(20)


def main():
    gate = announce.Gate(1)
    announce.spawn(move, gate, name="mover")
    gate.wait()
    announce.announce_and_stay(churning=["mover"])


main()
