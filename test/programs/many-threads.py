"""500 threads of 20 calls each, or as many as the arguments say. CPython 2.7 and later."""

import sys
import threading

import announce


def descend(depth, gate, index):
    if depth == 1:
        gate.park(index)
    else:
        descend(depth - 1, gate, index)


def main():
    numbers = [int(argument) for argument in sys.argv[1:]] + [500, 20][len(sys.argv) - 1 :]
    threads, depth = numbers
    threading.stack_size(1024 * 1024)
    gate = announce.Gate(threads)
    for index in range(threads):
        announce.spawn(descend, depth, gate, index, name="thread-%d" % index)
    gate.wait()
    announce.announce_and_stay(threads=threads, depth=depth)


main()
