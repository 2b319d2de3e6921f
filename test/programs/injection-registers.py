"""Calls a function that holds all registers during a read, and says which of them changed. CPython 3.6 and later."""

import ctypes
import json
import os
import sys

library = ctypes.CDLL(sys.argv[1])
reader, writer = os.pipe()


def say(**facts):
    print(json.dumps({"pid": os.getpid(), "threads": [], "facts": facts}), flush=True)


def release():
    # Floating point and vectors, so that what is not restored is seen.
    assert sum(float(number) ** 0.5 for number in range(100)) > 0 and bytes(1000).translate(bytes(256)) == bytes(1000)
    os.write(writer, b"x")


say(scratch=os.environ["PYFLIGHT_SCRATCH"])
for _ in iter(sys.stdin.readline, ""):
    say(changed=library.held_read(reader))
