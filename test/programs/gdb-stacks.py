"""Run inside gdb: prints the registers and the native stack of each thread as gdb sees them, a line of JSON each."""

import json

import gdb

REGISTERS = ["rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp"]
REGISTERS += ["r%d" % number for number in range(8, 16)] + ["rip"]

gdb.execute("set backtrace past-main on")
gdb.execute("set backtrace past-entry on")


def counters(frame):
    """Leaves out what gdb derives from debugging information: the stack has no frames of it."""
    while frame is not None:
        if frame.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):
            yield frame.pc()
        frame = frame.older()


for thread in gdb.selected_inferior().threads():
    thread.switch()
    innermost = gdb.newest_frame()
    values = [int(innermost.read_register(name)) % 2**64 for name in REGISTERS]
    stack = {"registers": [str(value) for value in values], "pcs": list(counters(innermost))}
    print("STACK " + json.dumps(stack))
