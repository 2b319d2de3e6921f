"""Objects of every kind, each with its size; and all objects as gc and sys.getsizeof tell of them. CPython 2.7 and later."""

import array
import collections
import datetime
import decimal
import functools
import gc
import itertools
import re
import sys
import threading
import weakref

import announce

PYTHON2 = sys.version_info[0] == 2
text = str if not PYTHON2 else eval("unicode")


class Plain(object):
    def method(self, *_):
        pass


class Slots(object):
    __slots__ = ("first", "second")


class WeakSlots(object):
    __slots__ = ("first", "__weakref__")


class DictSlots(object):
    __slots__ = ("first", "__dict__")


class Nothing(object):
    __slots__ = ()


class Number(int):
    pass


class Text(text):
    pass


class Bytes(bytes):
    pass


class Words(list):
    pass


class Table(dict):
    pass


class Pair(tuple):
    pass


class Group(set):
    pass


class Meta(type):
    pass


class Asked(type):
    """Whose classes can be neither compared nor hashed: whoever tries has code of the program run."""

    def __eq__(self, other):
        raise RuntimeError("asked")

    def __hash__(self):
        raise RuntimeError("asked")


class Old:
    pass


class Failure(Exception):
    pass


Odd = Asked("Odd", (object,), {})
odd = Odd()
Made = Meta("Made", (object,), {"inner": Plain})


def plain(**attributes):
    made = Plain()
    for name, value in sorted(attributes.items()):
        setattr(made, name, value)
    return made


def wide(count):
    return plain(**dict(("a%d" % number, number) for number in range(count)))


def shrunk():
    """A list, a dict and a set that once had more."""
    numbers, table, group = list(range(1000)), dict.fromkeys(range(1000)), set(range(1000))
    for number in range(990):
        numbers.pop()
        del table[number]
        group.discard(number)
    return [numbers, table, group]


def split():
    """Dicts that share their keys, dicts that did, and one that somebody looked at."""
    made = [wide(3) for _ in range(4)]
    made[1].__dict__["other"] = 1
    del made[2].a0
    made[3].__dict__
    return made + [each.__dict__ for each in made]


def generate(first, *others):
    inner = [first]

    def closed():
        return inner

    yield closed
    yield first


def texts():
    made = [text(""), text("a"), text("abc" * 100), u"\u00e9" * 3, u"\u20ac" * 5, u"\U0001f600" * 7]
    made += [Text(u"abc"), Text(u"\u20acuro")]
    if not PYTHON2:
        # Whoever asks for the UTF-8 of a str leaves it there.
        for index, sample in enumerate([u"\u00e9" * 11, u"\u20ac" * 13, Text(u"\u20ac" * 17)]):
            try:
                sys.intern(sample) if type(sample) is str else None
                getattr(Plain(), sample, None)
                datetime.datetime.now().strftime(sample)
            except (UnicodeError, ValueError, TypeError):
                pass
            made.append(sample)
    return made


def tables():
    """Dicts whose keys are all str, full and of one size, so that behind the entries of one those of another begin."""
    return [dict(("k%d" % number, Plain()) for number in range(10)) for _ in range(100)]


class Keyed(weakref.ref):
    pass


def referring(target, kept):
    """Weak references that hold what they were given besides."""
    keyed = Keyed(target)
    keyed.key = kept
    return [keyed, weakref.ref(target, kept.method)]


def outlived():
    """The frame of a call that is over, with its variables."""
    inside = Plain()
    try:
        raise ValueError(inside)
    except ValueError:
        return sys.exc_info()[2].tb_frame


def numbered(value):
    number = Number(value)
    number.friend = Plain()
    return number


