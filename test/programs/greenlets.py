"""Greenlets, each on a slice of the one stack of its thread: one runs, the others wait. Needs greenlet.

The argument says which one runs: `first` was begun by the main one, `worker` by a hub that a greenlet is too, as that of
gevent, and `main` is the main one itself, after the others have run. `spinning` is as `worker` and stays in Python.
"""

import sys

import greenlet

import announce


def waiting(depth):
    """Stays on a slice of its own that is copied away when another one runs."""
    return max([depth], key=lambda number: waiting(number - 1) if number else main_greenlet.switch())


def running():
    announce.announce_and_stay()


def in_running():
    return sorted([1], key=lambda _number: running())


def working(number):
    """Goes back to the hub and comes again, so that its slice has been copied away and back."""
    hub.switch()
    if spins:
        return max([number], key=lambda _number: spin())
    return max([number], key=lambda _number: running())


def spin():
    os_write(1, b"spinning\n")
    while True:
        pass


def run_hub():
    workers = [greenlet.greenlet(working), greenlet.greenlet(working)]
    while True:
        list(map(lambda worker: worker.switch(1), workers))


def run_main():
    worker = greenlet.greenlet(waiting)
    worker.switch(3)
    in_running()


which = sys.argv[1]
spins = which == "spinning"
if spins:
    from os import write as os_write
main_greenlet = greenlet.getcurrent()
others = [greenlet.greenlet(waiting) for _ in range(3)]
for other in others:
    other.switch(5)
hub = greenlet.greenlet(run_hub)
if which == "first":
    greenlet.greenlet(in_running).switch()
elif which == "main":
    run_main()
else:
    sorted([1], key=lambda _number: hub.switch())
