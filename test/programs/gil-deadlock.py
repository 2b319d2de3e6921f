"""One thread has a mutex of the C library and wants the GIL, the other keeps the GIL and wants the mutex.

The main thread enters the deadlock when it is told to go on. With the argument `tasks` it does so in a task of asyncio,
while others wait. CPython 2.7 and later; with tasks 3.6 and later.
"""

import ctypes
import sys

import announce

TASKS = """
import asyncio

async def waits(future):
    await future

async def runs(loop):
    future = loop.create_future()
    tasks = [loop.create_task(waits(future)) for _ in range(3)]
    await asyncio.sleep(0)
    main()

loop = asyncio.new_event_loop()
loop.run_until_complete(runs(loop))
"""


def spin():
    while True:
        pass


def take_and_spin(gate, mutex):
    ctypes.CDLL(None).pthread_mutex_lock(mutex)
    gate.arrive(0)
    spin()


def main():
    gate = announce.Gate(1)
    mutex = ctypes.create_string_buffer(64)
    announce.spawn(take_and_spin, gate, mutex, name="mutex-holder")
    gate.wait()
    lock = ctypes.PyDLL(None).pthread_mutex_lock  # which keeps the GIL
    announce.announce(spinning=["mutex-holder"], mutex=ctypes.addressof(mutex))
    lock(mutex)


if sys.argv[1:] == ["tasks"]:
    exec(TASKS)
else:
    main()
