"""What CPython's own asyncio tools see of another process: its tasks, who awaits them, their frames. CPython 3.14+."""

import json
import sys

from asyncio import tools


def line_of(location):
    return location[0] if isinstance(location, tuple) else location


def describe(task):
    frames = [[frame.funcname, line_of(frame[1])] for coroutine in task.coroutine_stack for frame in coroutine.call_stack]
    return {
        "address": task.task_id,
        "awaitedBy": sorted(awaiter.task_name for awaiter in task.awaited_by),
        "frames": frames,
    }


seen = tools.get_all_awaited_by(int(sys.argv[1]))
print(json.dumps([describe(task) for thread in seen for task in thread.awaited_by]))
