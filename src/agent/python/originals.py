"""What the agent is built on, as the interpreter made it: gevent and eventlet put things of their own in its place.

A lock or a thread of theirs would run the agent on a thread of the program, between its own work. What they replace in `os`
stays as it is in `posix`.
"""

import sys

MODULES_BEFORE = set(sys.modules)

import _socket
import _thread
import atexit
import gc
import itertools
import os
import posix
import select
import time

MODULES_ADDED = sorted(set(sys.modules) - MODULES_BEFORE)
BUILTIN = type(len)


def original(module_name, name):
    found = getattr(sys.modules[module_name], name, None)
    if type(found) is BUILTIN:
        return found
    gevent = sys.modules.get("gevent.monkey")
    if gevent is not None:
        found = gevent.get_original(module_name, name)
        if type(found) is BUILTIN:
            return found
    eventlet = sys.modules.get("eventlet.patcher")
    if eventlet is not None:
        found = getattr(eventlet.original(module_name), name, None)
        if type(found) is BUILTIN:
            return found
    raise RuntimeError("%s.%s is not the interpreter's own" % (module_name, name))


start_new_thread = original("_thread", "start_new_thread")
allocate_lock = original("_thread", "allocate_lock")
get_ident = original("_thread", "get_ident")
make_poll = original("select", "poll")
sleep = original("time", "sleep")
monotonic = original("time", "monotonic")


if hasattr(_thread, "get_native_id"):
    native_thread_id = original("_thread", "get_native_id")
else:

    def native_thread_id():
        """The kernel's number of this thread; CPython tells it from 3.8 on."""
        try:
            return int(posix.readlink("/proc/thread-self").rpartition("/")[2])
        except (OSError, ValueError):
            return None


def load_module(name):
    before = set(sys.modules)
    __import__(name)
    MODULES_ADDED.extend(sorted(set(sys.modules) - before))


def lifted(fd):
    """Keeps out of the way of a program that has closed its standard streams and writes to their numbers all the same."""
    low = []
    while fd < 3:
        low.append(fd)
        fd = os.dup(fd)
    for each in low:
        os.close(each)
    return fd


def forget_this_thread(modules=sys.modules, get_ident=get_ident):
    """Takes out what `threading` and gevent keep of a thread that they did not start, when code has asked them for it."""
    threading = modules.get("threading")
    active = getattr(threading, "_active", None)
    ident = get_ident()
    if type(active) is dict and type(active.get(ident)).__name__ == "_DummyThread":
        active.pop(ident, None)
    local = modules.get("gevent._hub_local")
    if local is not None:
        try:
            hub = local.get_hub_if_exists()
            if hub is not None:
                hub.destroy(destroy_loop=True)
        except Exception:
            # It would be printed on the standard error of the program.
            pass
