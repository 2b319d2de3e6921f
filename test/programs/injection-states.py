"""Does with its main thread what it is told to, until that is over or release() is called. CPython 3.6 and later."""

import asyncio
import atexit
import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time

SCRATCH = os.environ["PYFLIGHT_SCRATCH"]
SHORT_SECONDS = 0.25


def say(**facts):
    print(json.dumps({"pid": os.getpid(), "threads": [], "facts": facts}), flush=True)


def release():
    """What ends the state that the main thread is in; what is brought in calls it."""


state = None


def enter():
    """Says that the next thing is to block, or as good as that."""
    say(entering=state)


def until_released(block, end):
    global release
    release = end
    enter()
    block()


@contextlib.contextmanager
def pipe():
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)
    os.close(writer)


def busy():
    going = [True]

    def run():
        while going:
            pass

    until_released(run, going.clear)


def sleep():
    enter()
    time.sleep(SHORT_SECONDS)


def poll():
    with pipe() as (reader, _):
        poller = select.poll()
        poller.register(reader, select.POLLIN)
        enter()
        assert poller.poll(SHORT_SECONDS * 1000) == []


def epoll():
    with select.epoll() as poller:
        enter()
        assert poller.poll(SHORT_SECONDS) == []


def event_loop():
    loop = asyncio.new_event_loop()
    enter()
    loop.run_until_complete(asyncio.sleep(SHORT_SECONDS))
    loop.close()


def select_timed():
    enter()
    assert select.select([], [], [], SHORT_SECONDS) == ([], [], [])


def select_for_ever():
    with pipe() as (reader, writer):
        until_released(lambda: select.select([reader], [], []), lambda: os.write(writer, b"x"))


def poll_for_ever():
    with pipe() as (reader, writer):
        poller = select.poll()
        poller.register(reader, select.POLLIN)
        until_released(poller.poll, lambda: os.write(writer, b"x"))


def read():
    with pipe() as (reader, writer):
        until_released(lambda: os.read(reader, 1), lambda: os.write(writer, b"x"))


def receive():
    near, far = socket.socketpair()
    until_released(lambda: near.recv(1), lambda: far.send(b"x"))


def accept():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(SCRATCH, "listener"))
    listener.listen(1)
    client = socket.socket(socket.AF_UNIX)
    until_released(listener.accept, lambda: client.connect(listener.getsockname()))
    os.unlink(listener.getsockname())


def join():
    event = threading.Event()
    thread = threading.Thread(target=event.wait)
    thread.start()
    until_released(thread.join, event.set)


def lock():
    held = threading.Lock()
    held.acquire()
    until_released(held.acquire, held.release)


def lock_timed():
    held = threading.Lock()
    held.acquire()
    enter()
    assert not held.acquire(timeout=SHORT_SECONDS)


def condition():
    waited = threading.Condition()

    def notify():
        with waited:
            waited.notify()

    def wait():
        with waited:
            waited.wait()

    until_released(wait, notify)


def deadlock():
    mine, other, ready = threading.Lock(), threading.Lock(), threading.Event()

    def cross():
        with other:
            ready.set()
            mine.acquire()

    mine.acquire()
    thread = threading.Thread(target=cross)
    thread.start()
    ready.wait()
    until_released(other.acquire, other.release)
    mine.release()
    thread.join()


def pause():
    enter()
    # Again and again: one that comes while the thread is borrowed wakes it at the next only.
    signal.setitimer(signal.ITIMER_REAL, SHORT_SECONDS, SHORT_SECONDS)
    signal.pause()
    signal.setitimer(signal.ITIMER_REAL, 0)


def sigwait():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    enter()
    signal.setitimer(signal.ITIMER_REAL, SHORT_SECONDS)
    assert signal.sigwait([signal.SIGALRM]) == signal.SIGALRM
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])


def child():
    # It ends with this process at the latest.
    command = [sys.executable, "-S", "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        until_released(process.wait, process.kill)


def importing():
    with open(os.path.join(SCRATCH, "slow_to_import.py"), "w") as module:
        module.write("import time\ntime.sleep(%s)\n" % SHORT_SECONDS)
    sys.path.insert(0, SCRATCH)
    enter()
    import slow_to_import

    sys.path.remove(SCRATCH)
    del sys.modules[slow_to_import.__name__]


def subinterpreter():
    try:
        import _interpreters as interpreters
    except ImportError:
        try:
            import _xxsubinterpreters as interpreters
        except ImportError:
            sleep()
            return
    other = interpreters.create()
    enter()
    time.sleep(SHORT_SECONDS)
    interpreters.destroy(other)


STATES = {
    function.__name__: function
    for function in (
        busy, sleep, poll, epoll, event_loop, select_timed, select_for_ever, poll_for_ever, read, receive, accept, join,
        lock, lock_timed, condition, deadlock, pause, sigwait, child, importing, subinterpreter,
    )
}  # fmt: skip


def in_state(name, function):
    global state
    state = name
    began = time.monotonic()
    function()
    lasted = time.monotonic() - began
    gc.collect()
    say(
        state=name,
        lasted=lasted,
        threads=threading.active_count(),
        descriptors=len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0,
        names=sorted(set(globals()) - NAMES),
        modules=sorted(set(sys.modules) - MODULES),
        streams=[sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__],
    )


def exit_last():
    """An event that a thread waits for which the interpreter waits for when the program is over, before atexit."""
    global release
    event = threading.Event()
    release = event.set
    threading.Thread(target=event.wait).start()
    atexit.register(in_state, "atexit", sleep)
    say(entering="shutdown")


signal.signal(signal.SIGALRM, lambda *_: None)
MODULES = set(sys.modules)
NAMES = set(globals()) | {"NAMES", "line", "__warningregistry__"}
say(scratch=SCRATCH, shortSeconds=SHORT_SECONDS, states=list(STATES))
for line in iter(sys.stdin.readline, ""):
    if line.strip() == "exit":
        exit_last()
        break
    # To look at what there is, between two states.
    if line.strip() == "look":
        in_state("look", lambda: None)
        continue
    in_state(line.strip(), STATES[line.strip()])
