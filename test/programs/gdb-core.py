"""Run inside gdb: prints what it makes of a core, a line of JSON; RANGES in the environment is the memory to print."""

import json
import os
import re

import gdb

REGISTERS = ["rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp"]
REGISTERS += ["r%d" % number for number in range(8, 16)] + ["rip"]

inferior = gdb.selected_inferior()


def registers(thread):
    thread.switch()
    innermost = gdb.newest_frame()
    return [str(int(innermost.read_register(name)) % 2**64) for name in REGISTERS]


def signal():
    information = gdb.parse_and_eval("$_siginfo")
    fields = {name: int(information[name]) for name in ("si_signo", "si_code", "si_errno")}
    fields["address"] = int(information["_sifields"]["_sigfault"]["si_addr"]) % 2**64
    fields["pid"] = int(information["_sifields"]["_kill"]["si_pid"])
    fields["uid"] = int(information["_sifields"]["_kill"]["si_uid"])
    return fields


def auxiliary_vector():
    lines = gdb.execute("info auxv", to_string=True).splitlines()
    found = (re.match(r"(\d+)\s+AT_\w+\s.*?(0x[0-9a-f]+|\d+)(?: \".*\")?$", line) for line in lines)
    return {match.group(1): int(match.group(2), 0) for match in found if match}


def mappings():
    lines = gdb.execute("info proc mappings", to_string=True).splitlines()
    found = (re.match(r"\s+0x(\w+)\s+0x(\w+)\s+0x\w+\s+0x(\w+)\s+(?:[-rwxps]+\s+)?(/.*)$", line) for line in lines)
    keys = ("start", "end", "offset")
    return [
        dict(zip(keys, (int(match.group(index), 16) for index in (1, 2, 3))), path=match.group(4))
        for match in found
        if match
    ]


def memory(start, size):
    try:
        return bytes(inferior.read_memory(start, size)).hex()
    except gdb.MemoryError:
        return None


threads = sorted(inferior.threads(), key=lambda thread: thread.num)
first = gdb.selected_thread()
print(
    "CORE "
    + json.dumps(
        {
            "signal": signal(),
            "threads": [{"threadId": thread.ptid[1], "registers": registers(thread)} for thread in threads],
            "auxiliaryVector": auxiliary_vector(),
            "mappings": mappings(),
            "memory": [memory(*each) for each in json.loads(os.environ["RANGES"])],
        }
    )
)
