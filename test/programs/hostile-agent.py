"""Serves a socket where an agent would be, and says what no agent of ours does. Its argument says what."""

import json
import os
import socket
import struct
import sys


def frame(message):
    data = json.dumps(message).encode("utf-8")
    return struct.pack(">I", len(data)) + data


def greeting():
    return frame({"id": 1, "ok": {"version": "\x1b[2J", "leaseSeconds": 15, "engine": "monitoring", "parts": []}})


def status():
    facts = dict(pid=1, python="\x1b]0;owned\x07", version="\x1b[2J", protocol=1, seconds=1, leaseSeconds=1)
    facts.update(directory="/tmp/\x1b[31m", clients=[], hooks=[], workers=[], modulesAdded=["\x1b[1m"])
    return frame({"id": 2, "ok": facts})


MODES = {
    "garbage": lambda: b"HTTP/1.1 200 OK\r\n\r\n" * 1000,
    "huge": lambda: struct.pack(">I", 0xFFFFFFFF),
    "not-json": lambda: struct.pack(">I", 4) + b"\xff\xfe{}",
    "wrong-shape": lambda: frame({"id": 1, "ok": {"version": 7}}),
    "deep": lambda: struct.pack(">I", 400000) + b"[" * 400000,
    "flood": lambda: frame({"id": 77, "ok": {}}) * 5000,
    "escapes": greeting,
    "silent": lambda: b"",
    "refusing": None,
}

mode = sys.argv[1]
directory = "/tmp/pyflight-%d-hostile" % os.getpid()
os.mkdir(directory, 0o700)
server = socket.socket(socket.AF_UNIX)
server.bind(directory + "/s")
server.listen(1)
print(json.dumps({"pid": os.getpid()}))
sys.stdout.flush()
clients = []
while True:
    if MODES[mode] is None:
        sys.stdin.read()
        break
    client, _ = server.accept()
    clients.append(client)
    client.recv(65536)
    try:
        client.sendall(MODES[mode]())
        if mode == "escapes":
            client.recv(65536)
            client.sendall(status())
    except OSError:
        pass
