"""A loop in a thread of its own, whose tasks compute in known parts of its time, each awaited in another way, beside tasks that
only wait. Another thread has no loop. CPython 3.6 and later.

The first argument says which implementation (chosen_asyncio.py). The second, if any, is how many tasks wait.
"""

import asyncio
import sys
import time
from functools import partial

import announce
import chosen_asyncio  # before anything is made of asyncio

SINCE_3_8 = sys.version_info >= (3, 8)
SINCE_3_11 = sys.version_info >= (3, 11)
SINCE_3_12 = sys.version_info >= (3, 12)
WAITING = int(sys.argv[2]) if len(sys.argv) > 2 else 2


def spin(milliseconds):
    end = time.perf_counter() + milliseconds / 1000.0
    while time.perf_counter() < end:
        for _ in range(30):
            pass


async def burn(milliseconds):
    spin(milliseconds)
    await asyncio.sleep(0)


async def heavy():
    while True:
        await burn(7)


async def medium():
    while True:
        await burn(2)


async def light():
    while True:
        await burn(1)


async def waiter(index):
    await asyncio.sleep(10.0**6)


async def short():
    spin(0.5)


async def sleepers():
    tasks = [make_task(waiter(index)) for index in range(WAITING)]
    await asyncio.wait(tasks)


def make_task(coroutine, name=None):
    task = asyncio.ensure_future(coroutine)
    if SINCE_3_8 and name:
        task.set_name(name)
    return task


async def shielding():
    await asyncio.shield(make_task(medium(), "medium task"))


async def limited():
    await asyncio.wait_for(make_task(light(), "light task"), 10.0**6)


async def grouping():
    if SINCE_3_11:
        async with asyncio.TaskGroup() as group:
            group.create_task(heavy(), name="heavy task")
    else:
        await asyncio.gather(make_task(heavy(), "heavy task"))


async def spawning():
    """A task of its own for each piece of work, with a name that asyncio gives."""
    while True:
        await asyncio.ensure_future(short())
        await asyncio.sleep(0)


async def eager():
    spin(0.5)


async def starting():
    """Tasks that run to their end while they are being made, within the step of this one."""
    loop = asyncio.get_running_loop()
    while True:
        asyncio.Task(eager(), loop=loop, eager_start=True)
        await asyncio.sleep(0)


async def root():
    ways = [grouping(), shielding(), limited(), spawning(), sleepers()]
    if SINCE_3_12 and sys.argv[1] == "c":
        ways.append(starting())
    await asyncio.gather(*ways)


def run(gate):
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.call_soon(gate.arrive, 0)
    loop.run_until_complete(make_root(loop))


def make_root(loop):
    task = loop.create_task(root())
    if SINCE_3_8:
        task.set_name("root task")
    return task


def main():
    gate = announce.Gate(2)
    announce.spawn(run, gate, name="loop")
    announce.spawn(partial(gate.park, 1), name="without-loop")
    gate.wait()
    while True:
        announce.announce(churning=["loop"])


main()
