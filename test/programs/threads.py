"""Four workers, each in three functions, beside a main thread that waits. CPython 2.7 and later."""

import announce

WORKERS = 4


def first_function(gate, index):
    second_function(gate, index)


def second_function(gate, index):
    third_function(gate, index)


def third_function(gate, index):
    gate.park(index)


def main():
    gate = announce.Gate(WORKERS)
    for index in range(WORKERS):
        announce.spawn(first_function, gate, index, name="worker-%d" % index)
    gate.wait()
    announce.announce_and_stay()


main()
