"""A process with a child that it forked, one in a shell, and a grandchild; one more child comes and ends when it is told so. CPython 2.7 and later.

Each spends its time in a function of its own, and ends when the root has ended. Arguments: how many more children are
forked; or the function of a child and the pid of the root.
"""

import os
import subprocess
import sys
import time

import announce

SCRATCH = os.environ["PYFLIGHT_SCRATCH"]


def is_there(pid):
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def arrive():
    open(os.path.join(SCRATCH, "arrived-%d" % os.getpid()), "w").close()


def stay(root):
    arrive()
    while is_there(root):
        time.sleep(0.01)
    os._exit(0)


def forked(root):
    stay(root)


def grandchild(root):
    stay(root)


def in_shell(root):
    stay(root)


def started(root):
    stay(root)


def command_of(role):
    return [sys.executable, "-S", "-B", os.path.abspath(__file__), role, str(os.getpid())]


def until_arrived(count):
    while len([name for name in os.listdir(SCRATCH) if name.startswith("arrived-")]) < count:
        time.sleep(0.01)


def main(more):
    root = os.getpid()
    for _ in range(1 + more):
        if os.fork() == 0:
            forked(root)
    # Behind the Python comes something else, or the shell would become that Python. Some roots have none.
    shell = ["/bin/sh", "-c", '"$0" "$@"; true'] if os.path.exists("/bin/sh") else []
    subprocess.Popen(shell + command_of("in_shell"))
    until_arrived(3 + more)
    announce.announce()
    child = subprocess.Popen(command_of("started"))
    until_arrived(4 + more)
    announce.announce(started=child.pid)
    child.kill()
    child.wait()
    announce.announce_and_stay()


if len(sys.argv) == 3:
    role, root = sys.argv[1], int(sys.argv[2])
    if role == "in_shell" and os.fork() == 0:
        grandchild(root)
    globals()[role](root)
else:
    main(int((sys.argv[1:] + ["0"])[0]))
