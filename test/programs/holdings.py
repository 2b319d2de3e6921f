"""What holds what, how large it is, and what obmalloc says of its arenas. CPython 2.7 and later."""

import ctypes
import functools
import gc
import os
import sys
import tempfile

import announce


class Piece(object):
    def __init__(self, number):
        self.number = number
        self.text = str(number) * 3


class Box(object):
    def __init__(self, content):
        self.content = content


class Slots(object):
    __slots__ = ("inner",)


class Wanted(object):
    pass


class InDict(Wanted):
    pass


class InSlot(Wanted):
    pass


class InClass(Wanted):
    pass


class InClosure(Wanted):
    pass


class InCall(Wanted):
    pass


class Twice(Wanted):
    pass


class AtEnd(Wanted):
    pass


class InTraceback(Wanted):
    pass


class InGenerator(Wanted):
    pass


class InLoop(Wanted):
    pass


class InKeywords(Wanted):
    pass


class InRing(Wanted):
    pass


class InC(Wanted):
    pass


class Link(object):
    pass


# As the first of its names is.
CLOSURE = "func_closure" if sys.version_info < (3,) else "__closure__"


def scatter():
    """Fills arenas and lets go of some of it, so that pools are left in part and as a whole."""
    kept = [Piece(number) for number in range(20000)]
    del kept[::3]
    del kept[9000:]
    return kept


def arenas():
    """What obmalloc says, which it writes to the descriptor of stderr; nothing in 2.7, and where it is not in use."""
    if not hasattr(sys, "_debugmallocstats"):
        return None
    with tempfile.TemporaryFile() as told:
        errors = os.dup(2)
        os.dup2(told.fileno(), 2)
        sys._debugmallocstats()
        os.dup2(errors, 2)
        os.close(errors)
        told.seek(0)
        return told.read().decode("ascii", "replace")


def closure():
    kept = InClosure()
    return lambda: kept


def fail():
    """A traceback, which keeps the variables of the calls that it has passed."""
    lost = InTraceback()
    try:
        raise ValueError(str(type(lost)))
    except ValueError:
        return sys.exc_info()[2]


def suspended(kept):
    generator = generate(kept)
    next(generator)
    return generator


def ended(kept):
    """Has worked with it, and holds it no more."""
    generator = generate(kept)
    list(generator)
    return generator


def generate(kept):
    yield kept


def ring():
    """Whose instance nothing leads to; the collector is off."""
    first = InRing()
    first.itself = first


def only_c():
    """An object that only a count of references tells of."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(InC()))


def link_up(count):
    """A chain of objects whose last one is wanted."""
    first = last = Link()
    for _ in range(count):
        last.next = Link()
        last = last.next
    last.next = AtEnd()
    return first


def holds(holder, held):
    """Whether the collector says so, of an object or its dict of attributes."""
    referrers = gc.get_referrers(held)
    dicts = [each for each in referrers if type(each) is dict]
    around = [owner for each in dicts for owner in gc.get_referrers(each)]
    return id(holder) in map(id, referrers + around)


def chain(text, *objects):
    pairs = list(zip(objects, objects[1:]))
    proved = all(holds(holder, held) for holder, held in pairs)
    return {"text": text, "addresses": [id(each) for each in objects], "proved": proved}


def only(kind):
    """The only instance of a class. To ask a frame for it would leave a dict of its variables there."""
    return [each for each in gc.get_objects() if type(each) is kind][0]


def generator_chain():
    """To 3.10 the frame of a generator is an object of its own."""
    kept = only(InGenerator)
    if sys.version_info < (3, 11):
        return chain("__main__.held_back > frame.kept", held_back, held_back.gi_frame, kept)
    return chain("__main__.held_back.kept", held_back, kept)


def large(text, value):
    return {"text": text, "address": id(value), "sizeBytes": sys.getsizeof(value), "itemCount": len(value)}


gc.collect()
gc.disable()
pieces = scatter()
shelf = {"a": Box([None, InDict()])}
slots = Slots()
slots.inner = (InSlot(),)
Box.shared = InClass()
kept = closure()
traced = fail()
held_back = suspended(InGenerator())
let_go = ended(Box.shared)
# A dict that is not that of its attributes.
partial = functools.partial(max, key=InKeywords())
loop = InLoop()
loop.next = Link()
loop.next.next = Link()
loop.next.next.back = loop
twice = Twice()
also = [twice]
first_link = link_up(500)
ring()
only_c()
numbers = list(range(300000))
words = dict.fromkeys(range(40000))
text = "x" * 700000
group = set(range(20000))
blob = bytearray(600000)
interned = [getattr(sys, "intern", str)("interned-%d" % number) for number in range(5000)]


def describe_and_stay():
    inside = InCall()
    chains = {
        "InDict": [
            chain(
                "__main__.shelf['a'].content[1]",
                shelf,
                shelf["a"],
                shelf["a"].content,
                shelf["a"].content[1],
            )
        ],
        "InSlot": [chain("__main__.slots.inner[0]", slots, slots.inner, slots.inner[0])],
        "InClass": [chain("__main__.Box.shared", Box, Box.shared)],
        "InClosure": [
            chain(
                "__main__.kept.%s[0] > __main__.InClosure" % CLOSURE,
                kept,
                kept.__closure__,
                kept.__closure__[0],
                kept.__closure__[0].cell_contents,
            )
        ],
        "InTraceback": [
            chain("__main__.traced.tb_frame.lost", traced, traced.tb_frame, only(InTraceback))
        ],
        "InGenerator": [generator_chain()],
        "InKeywords": [
            chain("__main__.partial.keywords['key']", partial, partial.keywords, partial.keywords["key"])
        ],
        "InCall": [chain("inside in a call of describe_and_stay", inside)],
        # What it holds leads back to it, which is no reason to live.
        "InLoop": [chain("__main__.loop", loop)],
        "Twice": [chain("__main__.twice", twice), chain("__main__.also[0]", also, twice)],
    }
    announce.announce_and_stay(
        chains=chains,
        large=[
            large("__main__." + name, globals()[name]) for name in ("numbers", "words", "text", "group", "blob")
        ],
        arenas=arenas(),
    )


describe_and_stay()
