"""Wakes every millisecond from an epoll_wait(2), which no pause ends early, and says how often when it is asked. CPython 3.6 and later."""

import json
import os
import select
import sys


def say(**facts):
    print(json.dumps({"pid": os.getpid(), "threads": [], "facts": facts}), flush=True)


epoll = select.epoll()
epoll.register(sys.stdin, select.EPOLLIN)
wakes = 0
say(scratch=os.environ["PYFLIGHT_SCRATCH"])
while True:
    if epoll.poll(0.001) and not os.read(0, 100):
        break
    wakes += 1
