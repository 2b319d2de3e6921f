"""Modules of every kind, values of every kind, many instances, and who holds one of them. CPython 2.7 and later.

It says what it finds of itself; after a line it hangs in a C function that keeps the GIL.
"""

import collections
import ctypes
import gc
import os
import sys
import time
import zipfile

import announce

PYTHON2 = sys.version_info[0] == 2
# When a process began is known to 20 ms: a file that was written sooner, as Python 2 would, may be older than the process.
OLD_ENOUGH_SECONDS = 0.1
SCRATCH = os.environ["PYFLIGHT_SCRATCH"]

try:
    import _interpreters as interpreters  # 3.13
except ImportError:
    try:
        import _xxsubinterpreters as interpreters  # 3.8
    except ImportError:
        interpreters = None


def write(name, text, seconds=None):
    """Writes a file below the scratch directory, with a time of the past unless told."""
    path = os.path.join(SCRATCH, name)
    if not os.path.isdir(os.path.dirname(path)):
        os.makedirs(os.path.dirname(path))
    with open(path, "w") as file:
        file.write(text)
    if seconds is not None:
        os.utime(path, (seconds, seconds))
    return path


def make_modules():
    """Imports modules of all kinds of files, and changes some of the files afterwards."""
    sys.path.insert(0, SCRATCH)
    files = {
        "package": write("shelf/__init__.py", "", 1e9),
        "source": write("shelf/books.py", "class Book(object):\n    pass\n", 1e9),
        "changed": write("shelf/changed.py", "", 1e9),
        "gone": write("shelf/gone.py", "", 1e9),
    }
    os.symlink(os.path.join(SCRATCH, "shelf"), os.path.join(SCRATCH, "link"))
    files["linked"] = os.path.join(SCRATCH, "link", "books.py")
    with zipfile.ZipFile(os.path.join(SCRATCH, "packed.zip"), "w") as archive:
        archive.writestr("zipped.py", "")
    sys.path.insert(1, os.path.join(SCRATCH, "packed.zip"))
    for name in ("shelf.books", "shelf.changed", "shelf.gone", "zipped"):
        __import__(name)
    if not PYTHON2:
        write("spread/inner.py", "", 1e9)
        __import__("spread.inner")
    write("shelf/changed.py", "new = 1\n", 4e9)
    os.unlink(files["gone"])
    return files


class Book(object):
    kind = "book"

    def __init__(self, number):
        self.number = number

    @property
    def title(self):
        raise RuntimeError("nobody may ask")

    @classmethod
    def make(cls):
        return cls(0)

    class Page(object):
        size = {"a": (1,)}


class Novel(Book):
    pass


class Slots(object):
    __slots__ = ("first", "second")


class Nothing(object):
    __slots__ = ()


class Mute(object):
    def __repr__(self):
        raise ValueError("nothing to say")


class Wanted(object):
    pass


class Old:
    pass


class Older(Old):
    pass


Point = collections.namedtuple("Point", "x y")

mixed = {1: "a", "b": 2}
mixed[(1, None)] = 3.5
cycle = [1]
cycle.append(cycle)
point = Point(1, [2])
one = (1,)
mute = Mute()
failure = ValueError("wrong", 3)
long_list = list(range(100))
slots = Slots()
slots.first = "x"
slots.second = [1]
nothing = [Nothing() for _ in range(3)]
old = [Old(), Older()]
shown = Novel(7)
shown.pages = {"p": Book.Page()}
shown.me = shown
unsafe = u"\u202e\x1b[31m\"quoted\"\\"

wanted = Wanted()
keepers = {
    "list": [0, wanted],
    "dict": {"k": wanted},
    "tuple": (wanted, None),
    "set": set([wanted]),
    "deque": collections.deque([None, wanted]),
}
holder = Mute()
holder.kept = wanted
slot_holder = Slots()
slot_holder.first = wanted


class Shelf(object):
    by_name = {"first": wanted}

    def __init__(self):
        self.held = {"mine": wanted}


direct = {"d": wanted}
row = [None, None, wanted]
shelf = Shelf()
slot_keeper = Slots()
slot_keeper.second = {"in slot": wanted}


def closed_over():
    inner_value = wanted

    def inner():
        return inner_value

    return inner


def generate():
    local = wanted
    yield 1
    yield local


closure = closed_over()
generator = generate()
next(generator)


def make_many(count):
    """The collector would only be slow while they are made."""
    gc.disable()
    books = [Book(number) for number in range(count)]
    novels = [Novel(number) for number in range(10)]
    gc.enable()
    return books, novels


def count_instances(kind):
    return sum(1 for each in gc.get_objects() if isinstance(each, kind))


def loaded_modules():
    found = []
    for name, module in list(sys.modules.items()):
        if module is not None:
            found.append([name, getattr(module, "__file__", None)])
    return found


def referrers():
    """Frames are left out: those that run hold what they look at."""
    found = [each for each in gc.get_referrers(wanted) if type(each).__name__ != "frame"]
    return [[id(each), type(each).__name__] for each in found]


def main():
    other = None
    if interpreters is not None:
        other = interpreters.create()
        if sys.version_info >= (3, 8):
            interpreters.run_string(other, "import json")
    if PYTHON2:
        time.sleep(OLD_ENOUGH_SECONDS)
    files = make_modules()
    many = make_many(20000)
    held_by_me = wanted
    facts = {
        "files": files,
        "counts": [count_instances(Book), count_instances(Novel), count_instances(Old)],
        "referrers": referrers(),
        "modules": loaded_modules(),
        "tracked": len(gc.get_objects()),
        "nothing": [count_instances(Nothing), gc.is_tracked(nothing[0])],
    }
    announce.announce(**facts)
    ctypes.PyDLL(None).sleep(1000)
    return other, many, held_by_me


main()
