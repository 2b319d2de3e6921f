"""From what users write to the function that they mean: `module [class] method`, `pkg.mod:Class.method`, `file.py:func`,
`file.py:51`, functions within functions. Nothing is imported, and no code of the program runs for it.
"""

DEEPEST_WRAPPING = 20
MOST_CODES = 20000
# Objects that stand for others, by where they keep these: tasks of celery.
STAND_INS = {"celery.local.PromiseProxy": "__thing"}
# Those of wrapt, by the names that it has for them: its own C code tells what they are around.
FUNCTION_WRAPPERS = ("FunctionWrapper", "_wrappers.FunctionWrapper")
MOST_SUGGESTED = 8
CO_VARARGS, CO_VARKEYWORDS = 4, 8
CO_GENERATOR, CO_COROUTINE, CO_ITERABLE, CO_ASYNC_GENERATOR = 0x20, 0x80, 0x100, 0x200


class Found:
    """A function, or the code of one that is made anew whenever the function around it runs."""

    def __init__(self, module, name):
        self.module = module
        self.name = name
        self.path = []
        self.code = None
        # None for code within a function.
        self.function = None
        # The function around it, and the names on the way in.
        self.outer = None
        self.nested = []
        # What its first argument is: None, "self" or "class".
        self.first = None
        # Only calls for instances of it (or on it and its subclasses), or for this one object.
        self.holder = None
        self.instance = None
        # The class whose dict has the function, and its name there.
        self.owner = None
        # What a user should know of what was found.
        self.notes = []

    @property
    def filters(self):
        """Whether the code runs for others, too, whose calls are not meant."""
        return self.instance is not None or (self.holder is not None and self.holder is not self.owner)

    @property
    def label(self):
        return ".".join([self.name] + self.path + self.nested)

    def facts(self):
        code = self.code
        facts = {"module": self.name, "path": self.path, "nested": self.nested, "label": self.label}
        facts.update(file=code.co_filename, line=code.co_firstlineno, kind=kind_of(code), notes=self.notes)
        facts["className"] = self.holder and full_name(self.holder)
        return facts


def kind_of(code):
    flags = code.co_flags
    if flags & CO_ASYNC_GENERATOR:
        return "async generator"
    if flags & CO_COROUTINE:
        return "coroutine"
    return "generator" if flags & CO_GENERATOR else "function"


def find_function(request):
    """`words` name it, `nested` what is within it; `wrapped` wants the innermost of a decorated one, `anyClass` calls
    through every class that has it.
    """
    words = request.words("words")
    nested = request.words("nested")
    if len(words) == 1 and ".py:" in words[0]:
        found = in_file(words[0])
    else:
        module, name, path = split_words(words)
        if "<locals>" in path:
            at = path.index("<locals>")
            nested = [each for each in path[at:] if each != "<locals>"] + nested
            path = path[:at]
        found = in_module(Found(module, name), path)
    if request.flag("wrapped"):
        unwrap(found)
    else:
        note_wrapping(found)
    if request.flag("anyClass"):
        found.holder = None
    return within(found, nested) if nested else found


def split_words(words):
    if not words or len(words) > 3:
        raise Failure("not-found", "a function is named by its module, perhaps its class, and its name")
    first, colon, rest = words[0].partition(":")
    path = [part for word in ([rest] if colon else []) + words[1:] for part in word.split(".")]
    if "" in path:
        raise Failure("not-found", "%s has an empty part" % " ".join(words))
    if path:
        return find_module(first), first, path
    # pkg.mod.Class.method: the longest beginning that is a module.
    parts = first.split(".")
    for count in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:count])
        if name in sys.modules:
            return find_module(name), name, parts[count:]
    if first in sys.modules:
        raise function_wanted(find_module(first), first)
    raise Failure("not-found", "no module of the name %s is loaded" % (".".join(parts[:-1]) or first))


def function_wanted(module, name):
    """Somebody has named a module: with it go functions that it defines, in the order of its file."""
    failure = Failure("refused", "%s is a module; name a function of it" % name)
    found = functions_of(module, name)
    own = sorted((each.code.co_firstlineno, each.path) for each in found if each.code.co_filename == file_of(module))
    failure.functions = [".".join([name] + path) for _, path in own[:MOST_SUGGESTED]]
    return failure


def in_module(found, path):
    """Follows names through dicts, slots and classes, as far as no code has to run for it."""
    value, parent, name = found.module, None, ""
    walked = found.name
    for part in path:
        if is_a(value, property):
            inner = accessor(value, part)
        else:
            inner, parent, name = static_attribute(value, part), value, part
        if inner is None:
            raise missing(walked, value, part)
        value = behind(inner)
        walked = "%s.%s" % (walked, part)
    if is_a(value, Module):
        raise function_wanted(value, walked)
    found.path = path
    settle(found, value, parent, name)
    return found


