"""A child that was forked off by C code, as uWSGI does it: CPython was not told. Its parent waits for its end. CPython 3.6 and later."""

import ctypes
import os

import announce

child = ctypes.PyDLL(None).fork()
if child:
    os.waitpid(child, 0)
else:
    announce.announce_and_stay(child=os.getpid())
