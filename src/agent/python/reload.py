"""Puts the code that a function has in its file now into the function that the program uses. All is computed before anything
is changed, and all is changed within one call of C, so that no thread runs in between.
"""

MOST_RECORDS = 200
DEEPEST_STACK = 10000
RECORD_FORMAT = 1
reload_lock = allocate_lock()


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


def forget_reloads():
    """Of detaching: what was reloaded stays, and cannot be undone by us any more. Answers how many functions that are."""
    guard = find_guard()
    found = guard.__dict__.get("reloads")
    if found is None:
        return 0
    del guard.reloads
    if not hasattr(os, "register_at_fork"):
        atexit.unregister(guard.stay)
    return len({id(each["function"]()) for each in found})


def records_of(function):
    return [each for each in records() if each["function"]() is function]


class Reload:
    def __init__(self, found, request):
        # Beside the function and `found`.
        is_shared = references_beyond((found.code,), 3) > constants_that_are(found.code)
        self.found = found
        self.label = found.label
        self.function = found.function
        self.code = found.code
        mine = records_of(self.function)
        self.is_shared = is_shared or bool(mine)
        # What somebody else has put there since is not what we know.
        self.last = mine[-1] if mine and mine[-1]["installed"] is self.code else None
        self.plain = self.code if self.last is None else self.last["plain"]
        self.depth = len(mine)
        self.anew = request.flag("defaults")
        self.line = request.number("line")
        self.holder, self.raw = place_in_class(found.owner, self.function)
        self.changes = []
        self.inner = []

    def plan(self):
        began = monotonic()
        self.path, source = read_source(self.function, self.code)
        self.seconds = monotonic() - began
        path = path_of(self.function, self.code)
        found = source.definitions(path)
        if not found:
            raise not_reloaded("gone", "%s has no %s" % (self.path, ".".join(path)))
        definition = choose_definition(found, self.plain, role_of(self.raw, self.function), self.line)
        self.definition = definition
        self.old_text = self.known_text(path)
        self.old_node = None if self.old_text is None else node_of(self.old_text)
        self.refuse_other_kind(definition)
        new = fitted(definition, self.code, self.function, self.holder)
        self.verdict = compare_codes(self.plain, definition.code)
        wish = {"old_node": self.old_node, "anew": self.anew, "holder": self.holder}
        values = self.values = Values(definition, self.function, self.plain, wish)
        own = Change(self.function)
        if self.verdict != "unchanged":
            own.set("__code__", new)
            self.set_doc(own, new)
        self.set_values(own, values)
        if values.changes and any(each[2] != "kept" for each in values.changes):
            self.verdict = "changed"
        self.changes = [own] if own.values else []
        if "__code__" in own.values:
            self.plan_others(own, new)

    def set_values(self, own, values):
        defaults, only = values.defaults()
        if not same_items(defaults, self.function.__defaults__):
            own.set("__defaults__", defaults)
        live = self.function.__kwdefaults__ or {}
        if set(live) != set(only or {}) or any(live[name] is not only[name] for name in live):
            own.set("__kwdefaults__", only)
        annotations = values.annotations()
        if annotations is not None:
            own.set(*annotations)

    def set_doc(self, own, new):
        """The text that a function of that code begins with, unless the program has given it another."""
        before, after = (made_of(code, self.function).__doc__ for code in (self.code, new))
        if self.function.__doc__ == before and before != after:
            own.set("__doc__", after)

    def known_text(self, path):
        if self.last is not None:
            return self.last["text"]
        return kept_text(self.code, path)

    def refuse_other_kind(self, definition):
        """A function that is called with its class, or without anything, cannot be made of one that is called with `self`."""
        if self.raw is None or definition.owner is None or definition.node.name in IMPLICIT:
            return
        words = decorator_words(definition)
        live = type(self.raw).__name__
        for kind in BINDING_KINDS:
            if (kind in words) != (live == kind) and (kind in words or not words):
                state = "a %s" % kind if kind in words else "no %s" % kind
                raise not_reloaded("decorators", "it is %s in its file now, and decorators are not applied again" % state)

    def plan_others(self, own, new):
        """Functions that were made of the same code, and those that the function has made before."""
        pairs = inner_pairs(self.code, new)
        if not self.is_shared and all(references_beyond((old,), 4) <= 0 for old, _ in pairs):
            self.shared = 1
            return
        users = functions_using([self.code, self.function.__code__] + [old for old, _ in pairs])
        for other in users.get(id(self.code), []):
            if other is not self.function:
                change = Change(other)
                change.set("__code__", new)
                self.set_defaults(change, own)
                self.changes.append(change)
        self.shared = len(self.changes)
        for old, after in pairs:
            found = users.get(id(old), [])
            if not found:
                continue
            fits = old.co_freevars == after.co_freevars and argument_names(old) == argument_names(after)
            for each in found if fits else ():
                change = Change(each)
                change.set("__code__", after)
                self.changes.append(change)
            self.inner.append({"name": old.co_name, "functions": len(found) if fits else 0, "left": 0 if fits else len(found)})

    def set_defaults(self, change, own):
        """Another function of that code keeps the defaults that it was made with; what is new is the same for all."""
        live = live_defaults(change.function, self.plain)
        values = dict(zip_defaults(self.definition.code, own, self.function))
        values.update((name, value) for name, value in live.items() if name in values)
        positional, only, _, _ = argument_names(self.definition.code)
        defaults = tuple(values[name] for name in positional if name in values) or None
        if not same_items(defaults, change.function.__defaults__):
            change.set("__defaults__", defaults)
        if set(change.function.__kwdefaults__ or {}) != {name for name in only if name in values}:
            change.set("__kwdefaults__", {name: values[name] for name in only if name in values} or None)

    def apply(self):
        """The record comes first: a change without one could not be undone."""
        if not self.changes:
            return
        import _weakref

        kept = records()
        record = {
            "format": RECORD_FORMAT,
            "function": _weakref.ref(self.function),
            "label": self.found.label,
            "old": [(_weakref.ref(each.function), each.old_values()) for each in self.changes],
            "installed": self.changes[0].values.get("__code__", self.code),
            "plain": self.definition.code,
            "text": self.definition.text(),
            "before": self.old_text,
            "line": self.definition.line,
        }
        kept.append(record)
        try:
            apply_changes(self.changes)
        except Exception as error:
            kept.remove(record)
            raise not_reloaded("failed", "Python does not let it be changed: %s" % error_text(error))
        except BaseException:
            kept.remove(record)
            raise
        del kept[:-MOST_RECORDS]
        self.depth += 1

    def answer(self, is_applied):
        node = self.definition.node
        shown = self.definition.source.lines
        old_decorators = None if self.old_node is None else self.old_node.decorator_list
        return {
            "label": self.found.label,
            "file": self.path,
            "line": self.definition.line,
            "endLine": self.definition.end_line,
            "verdict": self.verdict,
            "isApplied": is_applied,
            "text": self.definition.text(),
            "oldText": self.old_text,
            "facts": differences(self.plain, self.definition.code),
            "values": [self.value_facts(each) for each in self.values.changes],
            "decorators": [shown[each.lineno - 1].strip() for each in node.decorator_list],
            "decoratorsChanged": None if old_decorators is None else not same_tree(old_decorators, node.decorator_list),
            "kind": code_kind(self.definition.code),
            "oldKind": code_kind(self.plain),
            "functions": len(self.changes) and self.shared if "__code__" in self.changes_of_own() else len(self.changes),
            "inner": self.inner,
            "running": running_threads(self.code) if "__code__" in self.changes_of_own() else 0,
            "undoable": self.depth,
            "seconds": self.seconds,
            "definedIn": self.defined_in(),
        }

    def defined_in(self):
        """The class that a method is inherited from."""
        named, owner = self.found.holder, self.found.owner
        return None if named is None or owner is None or named is owner else full_name(owner)

    def changes_of_own(self):
        return self.changes[0].values if self.changes else {}

    def value_facts(self, change):
        kind, name, action, old, new = change
        facts = {"kind": kind, "name": name, "action": action}
        for word, value in (("old", old), ("new", new)):
            if value is not MISSING:
                facts[word] = Renderer(VALUE_BUDGET).view(value)
        return facts


