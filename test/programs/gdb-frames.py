"""Run inside gdb: prints the native calls of each thread as gdb sees them, inlined ones too, a line of JSON each."""

import json
import re

import gdb

gdb.execute("set backtrace past-main on")
gdb.execute("set backtrace past-entry on")
gdb.execute("set backtrace limit unlimited")
gdb.execute("set print asm-demangle on")


def symbol_start(address):
    """Where the symbol begins that an address is part of; before 0, where gdb has lost the stack, there is none."""
    if address < 0:
        return None
    said = gdb.execute("info symbol 0x%x" % address, to_string=True)
    found = re.match(r"(\S.*?)(?: \+ (\d+))? in section", said)
    return address - int(found.group(2) or 0) if found else None


def described(frame, is_activation):
    pc = frame.pc()
    is_inlined = frame.type() == gdb.INLINE_FRAME
    place = frame.find_sal()
    is_known = place.symtab is not None and place.line > 0
    return {
        "pc": pc,
        "name": frame.name(),
        "isInlined": is_inlined,
        "start": None if is_inlined else symbol_start(pc if is_activation else pc - 1),
        "file": place.symtab.filename if is_known else None,
        "line": place.line if is_known else None,
    }


def frames(frame):
    """Leaves out the calls that gdb infers behind jumps from one function to another: the stack has no frames of them."""
    is_activation = True
    while frame is not None:
        if frame.type() != gdb.TAILCALL_FRAME:
            yield described(frame, is_activation)
        if frame.type() != gdb.INLINE_FRAME:
            is_activation = frame.type() == gdb.SIGTRAMP_FRAME
        frame = frame.older()


for thread in gdb.selected_inferior().threads():
    thread.switch()
    stack = {"threadId": thread.ptid[1], "frames": list(frames(gdb.newest_frame()))}
    print("STACK " + json.dumps(stack))
