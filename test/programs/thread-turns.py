"""Threads that live for a moment without end, each running a function of its own, by whose name it goes. CPython 2.7 and later."""

import time

import announce

AT_A_TIME = 16
SOURCE = """
def {name}():
    sleep(0.002)
"""


def function_named(name):
    namespace = {"sleep": time.sleep}
    exec(compile(SOURCE.format(name=name), "turns.py", "exec"), namespace)
    return namespace[name]


def take_turns(gate):
    gate.arrive(0)
    kept = []
    while True:
        names = ["turn_%d" % (len(kept) + place) for place in range(AT_A_TIME)]
        functions = [function_named(name) for name in names]
        kept += functions
        threads = [announce.spawn(function, name=name) for function, name in zip(functions, names)]
        for thread in threads:
            thread.join()


def main():
    gate = announce.Gate(1)
    announce.spawn(take_turns, gate, name="starter")
    gate.wait()
    announce.announce_and_stay(churning=["starter"])


main()
