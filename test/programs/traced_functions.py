"""Functions whose calls below are known, for a program that is told which to call."""

import asyncio
import gc
import signal
import threading
import time


def nap():
    time.sleep(0.003)


def fails():
    nap()
    raise ValueError("it fails")


def tiny(value):
    return value


class Cart(object):
    def __init__(self, items):
        self.items = items

    def total(self):
        nap()
        return sum(self.items)

    @staticmethod
    def nothing():
        nap()


def numbers(count):
    for number in range(count):
        nap()
        yield number


def checkout(items):
    cart = Cart(items)
    total = cart.total()
    for _ in range(3):
        nap()
    try:
        fails()
    except ValueError:
        pass
    for number in numbers(2):
        total += number
    sorted(items, key=slow_key)
    return total


def slow_key(item):
    nap()
    return item


def dense(count):
    for number in range(count):
        tiny(number)
    nap()
    return count


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def failure_of(function):
    try:
        function()
    except Exception as error:
        return type(error).__name__


def breaks():
    nap()
    fails()


async def pause():
    await asyncio.sleep(0.02)


async def handler(number):
    await pause()
    nap()
    await pause()
    return number


async def endless():
    await asyncio.sleep(60)


async def stopped():
    task = asyncio.ensure_future(endless())
    await asyncio.sleep(0.01)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "cancelled"


async def together():
    return await asyncio.gather(*[handler(number) for number in range(3)])


async def step(number):
    await asyncio.sleep(0)
    return tiny(number)


async def steps(count):
    for number in range(count):
        await step(number)
    return count


def run(coroutine):
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


def in_threads(function, count):
    threads = [threading.Thread(target=function, name="worker %d" % number) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Alarm(Exception):
    pass


def raise_alarm(number, frame):
    raise Alarm()


def until_alarm():
    """The alarm must come through, wherever it strikes."""
    end = time.time() + 30
    while time.time() < end:
        tiny(0)
    return False


def alarms(count):
    """How many of so many alarms came through."""
    before = signal.signal(signal.SIGALRM, raise_alarm)
    heard = 0
    # What is raised in a callback of a weak reference, which the collector may call in between, comes through to nobody.
    gc.disable()
    try:
        for number in range(count):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.001 + number * 0.00003)
                until_alarm()
            except Alarm:
                heard += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        gc.enable()
    return heard


class Proxy:
    """Whoever asks what it is an instance of runs code of the program."""

    @property
    def __class__(self):
        raise AssertionError("code of the program ran")


proxy = Proxy()
