"""A thread that starts and joins short-lived threads without end. CPython 2.7 and later."""

import time

import announce


def live_shortly():
    time.sleep(0.0002)


def churn(gate):
    gate.arrive(0)
    while True:
        for thread in [announce.spawn(live_shortly, name="short") for _ in range(4)]:
            thread.join()


def main():
    gate = announce.Gate(1)
    announce.spawn(churn, gate, name="churner")
    gate.wait()
    announce.announce_and_stay(churning=["churner"])


main()
