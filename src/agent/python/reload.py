"""Puts the code that a function has in its file now into the function that the program uses. All is computed before anything
is changed, and all is changed within one call of C, so that no thread runs in between.
"""

reload_lock = allocate_lock()


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
        self.functions = len(self.changes)
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
        if is_bound_again(definition):
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
            return
        users = functions_using([self.code, self.function.__code__] + [old for old, _ in pairs])
        for other in users.get(id(self.code), []):
            if other is not self.function:
                change = Change(other)
                change.set("__code__", new)
                self.set_defaults(change, own)
                self.changes.append(change)
        self.functions = len(self.changes)
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
            "functions": self.functions,
            "inner": self.inner,
            "running": running_threads(self.code) if self.changes and "__code__" in self.changes[0].values else 0,
            "undoable": self.depth,
            "seconds": self.seconds,
            "definedAs": self.defined_as(),
            "loader": loader_of(self.function),
        }

    def defined_as(self):
        """Where it is written, when that is not what was named: inherited, imported from elsewhere, within something else."""
        name = "%s.%s" % (self.function.__globals__.get("__name__"), ".".join(path_of(self.function, self.code)))
        return None if name == self.found.label else name

    def value_facts(self, change):
        kind, name, action, old, new = change
        facts = {"kind": kind, "name": name, "action": action}
        for word, value in (("old", old), ("new", new)):
            if value is not MISSING:
                facts[word] = view_of(value, VALUE_LIMITS)
        return facts


VALUE_LIMITS = limits_of({"maxDepth": 1, "maxItems": 10, "maxCharacters": 200, "maxObjects": 30})


def loader_of(function):
    """What has compiled the module, when that was not Python as it is: pytest rewrites what it imports."""
    loader = getattr(function.__globals__.get("__spec__"), "loader", None)
    name = full_name(type(loader))
    return None if loader is None or name.rpartition(".")[2] == "SourceFileLoader" else name


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
# Their classes, or `enum`, see to it.
IMPLICIT = ("__new__", "__init_subclass__", "__class_getitem__", "_generate_next_value_")


def place_in_class(kind, function):
    """The class that a function was defined in, and what is bound to its name there: itself, or something around it."""
    if not is_a(kind, type):
        return None, None
    for each in type_mro(kind):
        for name in (function.__name__, "_%s%s" % (type_name(each).lstrip("_"), function.__name__)):
            if name in type_dict(each):
                return each, type_dict(each)[name]
    return kind, None


def is_bound_again(definition):
    """`total = property(total)`, below it in the same block."""
    targets = [each for statement in definition.block for each in getattr(statement, "targets", [])]
    return any(getattr(each, "id", None) == definition.node.name for each in targets)


def role_of(raw, function):
    """Which accessor of a property the function is."""
    if not is_a(raw, property):
        return None
    return next((name for name in ("fget", "fset", "fdel") if getattr(raw, name) is function), None)


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
    name = (found.nested or found.path)[-1]
    inner = named_within(found.instance, name) or named_within(found.function, name)
    if inner is not None:
        found.function, found.code = inner, hooking.code_of(inner)
    if found.code.co_name == "<lambda>":
        raise not_reloaded("no-function", "it is a lambda, and only what is made by def can be told apart in a file")
    return found


def named_within(value, name):
    """A decorator that does not say what it is put around has it in its closure, or in what it makes of it."""
    left = [(value, 0)]
    while left:
        each, depth = left.pop(0)
        if type(each) in (staticmethod, classmethod):
            each = each.__func__
        if type(each) is Function:
            if hooking.code_of(each).co_name == name:
                return each
            inside = [cell_content(cell) for cell in each.__closure__ or ()]
        elif depth == 0 and each is not None:
            inside = list((instance_dict(each) or {}).values()) + list(type_dict(type(each)).values())
        else:
            inside = []
        if depth < 10:
            left += [(item, depth + 1) for item in inside if type(item) in (Function, staticmethod, classmethod)]
    return None


def cell_content(cell):
    try:
        return cell.cell_contents
    except ValueError:
        return None
