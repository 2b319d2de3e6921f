"""Tasks of asyncio in every shape that a task can have, each described by itself. CPython 3.6 and later.

The first argument says which implementation (chosen_asyncio.py). The second, if any, is a number of workers that
all do the same, in place of the shapes.
"""

import asyncio
import gc
import sys
import types

import announce
import chosen_asyncio  # before anything is made of asyncio

SINCE_3_8 = sys.version_info >= (3, 8)
SINCE_3_10 = sys.version_info >= (3, 10)
SINCE_3_11 = sys.version_info >= (3, 11)
SINCE_3_12 = sys.version_info >= (3, 12)

# Coroutines that await each other are as deep as calls.
sys.setrecursionlimit(20000)

kept = []
awaiters = {}


def make_task(loop, coroutine, name=None):
    """Makes a task that stays alive, of the implementation that was asked for."""
    options = {"name": name} if SINCE_3_8 and name else {}
    task = asyncio.tasks.Task(coroutine, loop=loop, **options)
    kept.append(task)
    return task


def awaits(awaiter, *tasks):
    for task in tasks:
        awaiters.setdefault(id(task), []).append(awaiter)


# What tasks wait in.


async def inner(future):
    return await future


async def middle(future):
    return await inner(future)


async def outer(future):
    return await middle(future)


async def values(future):
    yield 1
    await inner(future)
    yield 2


async def catching(future):
    try:
        yield 1
    except ValueError:
        await inner(future)
        yield 2


async def closing(future):
    try:
        yield 1
    finally:
        await inner(future)


async def over_values(future):
    async for _ in values(future):
        pass


async def comprehension(future):
    return [value async for value in values(future)]


async def sends(future):
    generator = values(future)
    await generator.asend(None)
    await generator.asend(None)


async def throws(future):
    generator = catching(future)
    await generator.asend(None)
    await generator.athrow(ValueError)


async def closes(future):
    generator = closing(future)
    await generator.asend(None)
    await generator.aclose()


class ByGenerator:
    def __init__(self, future):
        self.future = future

    def __await__(self):
        return (yield from self.future)


class ByCoroutine(ByGenerator):
    def __await__(self):
        return inner(self.future).__await__()


class ByIterator(ByGenerator):
    def __await__(self):
        return self

    def __iter__(self):
        return self

    def __next__(self):
        if self.future.done():
            raise StopIteration
        self.future._asyncio_future_blocking = True
        return self.future


async def awaits_generator(future):
    return await ByGenerator(future)


async def awaits_wrapper(future):
    return await ByCoroutine(future)


async def awaits_iterator(future):
    return await ByIterator(future)


@types.coroutine
def old_style(future):
    return (yield from inner(future))


async def awaits_old_style(future):
    return await old_style(future)


async def in_context(future):
    async with Context(future):
        pass


class Context:
    def __init__(self, future):
        self.future = future

    async def __aenter__(self):
        await self.future

    async def __aexit__(self, *_):
        pass


async def descend(future, depth):
    if depth == 0:
        return await future
    return await descend(future, depth - 1)


async def takes_next(future):
    generator = values(future)
    await anext(generator, None)
    await anext(generator, None)


async def finishes():
    return 1


async def fails():
    raise ValueError("on purpose")


async def never_started(future):
    await future


# Who waits for whom.


async def gathers(tasks):
    await asyncio.gather(*tasks)


async def waits(tasks):
    await asyncio.wait(tasks)


async def shields(task):
    await asyncio.shield(task)


async def waits_for(task):
    await asyncio.wait_for(task, 3600)


async def awaits_task(task):
    await task


async def takes_as_completed(tasks):
    for each in asyncio.as_completed(tasks):
        await each


def make_group(loop, future):
    async def groups(made):
        async with asyncio.TaskGroup() as group:
            for _ in range(2):
                made.append(group.create_task(outer(future)))

    made = []
    return groups(made), made


async def in_lock(lock):
    async with lock:
        pass


async def in_condition(condition):
    async with condition:
        await condition.wait()


async def in_event(event):
    await event.wait()


async def in_queue(queue):
    await queue.get()


async def several_turns():
    for _ in range(10):
        await asyncio.sleep(0)


def make_waiting(loop, future, prefix):
    """One task of each shape that waits for a future."""
    shapes = [
        outer, over_values, comprehension, sends, throws, closes, awaits_generator, awaits_wrapper, awaits_old_style,
        awaits_iterator, in_context,
    ]
    if SINCE_3_10:
        shapes.append(takes_next)
    return [make_task(loop, shape(future), prefix + shape.__name__) for shape in shapes]


