"""Holds the GIL in a C function until it reads a line, and says after each how often it was marked. CPython 3.6 and later."""

import ctypes
import json
import os
import sys
import threading
import time

marks = []
libc = ctypes.PyDLL(None)  # keeps the GIL in its calls
line = ctypes.create_string_buffer(64)


def say(**facts):
    print(json.dumps({"pid": os.getpid(), "threads": [], "facts": facts}), flush=True)


# Threads that sleep without the GIL, and that want it.
threading.Thread(target=lambda: [time.sleep(0.001) for _ in iter(int, 1)], daemon=True).start()
threading.Thread(target=threading.Event().wait, daemon=True).start()
say(scratch=os.environ["PYFLIGHT_SCRATCH"])
libc.read(0, line, 64)
say(marks=len(marks))
for _ in iter(sys.stdin.readline, ""):
    say(marks=len(marks))
