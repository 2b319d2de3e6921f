"""Reads lines while another thread runs a loop of one instruction, and says after each whether it was marked. CPython 3.6 and later."""

import json
import os
import sys
import threading

marked = threading.Event()


def say(**facts):
    print(json.dumps({"pid": os.getpid(), "threads": [], "facts": facts}), flush=True)


def loop():
    looping.set()
    while True:
        pass


looping = threading.Event()
threading.Thread(target=loop, daemon=True).start()
looping.wait()
say(scratch=os.environ["PYFLIGHT_SCRATCH"])
for _ in iter(sys.stdin.readline, ""):
    # On the other thread it may have come no further than to the mark outside.
    say(marked=marked.wait(20))
os._exit(0)
