"""A thread that collects a large heap again and again, in functions not named after it. CPython 2.7 and later."""

import gc
import sys
import time

import announce

many = [[number] for number in range(300000)]


def tidy_up(gate):
    gate.arrive(0)
    while True:
        gc.collect()
        # Python 2 takes the GIL again before another thread can: it would keep this one from beginning, for minutes.
        if sys.version_info[0] == 2:
            time.sleep(0.001)


def main():
    gate = announce.Gate(1)
    announce.spawn(tidy_up, gate, name="tidier")
    gate.wait()
    announce.announce_and_stay(churning=["tidier"])


main()
