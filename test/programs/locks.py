"""Threads that hold locks and wait for each other in every way, by construction. CPython 2.7 and later.

Facts: `waits` says of each blocked thread what it waits for, and who holds that; `deadlocks` names the circles.
Lines are told by the marks in comments.
"""

import contextlib
import ctypes
import os
import select
import socket
import sys
import threading
import time

import announce

try:
    import queue
except ImportError:
    import Queue as queue

IS_PYTHON_3 = sys.version_info[0] > 2

A, B, C = threading.Lock(), threading.Lock(), threading.Lock()
forever = threading.Lock()
forever.acquire()
steps = []
forget = []  # that what is open is not closed
waits = []
deadlocks = []


def line_of(mark):
    with open(__file__.replace(".pyc", ".py")) as source:
        return [number for number, text in enumerate(source, 1) if text.rstrip().endswith("# " + mark)][0]


class Step(object):
    """Where a thread waits until all have come as far."""

    def __init__(self):
        self.come, self.go = threading.Lock(), threading.Lock()
        self.come.acquire()
        self.go.acquire()
        steps.append(self)

    def __call__(self):
        announce.register()
        self.come.release()
        self.go.acquire()


def all_come():
    """Lets those go on that have been started since the last time, when all of them have come."""
    for step in steps:
        step.come.acquire()
    for step in steps:
        step.go.release()
    del steps[:]


def start(name, function, *args):
    announce.spawn(function, Step(), *args, name=name)


def expect(thread, kind, **facts):
    waits.append(dict(facts, thread=thread, kind=kind))


def stay():
    forever.acquire()


class Account(object):
    def __init__(self):
        self._lock = threading.Lock()

    def transfer(self, step, other):
        with self._lock:  # transfer
            step()
            with other._lock:
                raise SystemExit


def transfers():
    accounts = [Account(), Account()]
    names = ["transfer-0", "transfer-1"]
    for index in range(2):
        other = accounts[1 - index]
        start(names[index], accounts[index].transfer, other)
        expect(
            names[index],
            "lock",
            object=id(other._lock),
            path=["other._lock", "__main__.Account"],
            holder=names[1 - index],
            evidence="with",
            line=line_of("transfer"),
        )
    deadlocks.append(names)


def use_two(step, first, second):
    try:
        with first:  # use_two
            for _ in range(1):
                step()
                with second:
                    raise SystemExit
    finally:
        stay()


def globals_circle():
    names = ["global-0", "global-1", "global-2"]
    for index, (first, second, path) in enumerate(((A, B, "B"), (B, C, "C"), (C, A, "A"))):
        start(names[index], use_two, first, second)
        holder = names[(index + 1) % 3]
        line = line_of("use_two")
        expect(names[index], "lock", object=id(second), path=[path], holder=holder, evidence="with", line=line)
    deadlocks.append(names)


def eat(step, left, right):
    left.acquire()
    left.acquire()
    step()
    right.acquire()


def philosophers():
    forks = [threading.RLock() for _ in range(5)]
    names = ["philosopher-%d" % index for index in range(5)]
    for index in range(5):
        right = forks[(index + 1) % 5]
        start(names[index], eat, forks[index], right)
        expect(names[index], "lock", object=id(right), holder=names[(index + 1) % 5], evidence="owner")
    deadlocks.append(names)


def lock_twice(step, lock):
    with lock:  # lock_twice
        step()
        lock.acquire()


def itself():
    lock = threading.Lock()
    start("itself", lock_twice, lock)
    expect("itself", "lock", object=id(lock), path=["lock"], holder="itself", evidence="with", line=line_of("lock_twice"))
    deadlocks.append(["itself"])


def hold_in_body(step, lock):
    values = iter(range(3))
    for _ in values:
        with lock:  # hold_in_body
            try:
                step()
                stay()
            finally:
                pass


def hold_by_call(step, lock):
    lock.acquire()
    step()
    stay()


def want_in_body(step, lock):
    step()
    with lock:
        raise SystemExit


def want_by_call(step, lock):
    step()
    lock.acquire()