def make_trees(loop, future):
    """Tasks that wait for tasks in every way that asyncio has."""
    for several in [gathers, waits, takes_as_completed]:
        children = [make_task(loop, outer(future)) for _ in range(3)]
        parent = make_task(loop, several(children), several.__name__)
        awaits(parent, *children)
    for one in [shields, waits_for, awaits_task]:
        child = make_task(loop, outer(future))
        parent = make_task(loop, one(child), one.__name__)
        awaits(parent, child)
        awaits(make_task(loop, awaits_task(parent), "above " + one.__name__), parent)
    shared = make_task(loop, outer(future), "shared")
    for number in range(2):
        awaits(make_task(loop, awaits_task(shared), "sharer %d" % number), shared)


def make_rings(loop):
    for size in [2, 3]:
        make_ring(loop, size)


def make_ring(loop, size):
    """Tasks that wait for each other and never end."""
    ring = []

    async def member(number):
        await ring[(number + 1) % size]

    ring.extend(make_task(loop, member(number), "ring %d.%d" % (size, number)) for number in range(size))
    for number, task in enumerate(ring):
        awaits(task, ring[(number + 1) % size])


def make_primitives(loop):
    """Tasks that wait for locks and queues, and what they wait for."""
    lock = asyncio.Lock()
    semaphore = asyncio.Semaphore(0)
    condition = asyncio.Condition()
    event = asyncio.Event()
    queue = asyncio.Queue()
    kept.extend([lock, semaphore, condition, event, queue])
    holder = lock.acquire()
    primitives = {}
    for shape, primitive in [
        (in_lock, lock), (in_lock, lock), (in_lock, semaphore), (in_condition, condition), (in_event, event),
        (in_queue, queue),
    ]:
        task = make_task(loop, shape(primitive), type(primitive).__name__)
        primitives[id(task)] = id(primitive)
    return holder, primitives


# The truth.


def referent_of(wrapper):
    kinds = ("coroutine", "generator", "async_generator", "coroutine_wrapper", "async_generator_asend")
    for each in gc.get_referents(wrapper):
        if type(each).__name__ in kinds:
            return each
    return None


def chain_of(awaitable):
    """The frames from a coroutine in to where it waits, outermost first."""
    while awaitable is not None:
        kind = type(awaitable).__name__
        if kind == "coroutine":
            frame, awaitable = awaitable.cr_frame, awaitable.cr_await
        elif kind == "generator":
            frame, awaitable = awaitable.gi_frame, awaitable.gi_yieldfrom
        elif kind == "async_generator":
            frame, awaitable = awaitable.ag_frame, awaitable.ag_await
        elif kind == "CoroWrapper":
            frame, awaitable = None, awaitable.gen
        else:
            frame = None
            wraps = ("coroutine_wrapper", "async_generator_asend", "async_generator_athrow", "anext_awaitable")
            awaitable = referent_of(awaitable) if kind in wraps else None
        if frame is not None:
            yield frame


def chain_truth(coroutine):
    return [announce.frame_truth(frame) for frame in chain_of(coroutine)][::-1]


def queue_of(coroutine):
    """The queue that as_completed() has made and waits for."""
    for frame in chain_of(coroutine):
        if frame.f_code is asyncio.Queue.get.__code__:
            return id(frame.f_locals["self"])
    return None


def state_truth(task):
    if task.cancelled():
        return "cancelled"
    if task.done():
        return "failed" if task.exception() else "finished"
    if task._coro.cr_running if hasattr(task._coro, "cr_running") else task._coro.gi_running:
        return "running"
    waiter = task._fut_waiter
    return "waiting" if waiter is not None and not waiter.done() else "pending"


def task_truth(task, primitives):
    state = state_truth(task)
    coroutine = task._coro
    truth = {
        "address": id(task),
        "state": state,
        "loop": id(task._loop),
        "awaitedBy": sorted(id(each) for each in awaiters.get(id(task), []) if not each.done()),
        "primitive": primitives.get(id(task)) or queue_of(coroutine),
        "coroutine": coroutine.__qualname__ if coroutine is not None else None,
        "frames": chain_truth(coroutine) if state not in ("running",) else None,
        "origin": [[line[0], line[1], line[2]] for line in task._source_traceback or []],
    }
    if SINCE_3_8:
        truth["name"] = task.get_name()
    return truth


def all_tasks(loop):
    if sys.argv[1] == "python" and hasattr(asyncio.tasks, "_py_all_tasks"):
        return asyncio.tasks._py_all_tasks(loop)
    return asyncio.all_tasks(loop) if hasattr(asyncio, "all_tasks") else asyncio.Task.all_tasks(loop)