VALUE_BUDGET = {"maxDepth": 1, "maxItems": 10, "maxCharacters": 200, "maxObjects": 30}


def same_items(one, other):
    one, other = one or (), other or ()
    return len(one) == len(other) and all(mine is yours for mine, yours in zip(one, other))


def zip_defaults(code, own, function):
    positional, _, _, _ = argument_names(code)
    defaults = own.values.get("__defaults__", function.__defaults__) or ()
    pairs = list(zip(positional[len(positional) - len(defaults) :], defaults))
    return pairs + list((own.values.get("__kwdefaults__", function.__kwdefaults__) or {}).items())


def made_of(code, function):
    """A function of that code which nobody calls."""
    cells = tuple(Function.__closure__.__get__(function) or ())
    return Function(code, function.__globals__, code.co_name, None, cells[: len(code.co_freevars)] or None)


def inner_pairs(old, new, depth=0):
    """Codes within two codes that are of one name and differ, and those within these."""
    pairs = []
    before, after = codes_by_name(old), codes_by_name(new)
    for name, code in before.items() if depth < 20 else ():
        other = after.get(name)
        if code is None or other is None:
            continue
        if compare_codes(code, other) != "unchanged":
            if code.co_flags & OPTIMIZED:
                pairs.append((code, other))
            pairs += inner_pairs(code, other, depth + 1)
    return pairs


