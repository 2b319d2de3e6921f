"""Changes of functions, all at once, and what was there before them, for who wants it back. The records lie where the next agent
finds them, until somebody detaches, and hold nothing of ours: functions by weak references, codes, values and texts.
"""

MOST_RECORDS = 200
RECORD_FORMAT = 1


class Change:
    """What shall become of one function."""

    def __init__(self, function):
        self.function = function
        self.values = {}

    def set(self, name, value):
        if getattr(self.function, name) is not value:
            self.values[name] = value

    def old_values(self):
        """What is there now; of a function that is hooked its own code, and not that of the hook."""
        old = {name: getattr(self.function, name) for name in self.values}
        if "__code__" in old:
            old["__code__"] = hooking.code_of(self.function)
        return old


def apply_changes(changes):
    """Sets attributes of functions, all or none."""
    hooked = [each for each in changes if "__code__" in each.values and is_hooked(each.function)]
    old = [(each.function, each.old_values()["__code__"]) for each in hooked]
    functions, names, values = [], [], []
    for change in changes:
        for name, value in change.values.items():
            if name != "__code__" or change not in hooked:
                functions.append(change.function)
                names.append(name)
                values.append(value)
    before = list(map(getattr, functions, names))
    try:
        # No bytecode runs while map and setattr do, and so nobody sees a half of it.
        quietly(lambda: any(map(setattr, functions, names, values)))
        for change in hooked:
            hooking.give_code(change.function, change.values["__code__"])
    except BaseException:
        quietly(lambda: any(map(setattr, functions, names, before)))
        for function, code in old:
            if hooking.code_of(function) is not code:
                hooking.give_code(function, code)
        raise


def is_hooked(function):
    """Whether a watch or its like listens to the calls of a function, which shall go on with the new code."""
    code = function.__code__
    return hooking.code_of(function) is not code or id(code) in globals().get("MONITORED", ())


def records():
    """Of what was reloaded: kept where the next agent finds it, until somebody detaches. They hold nothing of ours."""
    guard = find_guard()
    found = guard.__dict__.get("reloads")
    if found is None:
        found = guard.reloads = []
        if not hasattr(os, "register_at_fork"):
            # Nothing else holds that class in CPython 3.6.
            atexit.register(guard.stay)
    found[:] = [each for each in found if each["format"] == RECORD_FORMAT and each["function"]() is not None]
    return found


def records_of(function):
    return [each for each in records() if each["function"]() is function]


def undo(found):
    """Takes the last reload of a function back."""
    mine = records_of(found.function)
    if not mine:
        raise not_reloaded("nothing", "nothing of it was reloaded, as far as this agent knows")
    record = mine[-1]
    if found.code is not record["installed"]:
        raise not_reloaded("replaced", "its code was replaced by something else since")
    changes, running = [], running_threads(record["installed"])
    for function, values in record["old"]:
        change = Change(function())
        if change.function is not None:
            change.values = dict(values)
            changes.append(change)
    return record, changes, running, len(mine)


def undo_answer(found, is_dry):
    record, changes, running, depth = undo(found)
    if not is_dry:
        apply_changes(changes)
        kept = records()
        kept[:] = [each for each in kept if each is not record]
    old = record["old"][0][1].get("__code__", record["installed"])
    return {
        "label": found.label,
        "file": found.code.co_filename,
        "line": old.co_firstlineno,
        "endLine": None,
        "verdict": "undone",
        "isApplied": not is_dry,
        "text": record["before"],
        "oldText": record["text"],
        "facts": differences(record["plain"], old),
        "values": [],
        "decorators": [],
        "decoratorsChanged": None,
        "kind": code_kind(old),
        "oldKind": code_kind(record["installed"]),
        "functions": len(changes),
        "inner": [],
        "running": running,
        "undoable": depth - (not is_dry),
        "seconds": 0,
        "definedAs": None,
        "loader": None,
    }