def accessor(value, name):
    return {"fget": value.fget, "fset": value.fset, "fdel": value.fdel}.get(name)


def missing(walked, value, part):
    name = "%s.%s" % (walked, part)
    if is_a(value, Module) and is_a(sys.modules.get(name), Module):
        # Its package does not have it by that name.
        return function_wanted(sys.modules[name], name)
    failure = Failure("not-found", "%s has no attribute %s" % (walked, part))
    failure.names = some_names(names_of(value), "")
    failure.wanted = part
    return failure


def settle(found, value, parent, name):
    """Takes the function out of what wraps it, and notes what its first argument is."""
    if is_a(parent, type):
        found.holder, found.first = parent, "self"
        found.owner = next((each for each in type_mro(parent) if name in type_dict(each)), parent)
    elif not is_a(parent, Module) and type(value) is Function and name not in (instance_dict(parent) or {}):
        found.first, found.instance, found.owner = "self", parent, type(parent)
    for _ in range(DEEPEST_WRAPPING):
        if type(value) is Function:
            found.function, found.code = value, hooking.code_of(value)
            note_inheritance(found, parent)
            return
        value = taken_out(found, value)
    raise Failure("refused", "%s is wrapped too deeply" % found.label)


def note_inheritance(found, parent):
    if not is_a(parent, type) or found.owner is parent:
        return
    if found.holder is parent:
        words = "defined in %s; only calls through %s are seen, --any-class sees all"
        found.notes.append(words % (full_name(found.owner), full_name(parent)))
    else:
        found.notes.append("defined in %s; all calls of it are seen" % full_name(found.owner))


def taken_out(found, value):
    """One layer of what a function can be in."""
    kind = type(value)
    if is_a(value, staticmethod):
        found.first = found.holder = None
        return inner_of(staticmethod, value)
    if is_a(value, classmethod):
        found.first = "class"
        return inner_of(classmethod, value)
    if is_a(value, property):
        found.notes.append("a property: its getter; name its setter by %s.fset" % found.label)
        return value.fget
    if kind is Method:
        found.first, found.instance = "self", value.__self__
        if is_a(value.__self__, type):
            found.first, found.holder, found.instance = "class", value.__self__, None
        return value.__func__
    name = full_name(kind)
    if name == "functools._lru_cache_wrapper":
        found.notes.append("cached: only calls that miss the cache run it")
        return instance_dict(value).get("__wrapped__")
    if name in ("functools.partial", "functools.partialmethod"):
        found.notes.append("a partial: all calls of %s are seen, whether through it or not" % short_of(value.func))
        if name == "functools.partial":
            found.first = found.holder = None
        return value.func
    inner = instance_dict(value)
    if name.endswith("cached_property") and inner:
        found.notes.append("a cached property: it runs once for an instance")
        return inner.get("func")
    if is_a(value, type):
        return constructor_of(found, value)
    inner = wrapped_in(found, value)
    if inner is not None:
        return inner
    call = class_attribute(kind, "__call__")
    if type(call) is Function:
        found.notes.append("a callable object: %s.__call__ is seen, for this object alone" % full_name(kind))
        found.first, found.instance, found.owner, found.holder = "self", value, kind, None
        return call
    raise Failure("refused", refusal(found.label, value))


def behind(value):
    """What a proxy stands for, where it knows that already: to ask it would run code of the program."""
    name = STAND_INS.get(full_name(type(value)))
    try:
        return value if name is None else object.__getattribute__(value, name)
    except AttributeError:
        return value


def wrapped_in(found, value):
    """The function that an object was put around, as `functools.update_wrapper` notes it: its own, or of its class."""
    kind = type(value)
    inner = static_attribute(value, "__wrapped__")
    if type(inner) is GetSet and full_name(kind) in FUNCTION_WRAPPERS:
        inner = inner.__get__(value)
    if inner is None or type(inner) in (property, GetSet, Member):
        return None
    if class_attribute(kind, "__wrapped__") is inner and type(inner) is Function:
        found.first = "self"
    found.notes.append("an object of %s around the function: calls of that are seen, whether through it or not" % full_name(kind))
    return inner


def inner_of(kind, value):
    return type_dict(kind)["__func__"].__get__(value)


def short_of(function):
    return function.__qualname__ if type(function) is Function else full_name(type(function))


def constructor_of(found, value):
    found.holder, found.first = value, "self"
    for name in ("__init__", "__new__"):
        made = class_attribute(value, name)
        if is_a(made, staticmethod):
            made = inner_of(staticmethod, made)
            found.first = "class"
        if type(made) is Function:
            found.notes.append("a class: its %s is seen" % name)
            found.owner = next(each for each in type_mro(value) if name in type_dict(each))
            return made
    raise Failure("refused", refusal(found.label, value))


