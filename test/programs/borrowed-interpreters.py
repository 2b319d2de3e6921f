"""Interpreters that run on another thread than the one that made them, which lives on or has ended. CPython 3.8 and later.

To 3.12 the thread state of such an interpreter bears the ids of its maker. Each thread describes itself, see
announce.describe_self_and().
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

def borrowed_outer():
    borrowed_inner()

def borrowed_inner():
    announce.tell_and_block({tell}, {block})

borrowed_outer()
"""


def run(interpreter, tell, block):
    directory = os.path.dirname(os.path.abspath(__file__))
    script = SCRIPT.format(directory=directory, tell=tell, block=block)
    announce.describe_self_and(partial(interpreters.run_string, interpreter, script))


def lend(interpreter):
    """Has a thread of its own run the interpreter; the truth of the interpreter."""
    hear, tell = os.pipe()
    block, _never_written = os.pipe()
    announce.spawn(run, interpreter, tell, block, name="borrower-%d" % interpreter)
    with os.fdopen(hear) as lines:
        return {"id": int(interpreter), "threads": json.loads(lines.readline())}


def make_on_thread_that_ends():
    made = []
    announce.spawn(lambda: made.append(interpreters.create())).join()
    return made[0]


def main():
    of_main, of_ended = interpreters.create(), make_on_thread_that_ends()
    announce.announce_and_stay(interpreters=[lend(of_main), lend(of_ended)])


main()