def codes_by_name(code):
    """None for a name that several have."""
    found = {}
    for each in code.co_consts:
        if type(each) is Code:
            found[each.co_name] = None if each.co_name in found else each
    return found


def references_beyond(held, places):
    """How many references a code has beyond those places, by comparison with one that has these alone."""
    control = [compiled("lambda: 0", "<control>").co_consts[0]] * places
    return sys.getrefcount(held[0]) - sys.getrefcount(control[0])


def constants_that_are(code):
    """The module code of a main program goes on, with the codes of all its functions among its constants."""
    found, seen, left = 0, set(), module_codes()
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        for const in each.co_consts:
            if const is code:
                found += 1
            elif type(const) is Code and not const.co_flags & OPTIMIZED:
                left.append(const)
    return found


def module_codes():
    """Codes of modules and classes that threads are in."""
    tops = list(sys._current_frames().values())
    return [frame.f_code for top in tops for frame in frames_from(top) if not frame.f_code.co_flags & OPTIMIZED]


def frames_from(frame):
    for _ in range(DEEPEST_STACK):
        if frame is None:
            return
        yield frame
        frame = frame.f_back


def functions_using(codes):
    """The functions that use codes, by the ids of these; one look at all that the collector knows."""
    found = {}
    for each in gc.get_referrers(*codes):
        if type(each) is Function:
            code = hooking.code_of(each)
            if any(code is wanted for wanted in codes):
                found.setdefault(id(code), []).append(each)
    return found


def running_threads(code):
    """How many threads are in a code: these calls end with it."""
    found = set()
    for ident, top in sys._current_frames().items():
        if any(frame.f_code is code for frame in frames_from(top)):
            found.add(ident)
    return len(found)


def kept_text(code, path):
    """The old text, where Python has kept the file for a traceback and it is the one that the code came from."""
    cache = getattr(sys.modules.get("linecache"), "cache", None)
    entry = cache.get(code.co_filename) if type(cache) is dict else None
    if type(entry) is not tuple or len(entry) != 4:
        return None
    try:
        for each in Source("".join(entry[2]), code.co_filename).definitions(path):
            if compare_codes(each.code, code) == "unchanged":
                return each.text()
    except Exception:
        pass
    return None


BINDING_KINDS = ("staticmethod", "classmethod", "property", "cached_property")
IMPLICIT = ("__new__", "__init_subclass__", "__class_getitem__")


def place_in_class(kind, function):
    """The class that a function was defined in, and what is bound to its name there: itself, or something around it."""
    if not isinstance(kind, type):
        return None, None
    for each in type_mro(kind):
        for name in (function.__name__, "_%s%s" % (type_name(each).lstrip("_"), function.__name__)):
            if name in type_dict(each):
                return each, type_dict(each)[name]
    return kind, None


def role_of(raw, function):
    """Which accessor of a property the function is."""
    if not isinstance(raw, property):
        return None
    return next((name for name in ("fget", "fset", "fdel") if getattr(raw, name) is function), None)


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


@on("reload", in_worker=True)
def reload_function(request):
    found = find_written(request)
    with reload_lock:
        if request.flag("undo"):
            return undo_answer(found, request.flag("dryRun"))
        reload = Reload(found, request)
        diverted(request, reload.plan)
        is_applied = not request.flag("dryRun")
        answer = reload.answer(is_applied and bool(reload.changes))
        if is_applied:
            reload.apply()
            answer["undoable"] = reload.depth
        return answer


def find_written(request):
    """The function as it was written, within all that decorators have put around it."""
    try:
        found = find_function(request)
    except Failure as failure:
        if failure.code == "refused":
            # Without what it means for hooks.
            raise not_reloaded("no-function", failure.message.partition(", so that")[0])
        raise
    if found.function is None:
        words = "each call of %s makes it anew: reload that, which changes those that there are as well"
        raise not_reloaded("no-function", words % short_of(found.outer))
    inner = named_within(found.function, (found.nested or found.path)[-1:])
    if inner is not None:
        found.function, found.code = inner, hooking.code_of(inner)
    if found.code.co_name == "<lambda>":
        raise not_reloaded("no-function", "it is a lambda, and only what is made by def can be told apart in a file")
    return found


def named_within(function, names):
    """A decorator that does not say what it is put around has it in its closure."""
    left = [(function, 0)]
    while left:
        each, depth = left.pop(0)
        if hooking.code_of(each).co_name in names:
            return each
        for cell in each.__closure__ or () if depth < 10 else ():
            try:
                value = cell.cell_contents
            except ValueError:
                continue
            if type(value) is Function:
                left.append((value, depth + 1))
    return None


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
        "definedIn": None,
    }
