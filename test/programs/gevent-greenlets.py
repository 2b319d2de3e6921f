"""Greenlets of gevent that wait, in two threads, and what gevent says of them. Needs gevent.

In the main thread the main greenlet runs; in the other one that its hub has begun.
"""

import gc

import gevent
import gevent.event
import gevent.hub
import gevent.lock
import gevent.pool
import gevent.queue
import greenlet

import announce

kept = []
threads = {}


def note_thread():
    """Notes whose main greenlet this is."""
    threads[id(greenlet.getcurrent())] = announce.current_ident()


def sleeps():
    gevent.sleep(1000)


def in_lock(lock):
    with lock:
        gevent.sleep(1000)


def in_event(event):
    event.wait()


def in_queue(queue):
    queue.get()


def deep(depth, event):
    return deep(depth - 1, event) if depth else in_event(event)


def joins(others):
    gevent.joinall(others)


def spawn_all():
    lock, event, queue = gevent.lock.BoundedSemaphore(), gevent.event.Event(), gevent.queue.Queue()
    pool = gevent.pool.Pool(2)
    kept.extend([lock, event, queue, pool])
    waiting = [
        gevent.spawn(function, *arguments)
        for function, arguments in [
            (sleeps, ()), (in_lock, (lock,)), (in_lock, (lock,)), (in_event, (event,)), (in_queue, (queue,)),
            (deep, (30, event)),
        ]
    ]
    kept.extend(waiting + [pool.spawn(sleeps), pool.spawn(in_event, event), gevent.spawn(joins, waiting)])
    kept.append(gevent.spawn(lambda: None))
    # The hub runs all of them until they wait.
    gevent.sleep(0.01)


def in_other_thread(gate):
    note_thread()
    spawn_all()
    kept.append(gevent.spawn(lambda: gate.park(0)))
    kept[-1].join()


def thread_of(made):
    while made.parent is not None:
        made = made.parent
    return threads[id(made)]


def truth_of(made):
    return {
        "address": id(made),
        "type": "%s.%s" % (type(made).__module__, type(made).__name__),
        "parent": None if made.parent is None else id(made.parent),
        "thread": thread_of(made),
        "frames": announce.frames_truth(made.gr_frame),
    }


def stay():
    made = [each for each in gc.get_objects() if isinstance(each, greenlet.greenlet)]
    made.extend(each for each in kept if isinstance(each, greenlet.greenlet) and each not in made)
    truth = [truth_of(each) for each in made if each.gr_frame is not None]
    announce.announce_and_stay(greenlets=truth, version=gevent.__version__)


note_thread()
spawn_all()
waiting_gate = announce.Gate(1)
announce.spawn(in_other_thread, waiting_gate, name="other")
waiting_gate.wait()
stay()
