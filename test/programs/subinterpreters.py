"""Interpreters beside the main one: idle, live in a thread of its own, and nested on the main thread.

CPython 3.8 and later. The main thread runs code of the nested interpreter, so a helper thread announces. Each
thread describes itself, see announce.describe_self_and().
"""

import json
import os
from functools import partial

try:
    import _interpreters as interpreters  # 3.13
except ImportError:
    import _xxsubinterpreters as interpreters

import announce

SCRIPT = """
import sys
sys.path.insert(0, {directory!r})
import announce

def {kind}_outer():
    {kind}_inner()

def {kind}_inner():
    announce.tell_and_block({tell}, {block})

{kind}_outer()
"""


class Told(object):
    """Code of another interpreter that tells its truth through a pipe and then blocks in a read for ever.

    It is made by the thread that runs it: up to 3.12 its one thread state keeps the id of the thread that made it.
    """

    def __init__(self, kind):
        self.kind = kind
        self.interpreter = None
        self.hear, self._tell = os.pipe()
        self._block, self._never_written = os.pipe()

    def run(self):
        self.interpreter = interpreters.create()
        directory = os.path.dirname(os.path.abspath(__file__))
        script = SCRIPT.format(directory=directory, kind=self.kind, tell=self._tell, block=self._block)
        announce.describe_self_and(partial(interpreters.run_string, self.interpreter, script))

    def truth(self):
        with os.fdopen(self.hear) as lines:
            threads = json.loads(lines.readline())
        return {"id": int(self.interpreter), "kind": self.kind, "threads": threads}


def run_live(told):
    told.run()


def run_nested(told):
    told.run()


def announce_all(nested, others):
    announce.register()
    announce.announce_and_stay(interpreters=others + [nested.truth()])


def main():
    idle = interpreters.create()  # up to 3.12 the interpreter goes when this id does
    live = Told("live")
    announce.spawn(run_live, live, name="live")
    others = [{"id": int(idle), "kind": "idle", "threads": []}, live.truth()]
    nested = Told("nested")
    announce.spawn(announce_all, nested, others, name="announcer")
    run_nested(nested)


main()
