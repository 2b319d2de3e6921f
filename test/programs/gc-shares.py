"""A thread that collects and computes in turns and measures its time in each, that of the collector by gc.callbacks where
there are any. CPython 2.7 and later.
"""

import gc
import time

import announce

clock = getattr(time, "perf_counter", time.time)

SPENT = {"collecting": 0.0, "computing": 0.0}
MANY = [[number] for number in range(60000)]
begun = [0.0]


def note(phase, _info):
    if phase == "start":
        begun[0] = clock()
    else:
        SPENT["collecting"] += clock() - begun[0]


def collect():
    if hasattr(gc, "callbacks"):
        gc.collect()
    else:
        note("start", None)
        gc.collect()
        note("stop", None)


def compute():
    started = clock()
    while clock() < started + 0.003:
        for _ in range(30):
            pass
    SPENT["computing"] += clock() - started


def work(gate):
    gc.disable()
    if hasattr(gc, "callbacks"):
        gc.callbacks.append(note)
    gate.arrive(0)
    while True:
        collect()
        compute()


def main():
    gate = announce.Gate(1)
    announce.spawn(work, gate, name="worker")
    gate.wait()
    announce.announce_and_stay(churning=["worker"])


main()
