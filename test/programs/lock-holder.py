"""One thread holds a lock, two wait for it; from 3 on the same for an RLock, which is Python code in 2.7."""

import sys
import threading

import announce


def hold(lock, gate, index):
    lock.acquire()
    gate.park(index)


def want(lock, gate, index):
    gate.park(index, lock.acquire)


def main():
    held = {"lock": threading.Lock()}
    if sys.version_info[0] > 2:
        held["rlock"] = threading.RLock()
    holders = announce.Gate(len(held))
    waiters = announce.Gate(2 * len(held))
    for index, (name, lock) in enumerate(sorted(held.items())):
        announce.spawn(hold, lock, holders, index, name="%s-holder" % name)
    holders.wait()
    for index, (name, lock) in enumerate(sorted(held.items()) * 2):
        announce.spawn(want, lock, waiters, index, name="%s-waiter-%d" % (name, index // len(held)))
    waiters.wait()
    announce.announce_and_stay(addresses=dict((name, id(lock)) for name, lock in held.items()))


main()
