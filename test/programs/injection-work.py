"""Works in every way at once and counts, until its standard input ends. CPython 3.6 and later."""

import json
import os
import re
import select
import signal
import sys
import threading
import time
import zlib

THREADS = int(sys.argv[1])
TIMER_SECONDS = 0.003

counts = {"laps": 0, "work": 0, "errors": 0, "early": 0}
sent = received = 0


def say(**facts):
    print(json.dumps({"pid": os.getpid(), "threads": [], "facts": facts}), flush=True)


def count_signal(*_):
    global received
    received += 1


def work(index):
    """C code that asks for memory all the time, with the GIL and without."""
    while True:
        try:
            zlib.decompress(zlib.compress(os.urandom(2000)))
            json.loads(json.dumps({str(key): key for key in range(50)}))
            re.sub("a+", "b", "aaab" * 50)
            counts["work"] += 1
            time.sleep(0.001 * (1 + index % 7))
        except BaseException:
            counts["errors"] += 1


def timed(call, seconds):
    began = time.monotonic()
    call()
    counts["early"] += time.monotonic() - began < seconds - 0.003


def lap():
    global sent
    held = threading.Lock()
    held.acquire()
    reader, writer = os.pipe()
    poller = select.poll()
    poller.register(reader, select.POLLIN)
    timed(lambda: time.sleep(0.01), 0.01)
    timed(lambda: held.acquire(timeout=0.01), 0.01)
    timed(lambda: poller.poll(10), 0.01)
    timed(lambda: select.select([reader], [], [], 0.01), 0.01)
    # A signal that comes while the one before is pending still would be one with it.
    before = received
    os.kill(os.getpid(), signal.SIGCHLD)
    sent += 1
    while received == before:
        time.sleep(0)
    os.close(reader)
    os.close(writer)
    counts["laps"] += 1


def hear(lines):
    for line in lines:
        say(
            **counts,
            sent=sent,
            received=received,
            workers=threading.active_count(),
            descriptors=len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0,
        )
    os._exit(0)


signal.signal(signal.SIGCHLD, count_signal)
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, TIMER_SECONDS, TIMER_SECONDS)
for index in range(THREADS):
    threading.Thread(target=work, args=(index,), daemon=True).start()
threading.Thread(target=hear, args=(iter(sys.stdin.readline, ""),), daemon=True).start()
say(scratch=os.environ["PYFLIGHT_SCRATCH"])
while True:
    try:
        lap()
    except BaseException:
        counts["errors"] += 1
