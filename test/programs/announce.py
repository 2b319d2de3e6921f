"""What every target program says about itself: one JSON line on stdout, true while it then waits on stdin.

Valid on CPython 2.7 to 3.15. A thread that parks does so by handing C functions to one call: the first says
that it is there, the last blocks. So its Python frames stand at the same instruction when the truth is taken
and when someone else reads them, columns included.
"""

import itertools
import json
import operator
import os
import sys
import threading
from functools import partial

try:
    import _thread
except ImportError:
    import thread as _thread

_call = operator.methodcaller("__call__")
_native_ids = {}
_self_described = {}
_main_ident = _thread.get_ident()
_heard = []

# A program sets this to have the variables of its own frames described.
describes_variables = False

CO_VARARGS, CO_VARKEYWORDS = 4, 8


current_ident = _thread.get_ident


def native_id():
    """The kernel's id of the calling thread."""
    if hasattr(_thread, "get_native_id"):
        return _thread.get_native_id()
    if os.path.exists("/proc/thread-self"):
        return int(os.readlink("/proc/thread-self").rsplit("/", 1)[1])
    import ctypes  # the root of this process has no /proc

    return ctypes.CDLL(None).syscall({"x86_64": 186, "aarch64": 178}[os.uname()[4]])


def register():
    """Notes the kernel's id of the calling thread, which no other thread can ask for."""
    _native_ids[_thread.get_ident()] = native_id()


register()


def note_fork():
    """Notes that the calling thread is the only one of a new process."""
    global _main_ident
    _main_ident = _thread.get_ident()
    _native_ids.clear()
    register()


class Gate(object):
    """Where `count` threads park for ever; wait() returns once all of them have."""

    def __init__(self, count):
        self._arrivals = [_thread.allocate_lock() for _ in range(count)]
        self._barrier = _thread.allocate_lock()
        for lock in self._arrivals + [self._barrier]:
            lock.acquire()

    def arrive(self, index):
        """Says that thread `index` is there, which then goes on."""
        register()
        self._arrivals[index].release()

    def park(self, index, blocking_call=None):
        """Says that thread `index` is there and blocks, for ever or in a C function of the caller's choice."""
        register()
        list(map(_call, (self._arrivals[index].release, blocking_call or self._barrier.acquire)))

    def wait(self):
        """Returns once every thread has said that it is there."""
        for lock in self._arrivals:
            lock.acquire()


def spawn(function, *args, **options):
    """Starts a daemon thread; `name` is its threading name."""
    thread = threading.Thread(target=function, args=args, name=options.get("name"))
    thread.daemon = True
    thread.start()
    return thread


def start_unknown(function, args):
    """Starts a thread that the threading module does not know."""
    _thread.start_new_thread(function, args)


def frame_truth(frame):
    code = frame.f_code
    truth = {"file": _text(code.co_filename), "name": code.co_name, "firstLine": code.co_firstlineno}
    if frame.f_lineno is not None:
        truth["line"] = frame.f_lineno
    if hasattr(code, "co_qualname"):
        truth["qualifiedName"] = code.co_qualname
    if describes_variables and code.co_name != "<module>":
        truth["variables"] = variables_truth(frame)
    if hasattr(code, "co_positions") and frame.f_lasti >= 0:
        place = next(itertools.islice(code.co_positions(), frame.f_lasti // 2, None))
        for key, value in zip(("line", "endLine", "column", "endColumn"), place):
            if value is not None:
                truth[key] = value
    return truth


def frames_truth(frame):
    """The frames from `frame` outwards, innermost first."""
    frames = []
    while frame is not None:
        frames.append(frame_truth(frame))
        frame = frame.f_back
    return frames


def variables_truth(frame):
    """Names in the order of their declaration: arguments, locals, those that inner functions share, closure."""
    code = frame.f_code
    values = frame.f_locals
    variables = []
    for name, role in _names_with_roles(code):
        variable = {"name": name, "role": role}
        if name in values:
            variable["type"] = type(values[name]).__name__
            variable["repr"] = _text(repr(values[name]))
            variable["address"] = id(values[name])
        variables.append(variable)
    return variables


def _names_with_roles(code):
    keyword_only = getattr(code, "co_kwonlyargcount", 0)
    roles = ["positional"] * code.co_argcount + ["keyword-only"] * keyword_only
    if code.co_flags & CO_VARARGS:
        roles.append("var-positional")
    if code.co_flags & CO_VARKEYWORDS:
        roles.append("var-keyword")
    roles.extend(["local"] * (len(code.co_varnames) - len(roles)))
    shared = [name for name in code.co_cellvars if name not in code.co_varnames]
    return (
        list(zip(code.co_varnames, roles))
        + [(name, "local") for name in shared]
        + [(name, "closure") for name in code.co_freevars]
    )


def _text(value):
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


def threads_truth(own_frame):
    """Every thread of this interpreter; the calling one is described from `own_frame` outwards."""
    stacks = dict(_self_described)
    if not _self_described:
        for ident, frame in sys._current_frames().items():
            stacks[ident] = frames_truth(frame)
    stacks[_thread.get_ident()] = frames_truth(own_frame)
    names = dict((thread.ident, thread.name) for thread in threading.enumerate())
    return [_thread_truth(ident, stack, names) for ident, stack in sorted(stacks.items())]


def _thread_truth(ident, stack, names):
    thread = {
        "ident": ident,
        "isMain": ident == _main_ident,
        "isAnnouncer": ident == _thread.get_ident(),
        "frames": stack,
    }
    if ident in _native_ids:
        thread["nativeId"] = _native_ids[ident]
    if ident in names:
        thread["name"] = names[ident]
    return thread


def describe_self_and(c_function):
    """Notes the caller's frames, then calls a C function that does not return, from the same instruction.

    From then on only threads that described themselves are in the truth. For programs with several interpreters:
    sys._current_frames() makes frame objects of all of them out of the memory of one, which crashes 3.12 and 3.13.
    """
    register()
    list(map(_call, (partial(_note, sys._getframe()), c_function)))


def _note(frame):
    _self_described[_thread.get_ident()] = frames_truth(frame)


def _write(own_frame, facts):
    truth = {
        "pid": os.getpid(),
        "version": sys.version.split()[0],
        "hexVersion": sys.hexversion,
        "threads": threads_truth(own_frame),
        "facts": facts,
    }
    sys.stdout.write(json.dumps(truth) + "\n")
    sys.stdout.flush()


def announce(**facts):
    """Says the truth, then blocks in read(2) until the harness says a line, which it returns.

    Ends the process at once when the harness is gone.
    """
    say = partial(_write, sys._getframe(), facts)
    if _heard:
        say()
        return _heard.pop(0)
    _, lines = list(map(_call, (say, partial(os.read, 0, 65536))))
    if not lines:
        os._exit(0)
    _heard.extend(lines.decode("utf-8").splitlines())
    return _heard.pop(0)


def announce_and_stay(**facts):
    """Says the truth again after each line that is heard, for ever."""
    while True:
        announce(**facts)


def tell_and_block(tell, block):
    """Writes the truth about the calling interpreter to one descriptor, then blocks in a read of another."""
    register()
    tell_all = partial(_tell, sys._getframe(), tell)
    list(map(_call, (tell_all, partial(os.read, block, 1))))


def _tell(own_frame, descriptor):
    own = _thread.get_ident()
    line = json.dumps([_thread_truth(own, frames_truth(own_frame), {})]) + "\n"
    with os.fdopen(descriptor, "w") as pipe:
        pipe.write(line)
