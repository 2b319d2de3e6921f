"""Greenlets whose calls overlap: each goes on in the middle of the calls of the others. Needs greenlet."""

import time

import greenlet


def pause():
    hub.switch()


def red(depth):
    return red(depth - 1) if depth else pause()


def green(depth):
    pause()
    pause()
    return depth


def blue(depth):
    pause()
    raise wrong


def handle(own):
    try:
        own(2)
    except ValueError:
        pause()


def serve(own):
    while True:
        handle(own)


# Made before, since the class shows as a call from CPython 3.12 on.
wrong = ValueError("blue")
hub = greenlet.getcurrent()
servers = [greenlet.greenlet(serve) for _ in range(3)]
for server, own in zip(servers, (red, green, blue)):
    server.switch(own)
print("ready", flush=True)
while True:
    for server in servers:
        server.switch()
    time.sleep(0.001)