def held_locks():
    in_body, by_call, again = threading.Lock(), threading.Lock(), threading.RLock()
    start("body-holder", hold_in_body, in_body)
    start("call-holder", hold_by_call, by_call)
    start("again-holder", hold_in_body, again)
    body = {"holder": "body-holder", "evidence": "with", "line": line_of("hold_in_body"), "object": id(in_body)}
    start("body-waiter-0", want_in_body, in_body)
    start("body-waiter-1", want_by_call, in_body)
    start("call-waiter", want_in_body, by_call)
    start("again-waiter", want_in_body, again)
    expect("body-waiter-0", "lock", path=["lock"], **body)
    expect("body-waiter-1", "lock", path=["lock"], **body)
    expect("call-waiter", "lock", object=id(by_call))
    again_facts = dict(body, holder="again-holder", evidence="owner", object=id(again))
    expect("again-waiter", "lock", **again_facts)


class Pool(object):
    """Has a lock that its `with` statement does not take."""

    def __init__(self):
        self._lock = threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@contextlib.contextmanager
def locked(lock):
    with lock:
        yield


def hold_by_manager(step, lock):
    with locked(lock):  # hold_by_manager
        step()
        stay()


def managers():
    pool, lock = Pool(), threading.Lock()
    start("pool-user", hold_in_body, pool)
    start("pool-holder", hold_by_call, pool._lock)
    start("pool-waiter", want_in_body, pool._lock)
    expect("pool-waiter", "lock", object=id(pool._lock))
    start("manager-holder", hold_by_manager, lock)
    start("manager-waiter", want_in_body, lock)
    expect("manager-waiter", "lock", object=id(lock))
    if IS_PYTHON_3:
        waits[-1].update(holder="manager-holder", evidence="with", line=line_of("hold_by_manager"))


def left_behind(step, lock):
    with lock:
        pass
    step()
    stay()


def stale_slots():
    """One thread has left the body, so that its stack still shows the lock, which another one took by a call."""
    lock = threading.Lock()
    start("stale", left_behind, lock)
    all_come()
    start("stale-holder", hold_by_call, lock)
    all_come()
    start("stale-waiter", want_in_body, lock)
    expect("stale-waiter", "lock", object=id(lock))


def wait_for_condition(step, condition):
    with condition:
        step()
        condition.wait()


def conditions():
    """The body of a `with` does not hold the lock while it waits for the condition."""
    plain, given = threading.Condition(), threading.Lock()
    condition = threading.Condition(given)
    start("condition-waiter", wait_for_condition, plain)
    start("given-waiter", wait_for_condition, condition)
    all_come()
    expect("condition-waiter", "condition", object=id(plain))
    expect("given-waiter", "condition", object=id(condition))
    start("given-holder", hold_in_body, condition)
    all_come()
    start("given-wanter", want_in_body, condition)
    line = line_of("hold_in_body")
    path = ["self._lock", "threading.Condition"] if IS_PYTHON_3 else None
    expect("given-wanter", "lock", object=id(given), holder="given-holder", evidence="with", line=line, path=path)


def call_after(step, function, *args):
    step()
    function(*args)


def library_waits():
    event, semaphore = threading.Event(), threading.Semaphore(0)
    empty, full, busy = queue.Queue(), queue.Queue(2), queue.Queue()
    full.put(1)
    full.put(2)
    busy.put(1)
    busy.get()
    start("event-waiter", call_after, event.wait)
    start("semaphore-waiter", call_after, semaphore.acquire)
    start("getter", call_after, empty.get)
    start("putter", call_after, full.put, 3)
    start("queue-joiner", call_after, busy.join)
    expect("event-waiter", "event", object=id(event))
    expect("semaphore-waiter", "semaphore", object=id(semaphore), value=0)
    lengths = [{"length": 0}, {"length": 2}, {"length": 0}] if IS_PYTHON_3 else [{}, {}, {}]
    expect("getter", "queue", object=id(empty), operation="get", maxSize=0, **lengths[0])
    expect("putter", "queue", object=id(full), operation="put", maxSize=2, **lengths[1])
    expect("queue-joiner", "queue", object=id(busy), operation="join", unfinished=1, **lengths[2])


def joins():
    parked = threading.Thread(target=call_after, args=(Step(), stay), name="joined")
    parked.daemon = True
    parked.start()
    start("joiner", call_after, parked.join)
    expect("joiner", "join", object=id(parked), threadName="joined", holder="joined", evidence="joined")
    names = ["join-circle-0", "join-circle-1"]
    pair = []
    for index in range(2):
        pair.append(announce.spawn(join_other, Step(), pair, 1 - index, name=names[index]))
        expect(names[index], "join", threadName=names[1 - index], holder=names[1 - index], evidence="joined")
    deadlocks.append(names)


def join_other(step, pair, index):
    step()
    pair[index].join()


