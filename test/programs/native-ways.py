"""Threads that wait at the ends of native calls, each of another kind. CPython 3.6 and later.

PYFLIGHT_NATIVE names the directory of the compiled parts; what it lacks is left out, and the facts say what is there.
In all of them the thread waits for a lock, but for those that sleep in a system call of their own.
"""

import ctypes
import importlib.machinery
import importlib.util
import os
import re
import select
import socket
import sys

import announce

DIRECTORY = os.environ["PYFLIGHT_NATIVE"]
# Free-threaded builds load none that was compiled for others.
EXTENSIONS = () if "t" in sys.abiflags else ("c_extension", "cpp_extension")
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)


def path_of(name):
    return os.path.join(DIRECTORY, name + ".so")


def extension(name):
    loader = importlib.machinery.ExtensionFileLoader(name, path_of(name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module.call


def library(name, function):
    native = getattr(ctypes.CDLL(path_of(name)), function)

    def call(wait):
        callback = CALLBACK(lambda _number: wait() or 0)
        native(callback)

    return call


def in_sort(wait):
    comparison = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    numbers = (ctypes.c_int * 64)(*range(64))
    compare = comparison(lambda *_pointers: wait() or 0)
    ctypes.CDLL(None).qsort(numbers, ctypes.c_size_t(64), ctypes.c_size_t(4), compare)


def in_headers(wait):
    visit = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
    ctypes.CDLL(None).dl_iterate_phdr(visit(lambda *_arguments: wait() or 0), None)


def in_file_tree(wait):
    visit = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)
    ctypes.CDLL(None).ftw(os.path.dirname(os.path.abspath(__file__)).encode(), visit(lambda *_arguments: wait() or 0), 4)


def in_substitution(wait):
    re.sub("b+", lambda match: wait() or "", "abbbc")


def sleeping_calls():
    source, sink = os.pipe()
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(1)
    left, right = socket.socketpair()
    epoll = select.epoll()
    epoll.register(source, select.EPOLLIN)
    kept.extend([sink, right, left, server, epoll])
    return {
        "read": lambda: os.read(source, 1),
        "accept": server.accept,
        "recv": lambda: left.recv(1),
        "recv_into": lambda: left.recv_into(bytearray(8)),
        "epoll": epoll.poll,
        "epoll-limit": lambda: epoll.poll(1000),
    }


def native_calls():
    calls = {
        "qsort": in_sort,
        "dl_iterate_phdr": in_headers,
        "ftw": in_file_tree,
        "substitution": in_substitution,
    }
    for name in EXTENSIONS:
        if os.path.exists(path_of(name)):
            calls[name] = extension(name)
    for name, function in (
        ("rust", "call_back"),
        ("signals", "call_in_handler"),
        ("signals", "call_on_alternate_stack"),
    ):
        if os.path.exists(path_of(name)):
            calls[function] = library(name, function)
    return calls


def run_native(call, gate, index):
    call(lambda: gate.park(index))


def run_sleeping(call, gate, index):
    gate.park(index, call)


def main():
    natives, sleeping = native_calls(), sleeping_calls()
    gate = announce.Gate(len(natives) + len(sleeping))
    ways = [(run_native, name, natives[name]) for name in sorted(natives)]
    ways += [(run_sleeping, name, sleeping[name]) for name in sorted(sleeping)]
    for index, (run, name, call) in enumerate(ways):
        announce.spawn(run, call, gate, index, name=name)
    gate.wait()
    announce.announce_and_stay(ways=[name for _run, name, _call in ways])


kept = []
main()
