"""Greenlets, each on a slice of the one stack of its thread: one runs and announces, the others wait. Needs greenlet."""

import greenlet

import announce


def waiting(depth):
    """Stays on a slice of its own that is copied away when another one runs."""
    return max([depth], key=lambda number: waiting(number - 1) if number else main_greenlet.switch())


def running():
    announce.announce_and_stay()


def in_running():
    return sorted([1], key=lambda _number: running())


main_greenlet = greenlet.getcurrent()
others = [greenlet.greenlet(waiting) for _ in range(3)]
for other in others:
    other.switch(5)
greenlet.greenlet(in_running).switch()
