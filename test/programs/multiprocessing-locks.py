"""Threads that wait for what multiprocessing shares with other processes, by construction. CPython 2.7 and later.

Facts: `waits` says of each blocked thread what it waits for, and who holds that.
"""

import multiprocessing
import os
import threading

import announce

shared = multiprocessing
if hasattr(multiprocessing, "get_context"):
    shared = multiprocessing.get_context("fork")

A, again = shared.Lock(), shared.RLock()
slots = shared.Semaphore(2)
event, condition = shared.Event(), shared.Condition()
full = shared.Queue(1)
forever = threading.Lock()
forever.acquire()
arrived = []
waits = []


def line_of(mark):
    with open(__file__.replace(".pyc", ".py")) as source:
        return [number for number, text in enumerate(source, 1) if text.rstrip().endswith("# " + mark)][0]


class Worker(object):
    def __init__(self, lock):
        self.lock = lock

    def work(self, arrive):
        arrive()
        with self.lock:
            raise SystemExit


def start(name, function, *args):
    gate = threading.Lock()
    gate.acquire()
    arrived.append(gate)

    def arrive():
        announce.register()
        gate.release()

    announce.spawn(function, arrive, *args, name=name)


def expect(thread, path, object, **facts):
    waits.append(dict(facts, thread=thread, kind="shared-semaphore", path=path, object=id(object)))


def after_arrival(arrive, function, *args):
    arrive()
    function(*args)


def hold(arrive):
    slots.acquire()
    slots.acquire()
    with again:  # holds again
        with again:
            with A:  # holds A
                arrive()
                forever.acquire()


def take_global(arrive):
    arrive()
    A.acquire()


def wait_for_condition(arrive):
    arrive()
    with condition:
        condition.wait()


def held_elsewhere():
    """A lock that another process holds until this one ends."""
    foreign = shared.Lock()
    begun, end = os.pipe()
    lives, life = os.pipe()
    if os.fork() == 0:
        os.close(life)
        foreign.acquire()
        os.write(end, b"1")
        os.read(lives, 1)
        os._exit(0)
    os.read(begun, 1)
    return foreign


worker = Worker(held_elsewhere())
full.put(1)
start("holder", hold)
arrived.pop().acquire()
start("global-waiter", take_global)
start("foreign-waiter", worker.work)
start("recursive-waiter", after_arrival, again.acquire)
start("semaphore-waiter", after_arrival, slots.acquire)
start("event-waiter", after_arrival, event.wait)
start("condition-waiter", wait_for_condition)
start("putter", after_arrival, full.put, 2)
for gate in arrived:
    gate.acquire()
held = dict(operation="acquire", value=0, maxValue=1, holder="holder", evidence="owner", isTakenElsewhere=False)
expect("global-waiter", ["A"], A, line=line_of("holds A"), **held)
expect("recursive-waiter", ["again"], again, line=line_of("holds again"), **held)
expect(
    "foreign-waiter", ["self.lock", "__main__.Worker"], worker.lock,
    operation="__enter__", value=0, maxValue=1, isTakenElsewhere=True,
)
expect("semaphore-waiter", ["slots"], slots, operation="acquire", value=0)
expect("event-waiter", ["event"], event, operation="wait", value=0)
expect("condition-waiter", ["condition"], condition, operation="wait", value=0)
expect("putter", ["full"], full, operation="put", value=0, maxValue=1)
announce.announce_and_stay(waits=waits)
