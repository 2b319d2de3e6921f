# coding: utf-8
"""Threads with telling names, and one that the threading module does not know. CPython 2.7 and later."""

import announce

NAMES = ["plain", "работник-线程-🐍", "long-" + "x" * 100, "two words\nand a line"]


def work(gate, index):
    gate.park(index)


def unknown_work(gate, index):
    gate.park(index)


def main():
    gate = announce.Gate(len(NAMES) + 1)
    for index, name in enumerate(NAMES):
        announce.spawn(work, gate, index, name=name)
    announce.start_unknown(unknown_work, (gate, len(NAMES)))
    gate.wait()
    announce.announce_and_stay(names=NAMES)


main()
