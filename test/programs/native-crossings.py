"""Python functions that call each other through C, each in another way; the innermost one announces.

CPython 2.7 and later. The facts name the ways, outermost first: each is the Python function that went this way.
"""

import functools
import gc
import os
import re
import signal
import sys
import weakref

import announce

try:
    import ctypes
except ImportError:
    ctypes = None

MODULE = "import sys\nsys.modules['__main__'].go_on()\n"
COROUTINES = """
async def stepped():
    go_on()

def through_coroutine():
    try:
        stepped().send(None)
    except StopIteration:
        pass
"""

ways = []


def go_on(*_arguments):
    """Goes the next way; the last of them leads here."""
    if ways:
        ways.pop(0)()
    else:
        announce.announce_and_stay(ways=names)
    return 0


def through_sorted():
    return sorted([1], key=go_on)


def through_partial():
    functools.partial(go_on, 1)(2)


def through_map():
    list(map(go_on, [1]))


def through_filter():
    return list(filter(lambda item: go_on(item), [1]))


class Finalized(object):
    def __del__(self):
        go_on()


def through_del():
    finalized = Finalized()
    del finalized


class Circular(object):
    def __init__(self):
        self.itself = self


def through_collector():
    observer = weakref.ref(Circular(), go_on)
    gc.collect()
    return observer


def steps():
    yield go_on()


def through_generator():
    for _ in steps():
        pass


def through_generator_in_c():
    list(steps())


def through_ctypes():
    ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(go_on)(1)


def through_qsort():
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    numbers = (ctypes.c_int * 2)(2, 1)
    ctypes.CDLL(None).qsort(numbers, ctypes.c_size_t(2), ctypes.c_size_t(4), kind(go_on))


def through_signal():
    signal.signal(signal.SIGUSR1, go_on)
    os.kill(os.getpid(), signal.SIGUSR1)
    while not signalled:
        pass


def through_exec():
    exec(compile("go_on()", "<text>", "exec"), globals())


def through_eval():
    return eval("go_on()")


def through_import():
    with open(os.path.join(os.environ["PYFLIGHT_SCRATCH"], "crossed.py"), "w") as module:
        module.write(MODULE)
    sys.path.insert(0, os.environ["PYFLIGHT_SCRATCH"])
    import crossed


def through_class():
    class Body(object):
        go_on()


def through_metaclass():
    Meta = type("Meta", (type,), {"__call__": lambda cls: go_on(cls)})
    Meta("Made", (object,), {})()


def through_new():
    type("Made", (object,), {"__new__": go_on})()


def through_property():
    return type("Made", (object,), {"value": property(go_on)})().value


def through_attribute():
    return type("Made", (object,), {"__getattr__": go_on})().value


def through_comparison():
    return type("Made", (object,), {"__lt__": go_on})() < 1


def through_substitution():
    return re.sub("a", lambda match: go_on(match) or "b", "a")


def all_ways():
    chosen = [
        through_sorted,
        through_partial,
        through_map,
        through_filter,
        through_del,
        through_collector,
        through_generator,
        through_generator_in_c,
        through_exec,
        through_eval,
        through_import,
        through_class,
        through_metaclass,
        through_new,
        through_property,
        through_attribute,
        through_comparison,
        through_substitution,
        through_signal,
    ]
    if ctypes is not None:
        chosen += [through_ctypes, through_qsort]
    if sys.version_info >= (3, 6):
        exec(COROUTINES, globals())
        chosen.append(through_coroutine)
    return chosen


signalled = []
ways = all_ways()
names = [way.__name__ for way in ways]
go_on()
