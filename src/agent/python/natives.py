"""What is made in C: what it is called, and why its calls cannot be seen. No code of the program runs for it."""

NATIVES = {
    type(len): "a function",
    type(list.append): "a method",
    type(dict.__dict__["fromkeys"]): "a class method",
    type(object.__init__): "a special method",
    type([].__len__): "a special method",
}


def is_cython(kind):
    return "cython" in full_name(kind)


def native_name(what):
    """`list.append`, `time.sleep`, a class, or the class of what was called."""
    if is_a(what, type):
        return full_name(what)
    if type(what) is Method:
        return what.__func__.__qualname__ if type(what.__func__) is Function else native_name(what.__func__)
    if type(what) not in NATIVES and not is_cython(type(what)):
        return full_name(type(what))
    name = what.__qualname__
    module = getattr(what, "__module__", None)
    return name if module in (None, "builtins") or type(module) is not str else "%s.%s" % (module, name)


def refusal(label, value):
    """Why calls of what a user has named by the label, and of what was found in it, are not seen, and what to do instead."""
    kind = type(value)
    if is_a(value, type):
        words = "a class without __init__ and __new__ in Python"
    elif kind in NATIVES:
        words = "%s made in C" % NATIVES[kind]
    elif is_cython(kind):
        words = "a function compiled by Cython"
    elif type(class_attribute(kind, "__call__")) is SlotWrapper:
        words = "an object of %s, which is called in C" % full_name(kind)
    else:
        return "%s is no function, but of the type %s" % (label, full_name(kind))
    name = native_name(value)
    is_other = kind in NATIVES and name.rpartition(".")[2] != label.rpartition(".")[2]
    what = "%s is %s%s" % (label, name + ", " if is_other else "", words)
    return what + ": its calls pass no code that could be hooked. Hook a Python function that calls it; trace shows its time"
