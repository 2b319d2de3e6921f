"""Tasks of asyncio that hold locks and wait for each other, and threads among them. CPython 3.6 and later.

Facts: `tasks` says of each task that waits what for, and who holds that; `deadlocks` names the circles, threads by their names
and tasks by their addresses; `late` is how long ago at least the timer of the main loop was due.
Lines are told by the marks in comments.
"""

import asyncio
import contextlib
import sys
import threading
import time

import announce

SINCE_3_7 = sys.version_info >= (3, 7)
SINCE_3_8 = sys.version_info >= (3, 8)
SINCE_3_9 = sys.version_info >= (3, 9)
SINCE_3_11 = sys.version_info >= (3, 11)

kept = []
expected = []
deadlocks = []
guard = threading.Lock()
inner_guard = threading.Lock()


def line_of(mark):
    with open(__file__) as source:
        return [number for number, text in enumerate(source, 1) if text.rstrip().endswith("# " + mark)][0]


def start(coroutine, name):
    """Makes a task that stays alive."""
    options = {"name": name} if SINCE_3_8 else {}
    task = asyncio.tasks.Task(coroutine, loop=asyncio.get_event_loop(), **options)
    kept.append(task)
    return task


def expect(task, kind, holders=(), awaits=(), limit=False, **facts):
    """Says what a task waits for; `holders` are pairs of a task and the mark of its statement."""
    expected.append(
        dict(
            facts,
            task=id(task),
            kind=kind,
            holders=sorted([id(holder), line_of(mark)] for holder, mark in holders),
            awaits=sorted(id(awaited) for awaited in awaits),
            hasTimeLimit=limit,
        )
    )


def new_lock():
    lock = asyncio.Lock()
    kept.append(lock)
    return lock


async def several_turns():
    for _ in range(20):
        await asyncio.sleep(0)


async def use_two(first, second):
    async with first:  # use_two
        await several_turns()
        async with second:
            raise SystemExit


async def stays():
    await asyncio.sleep(100000)


async def holds(lock):
    async with lock:  # holds
        await stays()


async def wants(lock):
    await several_turns()
    async with lock:
        raise SystemExit


def rings():
    for size in [2, 3]:
        locks = [new_lock() for _ in range(size)]
        ring = [start(use_two(locks[at], locks[(at + 1) % size]), "ring-%d-%d" % (size, at)) for at in range(size)]
        for at in range(size):
            following = (at + 1) % size
            expect(ring[at], "lock", [(ring[following], "use_two")], object=id(locks[following]))
        deadlocks.append([id(task) for task in ring])


async def holds_and_awaits(lock, make):
    async with lock:  # holds_and_awaits
        await several_turns()
        await make()


def with_awaits():
    """A task waits for one that wants the lock that it holds itself: directly, and as one of several."""
    lock = new_lock()
    child = start(wants(lock), "child")
    parent = start(holds_and_awaits(lock, lambda: child), "parent")
    expect(child, "lock", [(parent, "holds_and_awaits")], object=id(lock))
    expect(parent, "tasks", awaits=[child])
    deadlocks.append([id(child), id(parent)])
    other, sleeper = new_lock(), start(stays(), "gathered sleeper")
    gathered = start(wants(other), "gathered")
    gatherer = start(holds_and_awaits(other, lambda: asyncio.gather(gathered, sleeper)), "gatherer")
    expect(gathered, "lock", [(gatherer, "holds_and_awaits")], object=id(other))
    expect(gatherer, "tasks", awaits=[gathered, sleeper])
    deadlocks.append([id(gathered), id(gatherer)])
    # Of these one is enough, so that nothing is certain.
    third, helper = new_lock(), start(stays(), "helper")
    waited = start(wants(third), "waited")
    first_is_enough = {"return_when": asyncio.FIRST_COMPLETED}
    waiter = start(holds_and_awaits(third, lambda: asyncio.wait([waited, helper], **first_is_enough)), "waiter")
    expect(waited, "lock", [(waiter, "holds_and_awaits")], object=id(third))
    expect(waiter, "awaitable")
    fourth = new_lock()
    itself = start(use_two(fourth, fourth), "itself")
    expect(itself, "lock", [(itself, "use_two")], object=id(fourth))
    deadlocks.append([id(itself)])


def chains():
    lock = new_lock()
    holder, waiters = start(holds(lock), "holder"), []
    for number in range(3):
        waiters.append(start(wants(lock), "wants-%d" % number))
        expect(waiters[-1], "lock", [(holder, "holds")], object=id(lock))
    expect(holder, "awaitable", call="sleep")
    behind = start(awaits(waiters[0]), "behind")
    expect(behind, "tasks", awaits=[waiters[0]])


async def awaits(task):
    await task


async def acquires(lock):
    await lock.acquire()
    await stays()


async def releases_within(lock):
    async with lock:
        await several_turns()
        lock.release()
        await stays()


async def holds_later(lock):
    await several_turns()
    await several_turns()
    await holds(lock)


async def wants_later(lock):
    await several_turns()
    await several_turns()
    await wants(lock)


def unknown_owners():
    lock = new_lock()
    start(acquires(lock), "acquirer")
    expect(start(wants(lock), "wants acquired"), "lock", object=id(lock))
    # Two stand in the body of this one.
    other = new_lock()
    start(releases_within(other), "releases within")
    start(holds_later(other), "holds later")
    expect(start(wants_later(other), "wants later"), "lock", object=id(other))


