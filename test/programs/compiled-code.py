"""A function that exists in memory only, as a just-in-time compiler makes them, calls Python. x86-64, CPython 3.6 and later.

PERF_MAP is how the perf map shall be: good, linked, stale, or of a foreign user.
"""

import ctypes
import mmap
import os

import announce

# sub $8,%rsp; call *%rdi; add $8,%rsp; ret
CODE = b"\x48\x83\xec\x08\xff\xd7\x48\x83\xc4\x08\xc3"
NOBODY = 65534

PRIVATE = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
memory = mmap.mmap(-1, mmap.PAGESIZE, PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
memory.write(CODE)
address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
path = "/tmp/perf-%d.map" % os.getpid()
kind = os.environ["PERF_MAP"]
target = path + ".linked" if kind == "linked" else path
with open(target, "w") as perf_map:
    perf_map.write("%x %x Function:compiled app.js:7\n" % (address, len(CODE)))
if kind == "linked":
    os.symlink(target, path)
elif kind == "stale":
    os.utime(path, (1, 1))
elif kind == "foreign":
    os.chown(path, NOBODY, NOBODY)

CALLBACK = ctypes.CFUNCTYPE(None)
compiled = ctypes.CFUNCTYPE(None, CALLBACK)(address)


def called_back():
    announce.announce_and_stay(address=address, files=[path, target])


compiled(CALLBACK(called_back))