def facts(loops, primitives):
    tasks = set(each for each in kept if hasattr(each, "_coro"))
    live = set()
    for loop in loops:
        live.update(all_tasks(loop))
    return {
        "tasks": [task_truth(task, primitives) for task in tasks | live],
        "live": sorted(id(task) for task in live if not task.done()),
        "loops": [id(loop) for loop in loops],
        "implementation": "%s.%s" % (asyncio.tasks.Task.__module__, asyncio.tasks.Task.__qualname__),
    }


def stay(loops, primitives):
    announce.announce_and_stay(**facts(loops, primitives))


async def stays(loops, primitives):
    stay(loops, primitives)


async def runs_another(loop, loops, primitives):
    """A task that runs and has begun another one eagerly, which runs further in on the same stack."""
    task = asyncio.Task(stays(loops, primitives), loop=loop, eager_start=True, name="eager runner")
    kept.append(task)


async def main(loop, loops, future):
    holder, primitives = make_primitives(loop)
    await holder
    make_waiting(loop, future, "main ")
    make_trees(loop, future)
    make_rings(loop)
    make_task(loop, descend(future, 1000), "deep")
    hostile = make_task(loop, outer(future), "line\nbreak \x1b[31m \u202e\U0001f40d")
    ended = [make_task(loop, shape(), shape.__name__) for shape in [finishes, fails]]
    cancelled = make_task(loop, outer(loop.create_future()), "cancelled")
    if SINCE_3_11:
        group, made = make_group(loop, future)
        parent = make_task(loop, group, "groups")
    await several_turns()
    if SINCE_3_11:
        kept.extend(made)
        awaits(parent, *made)
    cancelled.cancel()
    await several_turns()
    for task in ended:
        task.exception()
    # From here on the loop does not turn any more.
    loop.set_debug(True)
    make_task(loop, never_started(future), "made in debug mode")
    loop.set_debug(False)
    done = loop.create_future()
    ready = make_task(loop, never_started(done), "ready")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    done.set_result(None)
    make_task(loop, never_started(future), "not begun")
    assert hostile and ready
    if SINCE_3_12 and sys.argv[1] != "python":
        await runs_another(loop, loops, primitives)
    await stays(loops, primitives)


def run_other(gate, other):
    """A loop in a thread of its own, whose tasks all wait."""
    asyncio.set_event_loop(other)
    if SINCE_3_12 and sys.argv[1] != "python":
        other.set_task_factory(asyncio.eager_task_factory)
    future = other.create_future()
    kept.append(future)

    async def arrives():
        make_waiting(other, future, "other ")
        if SINCE_3_12 and sys.argv[1] != "python":
            kept.append(other.create_task(outer(future), name="made eagerly"))
        await several_turns()
        gate.arrive(0)
        await future

    other.run_until_complete(make_task(other, arrives(), "other main"))


def stopped_loop():
    """A loop that has run, and whose tasks wait though no thread runs it any more."""
    loop = asyncio.new_event_loop()
    future = loop.create_future()
    kept.append(future)
    asyncio.set_event_loop(loop)
    make_waiting(loop, future, "stopped ")
    loop.run_until_complete(several_turns())
    asyncio.set_event_loop(None)
    return loop


async def worker(future):
    await inner(future)


def spin():
    announce.register()
    while True:
        pass


async def many(loop, count):
    future = loop.create_future()
    workers = [make_task(loop, worker(future), "worker-%d" % number) for number in range(count)]
    make_task(loop, gathers(workers), "boss")
    await several_turns()
    announce.spawn(spin, name="spinner")
    announce.announce_and_stay(spinning=["spinner"])


async def trees(loop):
    """Tasks that wait for tasks, in a loop that will not turn again, and no rings, of which CPython's tools print no tree."""
    future = loop.create_future()
    make_trees(loop, future)
    group, made = make_group(loop, future)
    make_task(loop, group, "groups")
    await several_turns()
    kept.extend(made)
    await stays([loop], {})


def run(loop, coroutine):
    asyncio.set_event_loop(loop)
    loop.run_until_complete(make_task(loop, coroutine, "main"))


own = asyncio.new_event_loop()
if sys.argv[2:] == ["trees"]:
    run(own, trees(own))
elif len(sys.argv) > 2:
    run(own, many(own, int(sys.argv[2])))
stopped = stopped_loop()
other_loop = asyncio.new_event_loop()
waiting_gate = announce.Gate(1)
announce.spawn(run_other, waiting_gate, other_loop, name="other")
waiting_gate.wait()
shared_future = own.create_future()
kept.append(shared_future)
run(own, main(own, [own, other_loop, stopped], shared_future))
