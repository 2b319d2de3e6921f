"""Four threads that let the GIL go and take it again all the time, so that each falls asleep and wakes. CPython 2.7 and later."""

import hashlib
import json
import zlib

import announce

THREADS = 4
DATA = b"0123456789" * 4000


def work():
    while True:
        hashlib.sha256(DATA).digest()
        zlib.compress(DATA)
        json.dumps(list(range(500)))


def compute(gate, index):
    gate.arrive(index)
    work()


def main():
    gate = announce.Gate(THREADS)
    workers = [announce.spawn(compute, gate, index, name="worker-%d" % index) for index in range(THREADS)]
    gate.wait()
    announce.announce_and_stay(spinning=[thread.name for thread in workers])


main()
