"""Greenlets that are suspended, in two threads, and what each says of its own frames. Needs greenlet.

The argument says which one runs in the main thread: `main`, or `inner`, so that the main one is suspended too.
"""

import sys
import threading

import greenlet

import announce

kept = []


class Named(greenlet.greenlet):
    """A class of Python code."""


class Slotted(Named):
    __slots__ = ("extra",)


def keep(made):
    kept.append((made, announce.current_ident()))
    return made


def direct(back):
    back.switch()


def recursive(depth, back):
    if depth:
        return recursive(depth - 1, back)
    return back.switch()


def through_c(depth, back):
    """Calls of C functions lie between the frames: each begins an evaluation loop of its own."""
    return max([depth], key=lambda number: through_c(number - 1, back) if number else back.switch())


def values(back):
    yield 1
    back.switch()
    yield 2


def in_generator(back):
    return [value for value in values(back)]


def again(back):
    """Its part of the stack is copied away and back several times."""
    for _ in range(3):
        back.switch()
    return through_c(2, back)


def hub(back):
    """Begins others, whose parent it is."""
    for kind in (greenlet.greenlet, Named):
        keep(kind(direct)).switch(back)
    back.switch()


def make(back):
    """One of each; those that a hub has begun go back to `back`, which goes on with the next."""
    for function, arguments in [
        (direct, ()), (recursive, (40,)), (through_c, (6,)), (in_generator, ()),
    ]:
        for kind in (greenlet.greenlet, Named, Slotted):
            keep(kind(function)).switch(*(arguments + (back,)))
    returning = keep(greenlet.greenlet(again))
    returning.switch(back)
    for _ in range(3):
        returning.switch()
    hubs = keep(greenlet.greenlet(hub))
    hubs.switch(back)
    hubs.switch()
    hubs.switch()
    keep(greenlet.greenlet(direct))
    ended = keep(greenlet.greenlet(lambda: None))
    ended.switch()


def truth_of(made, thread):
    return {
        "address": id(made),
        "type": "%s.%s" % (type(made).__module__, type(made).__name__),
        "parent": None if made.parent is None else id(made.parent),
        "thread": thread,
        "frames": announce.frames_truth(made.gr_frame),
    }


def facts():
    return {
        "version": greenlet.__version__,
        "greenlets": [truth_of(*each) for each in kept if each[0].gr_frame is not None],
    }


def stay():
    announce.announce_and_stay(**facts())


def in_other_thread(gate):
    keep(greenlet.getcurrent())
    make(greenlet.getcurrent())
    # The one that runs, while the main one of this thread is suspended.
    keep(greenlet.greenlet(lambda: gate.park(0))).switch()


def in_thread_that_ends():
    left = greenlet.greenlet(direct)
    kept.append((left, None))
    left.switch(greenlet.getcurrent())


def run_in_ending_thread():
    thread = threading.Thread(target=in_thread_that_ends)
    thread.start()
    thread.join()


if len(sys.argv) > 2:
    run_in_ending_thread()
keep(greenlet.getcurrent())
make(greenlet.getcurrent())
waiting_gate = announce.Gate(1)
announce.spawn(in_other_thread, waiting_gate, name="other")
waiting_gate.wait()
if sys.argv[1] == "inner":
    keep(greenlet.greenlet(stay)).switch()
else:
    stay()
