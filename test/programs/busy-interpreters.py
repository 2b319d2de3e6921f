"""Two interpreters beside the main one, each on a thread of its own, that compute for ever. CPython 3.8 and later.

From 3.12 on each has a GIL of its own. Before, none gives the common one to another interpreter unless it lets go of it (3.9 to 3.11).
"""

import os
import sys
from functools import partial

try:
    import _interpreters as interpreters  # 3.13
except ImportError:
    import _xxsubinterpreters as interpreters

import announce

SCRIPT = """
import os, time

def compute_{name}():
    os.write({tell}, b"x")
    while True:
        for _ in range(20000):
            pass
        {let_go}

compute_{name}()
"""


LET_GO = "pass" if sys.version_info >= (3, 12) else "time.sleep(0.0001)"


def run_interpreter(name, tell, native_ids):
    native_ids[name] = announce.native_id()
    script = SCRIPT.format(name=name, tell=tell, let_go=LET_GO)
    interpreters.run_string(interpreters.create(), script)


def main():
    hear, tell = os.pipe()
    native_ids = {}
    for name in ("one", "two"):
        announce.spawn(run_interpreter, name, tell, native_ids, name=name)
        os.read(hear, 1)
    announce.describe_self_and(partial(announce.announce_and_stay, nativeIds=native_ids))


main()