async def waits_in(condition):
    async with condition:
        await condition.wait()


def conditions():
    """Those that wait for a condition have let go of its lock."""
    condition = asyncio.Condition()
    kept.append(condition)
    for number in range(2):
        start(waits_in(condition), "waits in %d" % number)
    holder = start(holds_later(condition), "holds condition")
    lock = condition._lock
    expect(start(wants_later(condition), "wants condition"), "lock", [(holder, "holds")], object=id(lock))


def semaphores():
    one, two, bounded = asyncio.Semaphore(1), asyncio.Semaphore(2), asyncio.BoundedSemaphore(1)
    kept.extend([one, two, bounded])
    for semaphore, count in [(one, 1), (two, 2), (bounded, 1)]:
        holders = [start(holds(semaphore), "permit") for _ in range(count)]
        facts = {"object": id(semaphore), "value": 0}
        expect(start(wants(semaphore), "wants permit"), "semaphore", [(each, "holds") for each in holders], **facts)
    ring = [asyncio.BoundedSemaphore(1) for _ in range(2)]
    kept.extend(ring)
    tasks = [start(use_two(ring[at], ring[1 - at]), "permits-%d" % at) for at in range(2)]
    for at in range(2):
        holder = [(tasks[1 - at], "use_two")]
        expect(tasks[at], "semaphore", holder, object=id(ring[1 - at]), value=0)
    deadlocks.append([id(task) for task in tasks])


async def use_two_with_limit(first, second):
    async with first:  # use_two_with_limit
        await several_turns()
        await asyncio.wait_for(second.acquire(), 100000)


def limits():
    """A circle that a time limit ends. To 3.11 a task of its own waits for the lock."""
    locks = [new_lock(), new_lock()]
    limited = start(use_two_with_limit(locks[0], locks[1]), "limited")
    other = start(use_two(locks[1], locks[0]), "unlimited")
    expect(other, "lock", [(limited, "use_two_with_limit")], object=id(locks[0]))
    if sys.version_info >= (3, 12):
        expect(limited, "lock", [(other, "use_two")], object=id(locks[1]), limit=True)
    return [limited, other]


def make_managers():
    """asynccontextmanager is there from 3.7 on."""

    @contextlib.asynccontextmanager
    async def locked(lock):
        async with lock:
            yield

    async def holds_by_manager(lock):
        async with locked(lock):  # holds_by_manager
            await stays()

    lock = new_lock()
    holder = start(holds_by_manager(lock), "holds by manager")
    expect(start(wants(lock), "wants managed"), "lock", [(holder, "holds_by_manager")], object=id(lock))


OLD_STYLE = """
@asyncio.coroutine
def holds_old_style(lock):
    with (yield from lock):
        yield from stays()
"""


def old_style():
    """`with (yield from lock)`, to 3.8."""
    names = dict(globals())
    exec(compile(OLD_STYLE, "old_style.py", "exec"), names)
    lock = new_lock()
    holder = start(names["holds_old_style"](lock), "old style")
    waiter = start(wants(lock), "wants old style")
    expect(waiter, "lock", object=id(lock))
    expected[-1]["holders"] = [[id(holder), 4]]


# Threads and tasks.


@contextlib.contextmanager
def guarded():
    with inner_guard:
        yield


async def holds_guard(future):
    with guard:  # holds_guard
        await future


async def holds_inner_guard(future):
    with guarded():  # holds_inner_guard
        await future


def run_other(gate, tasks):
    """A loop whose thread wants a lock that a task of its own holds: neither goes on."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    future = loop.create_future()
    kept.extend([loop, future])

    async def blocks():
        tasks.extend([start(holds_guard(future), "holds guard"), start(holds_inner_guard(future), "holds inner guard")])
        await several_turns()
        gate.park(0, guard.acquire)

    loop.run_until_complete(start(blocks(), "blocks"))


def wants_inner_guard(gate):
    gate.park(1, inner_guard.acquire)


def threads():
    gate, tasks = announce.Gate(2), []
    announce.spawn(run_other, gate, tasks, name="other")
    gate._arrivals[0].acquire()
    announce.spawn(wants_inner_guard, gate, name="wants inner guard")
    gate._arrivals[1].acquire()
    deadlocks.append(["other", id(tasks[0])])
    lines = [line_of("holds_guard"), line_of("holds_inner_guard")]
    return [["other", id(tasks[0]), lines[0]], ["wants inner guard", id(tasks[1]), lines[1]]]


async def main(by_threads):
    rings()
    with_awaits()
    chains()
    unknown_owners()
    conditions()
    semaphores()
    limited = limits()
    if SINCE_3_7:
        make_managers()
    if not SINCE_3_9:
        old_style()
    for _ in range(5):
        await several_turns()
    loop = asyncio.get_event_loop()
    due = loop.time() + 0.001
    loop.call_at(due, print)
    # From here on the loop does not turn any more.
    loop.call_soon(print)
    while loop.time() < due + 0.2:
        time.sleep(0.01)
    announce.announce_and_stay(
        tasks=expected,
        deadlocks=deadlocks,
        limited=[id(task) for task in limited],
        heldForThreads=by_threads,
        loop=id(loop),
        due=due,
        ready=1,
    )


told = threads()
own = asyncio.new_event_loop()
asyncio.set_event_loop(own)
own.run_until_complete(start(main(told), "main"))
