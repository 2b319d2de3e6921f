"""Allocates on known lines, and tells what the interpreter has noted of them."""

import _tracemalloc

kept = []


def keep(count):
    kept.extend([bytearray(1000) for _ in range(count)])  # allocates


def keep_for(count):
    keep(count)  # calls


def waste(count):
    return len([bytearray(2000) for _ in range(count)])


def lines():
    """The lines that allocate and that call, and the file."""
    with open(__file__) as text:
        numbered = list(enumerate(text, 1))
    found = {line.rpartition("# ")[2].strip(): number for number, line in numbered if line.rstrip().endswith(("# allocates", "# calls"))}
    return [keep.__code__.co_filename, found["allocates"], found["calls"]]


def noted():
    """Bytes and blocks that are noted of the line that allocates."""
    file, line, _ = lines()
    sizes = [trace[1] for trace in _tracemalloc._get_traces() if trace[2][0] == (file, line)]
    return [sum(sizes), len(sizes)]


def is_tracing():
    return bool(_tracemalloc.is_tracing())
