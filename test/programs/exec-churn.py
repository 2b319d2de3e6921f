"""A thread that compiles, runs and forgets code objects without end. CPython 2.7 and later."""

import announce

SOURCE = """
def made_%d():
    return sum(range(3000))
made_%d()
"""


def churn(gate):
    number = 0
    gate.arrive(0)
    while True:
        number += 1
        exec(compile(SOURCE % (number, number), "<churned-%d>" % number, "exec"), {})


def main():
    gate = announce.Gate(1)
    announce.spawn(churn, gate, name="churner")
    gate.wait()
    announce.announce_and_stay(churning=["churner"])


main()
