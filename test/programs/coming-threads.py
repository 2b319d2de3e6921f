"""Starts one thread after the other, each of which ends at once, until its standard input ends. CPython 3.6 and later."""

import json
import os
import sys
import threading

reader = threading.Thread(target=sys.stdin.read)
reader.start()
print(json.dumps({"pid": os.getpid(), "threads": [], "facts": {}}), flush=True)
while reader.is_alive():
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