def make_everything():
    living = Plain()
    generator = generate(living, 2)
    next(generator)
    # What it has worked with lives on, and is held by it no more.
    ended = generate(living)
    list(ended)
    everything = [None, True, False, Ellipsis, 1.5, 2 + 3j, object(), b"", b"bytes", bytearray(), bytearray(b"abc" * 9)]
    everything += [0, 1, -1, 2 ** 29, 2 ** 30, -(2 ** 31), 2 ** 64, 10 ** 50, -(10 ** 50), Number(0), Number(5), Number(-7)]
    if not PYTHON2:
        everything.append(Number(2 ** 80))
    everything += texts()
    everything += [Bytes(b"xy"), (), (1,), (1, [2]), Pair((1, 2)), [], [1], list(range(100)), [1] * 7, Words([1, 2])]
    everything += [{}, {"a": 1}, {1: 2}, dict.fromkeys(range(100)), dict.fromkeys(map(str, range(100))), Table(a=1)]
    everything += [dict.fromkeys(range(9000)), set(range(2000))]
    everything += [set(), set([1]), set(range(50)), frozenset(), frozenset(range(20)), Group(range(9))]
    everything += shrunk() + split() + tables() + [living] + referring(living, Plain()) + [outlived()]
    everything += [numbered(0), numbered(-7), numbered(2 ** 40)]
    everything += [Plain(), plain(a=1), wide(31), wide(60), Slots(), WeakSlots(), DictSlots(), Nothing(), Old()]
    everything += [Plain, Slots, Meta, Made, int, object, type, Failure, Failure("x", 1), ValueError("y")]
    everything += [generate, generate.__code__, plain, plain.__code__, texts.__code__, len, "a".join, plain().__init__]
    everything += [generator, ended, generate(3), (each for each in [1]), sys._getframe()]
    everything += [collections.OrderedDict(), collections.OrderedDict((n, n) for n in range(30)), collections.defaultdict(list, a=1)]
    everything += [collections.Counter("aab"), collections.namedtuple("Point", "x y")(1, 2)]
    everything += [array.array("b"), array.array("d", range(50)), array.array("i", [1, 2, 3])]
    everything += [memoryview(b"abc"), slice(1, 2), range(3), iter([1]), reversed([1]), enumerate([1]), zip([1]), itertools.count()]
    everything += [weakref.ref(Plain), weakref.proxy(Plain), property(len), classmethod(len), staticmethod(len), Plain.__dict__]
    everything += [re.compile("a(b)*"), re.compile("a(b)*").match("ab"), datetime.datetime(2020, 1, 1), datetime.timedelta(1)]
    everything += [sys, threading.Lock(), threading.local(), {}.keys(), [].append, {}.items(), Slots.first, dict.get, int.real]
    if not PYTHON2:
        everything += [collections.deque(), collections.deque(range(200)), collections.deque([1, 2], 5), threading.RLock()]
        dropped = collections.deque(range(300))
        for _ in range(150):
            dropped.popleft()
        everything.append(dropped)
    if sys.version_info >= (3, 6):
        namespace = {}
        exec("async def wait(a):\n    return a\nasync def many():\n    yield 1\n", namespace)
        everything += [namespace["wait"], namespace["many"]()]
        coroutine = namespace["wait"](1)
        everything.append(coroutine)
    # What is called often keeps a cache of what its names are bound to, 3.8 to 3.10.
    for _ in range(1500):
        often_called()
    everything.append(often_called.__code__)
    return everything


def often_called():
    return len, sys, sys.path, PYTHON2


def cached(value):
    return value


if not PYTHON2:
    # Not called here: the class of what it keeps is made ready by whoever measures one, until 3.9.
    cached = functools.lru_cache(maxsize=2)(cached)


CODE_HOLDS = "co_consts co_names co_varnames co_freevars co_cellvars co_filename co_name co_code co_lnotab".split()


def held_by(held):
    """What an object holds; of code also what it is made of, as far as that is kept and not made when it is asked for."""
    if type(held) is not CODE:
        return gc.get_referents(held)
    names = CODE_HOLDS[:] if sys.version_info < (3, 10) else [each for each in CODE_HOLDS if each != "co_lnotab"]
    if sys.version_info >= (3, 10):
        names.append("co_linetable")
    if sys.version_info >= (3, 11):
        names = [each for each in names if each not in ("co_varnames", "co_freevars", "co_cellvars", "co_code")]
        names += ["co_qualname", "co_exceptiontable"]
    return [getattr(held, name) for name in names]


CODE = type(held_by.__code__)


def heap():
    """All objects that the collector tracks, and what these hold: address and size of each."""
    known, counts = {}, None
    work = gc.get_objects()
    hidden = set(map(id, (known, work, sys._getframe())))
    while work:
        each = work.pop()
        if id(each) in known or id(each) in hidden or type(each).__name__ == "frame":
            continue
        known[id(each)] = (each, sys.getsizeof(each))
        work.extend(held_by(each))
    counts = {}
    for each, _ in known.values():
        if type(each).__module__ == "__main__":
            counts[type(each).__name__] = counts.get(type(each).__name__, 0) + 1
    return {"counts": counts, "objects": [[address, size] for address, (_, size) in known.items()]}


everything = make_everything()
# Untracks what holds nothing that can be part of a cycle.
for _ in range(3):
    gc.collect()
sizes = [[type(each).__name__, id(each), sys.getsizeof(each)] for each in everything]
found = heap()
held = [[id(each), list(map(id, gc.get_referents(each)))] for each in everything]
announce.announce_and_stay(sizes=sizes, held=held, **found)