def python_3_waits():
    import concurrent.futures

    future, barrier = concurrent.futures.Future(), threading.Barrier(2)
    start("future-waiter", call_after, future.result)
    start("barrier-waiter", call_after, barrier.wait)
    expect("future-waiter", "future", object=id(future), state="PENDING")
    expect("barrier-waiter", "barrier", object=id(barrier))
    if hasattr(queue, "SimpleQueue"):
        simple = queue.SimpleQueue()
        start("simple-getter", call_after, simple.get)
        expect("simple-getter", "queue", object=id(simple), operation="get", maxSize=0)
    directory = os.environ["PYFLIGHT_SCRATCH"]
    with open(os.path.join(directory, "slow_import.py"), "w") as source:
        source.write("import sys\nsys.modules['__main__'].importing()\nsys.modules['__main__'].stay()\n")
    sys.path.append(directory)
    global importing
    importing = Step()
    announce.spawn(__import__, "slow_import", name="importer")
    all_come()
    start("import-waiter", call_after, __import__, "slow_import")
    expect("import-waiter", "import-lock", moduleName="slow_import", holder="importer", evidence="owner")


def native_mutex():
    lock = ctypes.CDLL(None).pthread_mutex_lock
    mutex = ctypes.create_string_buffer(64)
    start("mutex-holder", hold_mutex, lock, mutex)
    all_come()
    start("mutex-waiter", call_after, lock, mutex)
    expect("mutex-waiter", "mutex", address=ctypes.addressof(mutex), holder="mutex-holder", evidence="owner")


def hold_mutex(step, lock, mutex):
    lock(mutex)
    step()
    stay()


def fork_child():
    """A child that lives as long as this process holds the other end of a pipe."""
    end, own = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(own)
        os.read(end, 1)
        os._exit(0)
    os.close(end)
    return child


def system_calls(child):
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(1)
    port = server.getsockname()[1]
    client = socket.socket()
    client.connect(("127.0.0.1", port))
    client_port = client.getsockname()[1]
    accepted, _ = server.accept()
    end, _ = os.pipe()
    path = os.path.join(os.environ["PYFLIGHT_SCRATCH"], "shop.sock")
    local = socket.socket(socket.AF_UNIX)
    local.bind(path)
    local.listen(1)
    forget.extend((server, client, accepted, local))
    tcp = {"kind": "socket", "protocol": "tcp"}
    listening = dict(tcp, fd=server.fileno(), local="127.0.0.1:%d" % port, isListening=True)
    connected = dict(
        tcp,
        fd=client.fileno(),
        local="127.0.0.1:%d" % client_port,
        peer="127.0.0.1:%d" % port,
        isListening=False,
    )
    unix = {"kind": "socket", "protocol": "unix", "fd": local.fileno(), "local": path, "isListening": True}
    start("acceptor", call_after, server.accept)
    start("unix-acceptor", call_after, local.accept)
    start("receiver", call_after, client.recv, 1)
    start("pipe-reader", call_after, os.read, end, 1)
    start("selector", call_after, select.select, [end, server.fileno()], [], [])
    poll = select.poll()
    poll.register(end, select.POLLIN)
    start("poller", call_after, poll.poll)
    epoll = select.epoll()
    epoll.register(client.fileno(), select.EPOLLIN)
    forget.append(epoll)
    start("epoller", call_after, epoll.poll)
    start("parent", call_after, os.waitpid, child, 0)
    start("sleeper", call_after, time.sleep, 100000)
    pipe = {"kind": "pipe", "fd": end}
    for name, files in (
        ("acceptor", [listening]),
        ("unix-acceptor", [unix]),
        ("receiver", [connected]),
        ("pipe-reader", [pipe]),
        ("selector", sorted([pipe, listening], key=lambda file: file["fd"])),
        ("poller", [pipe]),
        ("epoller", [connected]),
    ):
        expect(name, "system-call", files=files)
    expect("parent", "system-call", child=child)
    expect("sleeper", "system-call", files=[], sleeps=100000)


def main():
    child = fork_child()
    system_calls(child)
    transfers()
    globals_circle()
    philosophers()
    itself()
    held_locks()
    managers()
    library_waits()
    joins()
    all_come()
    stale_slots()
    conditions()
    native_mutex()
    if IS_PYTHON_3:
        all_come()
        python_3_waits()
    all_come()
    announce.announce_and_stay(waits=waits, deadlocks=deadlocks)


main()
