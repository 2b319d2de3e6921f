"""Functions of every kind for hooks: what they answer must not change, and they must be as they were afterwards.

Some names here are those of modules that a careless hook would need: time, sys, types, inspect, traceback.
"""

import asyncio
import functools
import operator
import os
import signal
import threading
from time import time
from types import coroutine as generator_coroutine

sys = types = inspect = traceback = logging = None


def plain(a, b=2, *rest, c=3, **more):
    return [a, b, list(rest), c, more]


def awkward(target, return_obj=1, *, cost=2, args=3, kwargs=4):
    return [target, return_obj, cost, args, kwargs]


def no_arguments():
    return time() > 0


def failing(key):
    raise KeyError(key)


def leaving(code):
    raise SystemExit(code)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def changing(items):
    items = items + ["rebound"]
    return items


def numbers(count):
    received = []
    for number in range(count):
        received.append((yield number))
    return received


def closing(log):
    try:
        yield "open"
    finally:
        log.append("closed")


@generator_coroutine
def old_style():
    yield
    return "old"


async def uses_old_style():
    return await old_style()


async def coroutine(name, seconds=0):
    await asyncio.sleep(seconds)
    return "done " + name


async def cancelled():
    await asyncio.sleep(1000)


async def async_numbers(count):
    for number in range(count):
        await asyncio.sleep(0)
        yield number


def doubling(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return 2 * function(*args, **kwargs)

    return wrapper


@doubling
def decorated(a):
    return a + 1


@doubling
def other_decorated(a):
    return a + 2


@functools.lru_cache(maxsize=None)
def cached(a):
    return a + 1


part = functools.partial(plain, 1, c=4)
rooted = functools.partial(pow, 2)
taken = operator.itemgetter(0)


class Task:
    """As celery has them: made of a function, which workers call past `__call__`."""

    def __call__(self, *args):
        return self.run(*args)


def task(function, is_bound=False):
    held = function if is_bound else staticmethod(function)
    return type(function.__name__, (Task,), {"run": held, "__wrapped__": held})()


class PromiseProxy:
    """As celery has it for a task; whoever asks it for anything runs code of the program."""

    __module__ = "celery.local"

    def __init__(self, thing):
        object.__setattr__(self, "__thing", thing)

    @property
    def __class__(self):
        raise AssertionError("code of the program ran")

    def __getattribute__(self, name):
        raise AssertionError("code of the program ran")


charge = task(lambda amount: amount + 1)
retry = task(lambda self, amount: [type(self).__name__, amount], is_bound=True)
promise = PromiseProxy(charge)


class Registered:
    """A decorator that is a class."""

    def __init__(self, function):
        functools.update_wrapper(self, function)

    def __call__(self, *args):
        return self.__wrapped__(*args)


@Registered
def registered(a):
    return a + 1


def outer(a):
    base = a

    def inner(b):
        def innermost(c):
            return base + b + c

        return innermost(b)

    return inner(1)


def make_adder(n):
    def adder(a):
        return a + n

    return adder


add_one, add_ten = make_adder(1), make_adder(10)
twice = lambda a: 2 * a  # noqa: E731


class Base:
    made = 0

    def __init__(self, name):
        self.name = name

    def method(self, a):
        return [self.name, a]

    def greet(self):
        return "hello " + self.name

    @staticmethod
    def static(*args):
        return list(args)

    @classmethod
    def of_class(cls, a):
        return [cls.__name__, a]

    @property
    def title(self):
        return self.name.title()

    @title.setter
    def title(self, value):
        self.name = value

    @functools.lru_cache(maxsize=None)
    def cached_method(self):
        return self.name

    def __call__(self, a):
        return [self.name, a]

    class Inner:
        def method(self, a):
            return a


class Derived(Base):
    def greet(self):
        return super().greet() + "!"


base, derived = Base("base"), Derived("derived")
FUNCTIONS = {
    name: value for name, value in list(globals().items()) if type(value) is type(plain)
}
METHODS = {name: value for name, value in vars(Base).items() if type(value) is type(plain)}
CODES = {name: value.__code__ for name, value in list(FUNCTIONS.items()) + list(METHODS.items())}
OUTER_CONSTANTS = outer.__code__.co_consts


def changed():
    """The functions whose code is another object than at first."""
    found = [name for name, value in list(FUNCTIONS.items()) + list(METHODS.items()) if value.__code__ is not CODES[name]]
    return sorted(found)


def signatures():
    import inspect

    kinds = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    answer = {}
    for name, value in sorted(FUNCTIONS.items()):
        answer[name] = [str(inspect.signature(value)), value.__doc__, value.__code__.co_firstlineno]
        answer[name] += [kind(value) for kind in kinds] + [inspect.getsource(value)]
    return answer


def run(coroutine):
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


async def overlapping(seconds):
    return await asyncio.gather(*[coroutine(name, seconds) for name in "abc"])


async def collected(count):
    return [number async for number in async_numbers(count)]


async def cancelling():
    task = asyncio.ensure_future(cancelled())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "cancelled"


def driven():
    """Values sent, thrown and returned all go through."""
    generator = numbers(3)
    answer = [next(generator), generator.send("x")]
    try:
        generator.throw(ValueError("thrown"))
    except ValueError as error:
        answer.append(str(error))
    log = []
    other = closing(log)
    answer.append(next(other))
    other.close()
    return answer + log


def let_go():
    for number in numbers(5):
        if number == 1:
            return number


def caught(function, *args):
    """What it raises, with the names of the frames that the exception has passed."""
    try:
        return function(*args)
    except BaseException as error:
        names, entry = [], error.__traceback__
        while entry is not None:
            names.append(entry.tb_frame.f_code.co_name)
            entry = entry.tb_next
        return [type(error).__name__, str(error), names[-1]]


def in_threads(count, calls):
    answers = []
    threads = [threading.Thread(target=lambda: answers.extend(map(twice, range(calls)))) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(answers)


def in_child():
    """Whether the calls of a child that is forked off are right, and what it has of hooks after one."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writing, repr((plain(1), changed())).encode())
        os._exit(0)
    os.close(writing)
    answer = os.read(reading, 4096).decode()
    os.close(reading)
    os.waitpid(pid, 0)
    return answer


class Overdue(Exception):
    pass


def alarmed(seconds, function, *args):
    """Calls it with an alarm set, whose handler raises, as programs limit the time of calls."""

    def ring(*_):
        raise Overdue("time is up")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return caught(function, *args)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


waiting = []


def begin_waiting():
    """A call that is under way until `end_waiting`."""
    task = coroutine("late", 0)
    task.send(None)
    waiting.append(task)
    return "waits"


def end_waiting():
    try:
        waiting.pop().send(None)
    except StopIteration as error:
        return error.value
