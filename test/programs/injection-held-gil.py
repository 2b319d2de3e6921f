"""
Holds the GIL in a C function that sleeps until there is a line to read, and after the line `work` in one that works, until
there is another. Says after each line how often it was marked. CPython 3.6 and later.
"""

import collections
import ctypes
import functools
import json
import os
import sys
import threading
import time

marks = []
libc = ctypes.PyDLL(None)  # keeps the GIL in its calls
line = ctypes.create_string_buffer(64)
# struct pollfd: standard input, POLLIN
polled = ctypes.create_string_buffer((0).to_bytes(4, sys.byteorder) + (1).to_bytes(4, sys.byteorder), 8)


def say(**facts):
    print(json.dumps({"pid": os.getpid(), "threads": [], "facts": facts}), flush=True)


# Threads that sleep without the GIL, and that want it.
threading.Thread(target=lambda: [time.sleep(0.001) for _ in iter(int, 1)], daemon=True).start()
threading.Thread(target=threading.Event().wait, daemon=True).start()
say(scratch=os.environ["PYFLIGHT_SCRATCH"])
libc.read(0, line, 64)
say(marks=len(marks))
if line.value.strip() == b"work":
    # C code calls C code, over and over; no evaluation loop takes part.
    collections.deque(iter(functools.partial(libc.poll, polled, 1, 0), 1), maxlen=0)
for _ in iter(sys.stdin.readline, ""):
    say(marks=len(marks))
