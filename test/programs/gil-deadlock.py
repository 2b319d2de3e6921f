"""One thread has a mutex of the C library and wants the GIL, the other keeps the GIL and wants the mutex.

The main thread enters the deadlock when it is told to go on. CPython 2.7 and later.
"""

import ctypes

import announce


def spin():
    while True:
        pass


def take_and_spin(gate, mutex):
    ctypes.CDLL(None).pthread_mutex_lock(mutex)
    gate.arrive(0)
    spin()


def main():
    gate = announce.Gate(1)
    mutex = ctypes.create_string_buffer(64)
    announce.spawn(take_and_spin, gate, mutex, name="mutex-holder")
    gate.wait()
    lock = ctypes.PyDLL(None).pthread_mutex_lock  # which keeps the GIL
    announce.announce(spinning=["mutex-holder"], mutex=ctypes.addressof(mutex))
    lock(mutex)


main()
