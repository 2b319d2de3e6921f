"""A process that becomes another program when it is told to. CPython 2.7 and later."""

import os

import announce

announce.announce()
os.execv("/bin/sleep", ["sleep", "1000"])
