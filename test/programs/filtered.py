"""Installs a seccomp filter that refuses one system call of this machine, by an errno or by the end of the process.

`refuse 41` or `end 41`, then what to run under it: a program of Python, or `-- command`. Python 3 with ctypes.
"""

import ctypes
import os
import runpy
import struct
import sys

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER_MODE = 22, 38, 2
ALLOW, ENDS, EPERM = 0x7FFF0000, 0x80000000, 0x00050001
LOAD, IF_EQUAL, RETURN = 0x20, 0x15, 0x06

verdict = {"refuse": EPERM, "end": ENDS}[sys.argv[1]]
steps = [
    struct.pack("HBBI", *step)
    for step in [
        (LOAD, 0, 0, 0),
        (IF_EQUAL, 0, 1, int(sys.argv[2])),
        (RETURN, 0, 0, verdict),
        (RETURN, 0, 0, ALLOW),
    ]
]


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


libc = ctypes.CDLL(None)
assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
assert libc.prctl(PR_SET_SECCOMP, FILTER_MODE, ctypes.byref(Filter(len(steps), b"".join(steps)))) == 0
rest = sys.argv[3:]
if rest[0] == "--":
    os.execv(rest[1], rest[1:])
sys.argv = rest
sys.path.insert(0, os.path.dirname(os.path.abspath(rest[0])))
runpy.run_path(rest[0], run_name="__main__")
