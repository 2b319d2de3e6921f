"""One function that calls itself from two lines, 10,000 deep or as deep as the argument says. CPython 2.7 and later."""

import sys
import threading

import announce


def descend(depth, gate):
    if depth == 0:
        gate.park(0)
    elif depth % 2 == 0:
        descend(depth - 1, gate)
    else:
        descend(depth - 1, gate)


def main():
    depth = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    sys.setrecursionlimit(depth + 100)
    # Up to 3.10 each call takes C stack too: half a kilobyte, several in debug builds.
    threading.stack_size(512 * 1024 * 1024)
    gate = announce.Gate(1)
    announce.spawn(descend, depth, gate, name="deep")
    gate.wait()
    announce.announce_and_stay(depth=depth)


main()