def wrapped_by(function):
    """The function that a decorator was put around, as `functools.wraps` notes it."""
    inner = (function.__dict__ or {}).get("__wrapped__")
    for _ in range(DEEPEST_WRAPPING):
        if type(inner) is Function or inner is None:
            return inner
        inner = (instance_dict(inner) or {}).get("__wrapped__")
    return None


def note_wrapping(found):
    inner = found.function and wrapped_by(found.function)
    if inner is not None:
        code = found.code
        words = "decorated: calls of the decorator's %s (%s:%d) are seen; --wrapped sees %s itself"
        found.notes.append(words % (code.co_name, code.co_filename, code.co_firstlineno, inner.__qualname__))


def unwrap(found):
    for _ in range(DEEPEST_WRAPPING):
        inner = found.function and wrapped_by(found.function)
        if inner is None:
            return
        found.function, found.code = inner, hooking.code_of(inner)


def within(found, names):
    """The code of a function that is made anew by each call of the one around it."""
    code = found.code
    for name in names:
        inner = [each for each in code.co_consts if type(each) is Code and each.co_name == name]
        if not inner:
            failure = Failure("not-found", "%s has no function %s within" % (found.label, name))
            failure.names = [each.co_name for each in code.co_consts if type(each) is Code and each.co_name[0] != "<"]
            failure.wanted = name
            raise failure
        if len(inner) > 1:
            lines = ", ".join(str(each.co_firstlineno) for each in inner)
            words = "%s has several functions %s, in lines %s: name one by its file and line"
            raise Failure("refused", words % (found.label, name, lines))
        code = hooking.code_behind(inner[0])
        found.nested.append(name)
    found.outer, found.function, found.code = found.function, None, code
    found.first = found.holder = found.instance = None
    return found


def in_file(word):
    """`orders.py:51`, `shop/orders.py:Cart.add`: by the end of a module's file."""
    path, _, place = word.rpartition(":")
    modules = [(name, module) for name, module in list(sys.modules.items()) if has_file(module, path)]
    if not modules:
        raise Failure("not-found", "no module is loaded from a file %s" % path)
    if len({file_of(module) for _, module in modules}) > 1:
        raise Failure("refused", "%s could be any of %s" % (path, ", ".join(sorted(name for name, _ in modules))))
    name, module = modules[0]
    if not place.isdigit():
        return in_module(Found(module, name), place.split("."))
    return at_line(Found(module, name), int(place))


def file_of(module):
    names = Module.__dict__["__dict__"].__get__(module) if is_a(module, Module) else {}
    file = names.get("__file__")
    return file if type(file) is str else ""


def has_file(module, path):
    file = file_of(module)
    return file == path or file.endswith("/" + path)


def at_line(found, line):
    """The innermost function that has the line, among the functions of the module and of its classes."""
    best = None
    file = file_of(found.module)
    for candidate in functions_of(found.module, found.name):
        unwrap(candidate)
        trail = trail_to(candidate.code, line) if candidate.code.co_filename == file else None
        if trail is not None and (best is None or len(trail) >= len(best[1])):
            best = candidate, trail
    if best is None:
        raise Failure("not-found", "no function that is loaded from %s has the line %d" % (file, line))
    candidate, trail = best
    return within(candidate, [code.co_name for code in trail[1:]]) if trail[1:] else candidate


def functions_of(module, module_name):
    """What names of the module lead to, and those of its classes and theirs."""
    for path in paths_in(module):
        found = Found(module, module_name)
        try:
            yield in_module(found, path)
        except Failure:
            continue


def paths_in(module):
    waiting = [([], attributes_of(module))]
    seen = set()
    while waiting and len(seen) < MOST_CODES:
        path, names = waiting.pop()
        for name, value in list(names.items()):
            if type(name) is not str or id(value) in seen:
                continue
            seen.add(id(value))
            if is_a(value, type):
                if type_dict(value).get("__module__") == module.__name__:
                    waiting.append((path + [name], dict(type_dict(value))))
            elif not is_a(value, Module):
                yield path + [name]


def trail_to(code, line):
    """The code that has the line, behind those around it; None when none has it."""
    for inner in code.co_consts:
        if type(inner) is Code:
            trail = trail_to(inner, line)
            if trail is not None:
                return [code] + trail
    return [code] if line == code.co_firstlineno or line in lines_of(code) else None


def lines_of(code):
    if hasattr(code, "co_lines"):
        return {line for _, _, line in code.co_lines() if line}
    line, lines = code.co_firstlineno, set()
    for step in code.co_lnotab[1::2]:
        line += step - 256 if step > 127 else step
        lines.add(line)
    return lines
