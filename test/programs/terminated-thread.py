"""A thread that has ended while the interpreter still keeps its state. CPython 2.7 and later, with ctypes.

The thread was made by pthread_create(3) and took the interpreter once more often than it gave it back, as
faulty extension modules do.
"""

import ctypes

import announce

ended = {}


def run_and_leave(argument):
    ctypes.pythonapi.PyGILState_Ensure()
    announce.register()
    ended.update(ident=announce.current_ident(), nativeId=announce.native_id())
    return None


def main():
    libc = ctypes.CDLL(None)
    routine = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)(run_and_leave)
    thread = ctypes.c_ulong()
    libc.pthread_create(ctypes.byref(thread), None, routine, None)
    libc.pthread_join(thread, None)
    announce.announce_and_stay(ended=ended)


main()
