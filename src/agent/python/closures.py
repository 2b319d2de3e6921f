"""Makes a new code fit a function that is there: its cells are those that it was made with, and cannot be changed."""

CLASS_MARK = b"the class that pyflight puts here"
SUPER_MARK = b"the super that pyflight puts here"


def fitted(definition, old, function, holder):
    """The code of a definition for a function: the same, or with its free variables made those that the function has.

    `nonlocal` makes a variable free that the new code does not use, and leaves no instruction. The class that `super()` needs
    stands among the constants where the function has no cell of it.
    """
    new = definition.code
    flags = old.co_flags & ITERABLE_COROUTINE if code_kind(new) == "generator" else 0
    if new.co_freevars == old.co_freevars:
        return altered_code(new, new.co_consts, flags) if flags else new
    lacking = [name for name in new.co_freevars if name not in old.co_freevars]
    spare = [name for name in old.co_freevars if name not in new.co_freevars]
    needs_class = "__class__" in lacking
    if needs_class and holder is None or set(lacking) - {"__class__"}:
        name = next((name for name in lacking if name != "__class__" or holder is None), "")
        raise not_reloaded("closure", "its new code uses %s of the code around it, which the function in the process was not made with" % name)
    taken = [name for name in spare if name in new.co_varnames + new.co_cellvars]
    if taken:
        raise not_reloaded("closure", "%s is a variable of its own now, and was one of the code around it" % taken[0])
    node = definition.node
    body, names = node.body, function.__globals__
    if needs_class:
        builtins = sys.modules["builtins"].__dict__
        marks = {CLASS_MARK: holder, SUPER_MARK: names.get("super", builtins.get("super"))}
        node.body = [with_marks(each, first_argument(node)) for each in body]
    if spare:
        node.body = with_nonlocal(node.body, spare, node)
    try:
        tree_code = compiled(definition.source.tree, definition.source.filename)
    except SyntaxError:
        raise not_reloaded("closure", "the code around it has no %s any more, which the function in the process was made with" % spare[0])
    finally:
        node.body = body
    path = path_of(function, old)
    found = codes_at(tree_code, path).get(definition.line)
    if found is None or found.co_freevars != old.co_freevars:
        raise not_reloaded("closure", "its new code does not fit the function in the process")
    found = with_marked_constants(found, marks) if needs_class else found
    return altered_code(found, found.co_consts, flags) if flags else found


def with_nonlocal(body, names, node):
    template = compiled("def f():\n nonlocal %s\n" % ", ".join(names), "<nonlocal>", AS_TREE)
    statement = placed(template.body[0].body[0], node)
    is_text = type(body[0]).__name__ == "Expr" and type(body[0].value).__name__ in ("Str", "Constant")
    at = 1 if is_text else 0
    return body[:at] + [statement] + body[at:]


def placed(node, at):
    """A node of ours where another stands, so that lines are right."""
    for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
        if hasattr(at, name) and hasattr(node, name):
            setattr(node, name, getattr(at, name))
    for each in parts_of(node):
        placed(each, at)
    return node


def expression(text, at):
    return placed(compiled("_ = " + text, "<expression>", AS_TREE).body[0].value, at)


def first_argument(node):
    args = node.args
    every = getattr(args, "posonlyargs", []) + args.args
    return every[0].arg if every else None


def with_marks(node, first):
    """`super()` and `__class__` by marks: both would make the code look for the cell of the class."""
    kind = type(node).__name__
    if kind in FUNCTION_NODES or kind == "Lambda":
        first = first_argument(node)
    if kind == "Call" and getattr(node.func, "id", None) == "super" and not node.args and not node.keywords:
        return expression("%r(%r%s)" % (SUPER_MARK, CLASS_MARK, "" if first is None else ", " + first), node)
    if kind == "Name" and node.id in ("super", "__class__"):
        return expression(repr(SUPER_MARK if node.id == "super" else CLASS_MARK), node)
    changed = copy_of(node)
    for name in node._fields:
        value = getattr(node, name, None)
        if type(value) is list:
            setattr(changed, name, [with_marks(each, first) if hasattr(each, "_fields") else each for each in value])
        elif hasattr(value, "_fields"):
            setattr(changed, name, with_marks(value, first))
    return changed


def copy_of(node):
    """The node itself stays as it is: the next function may need it without marks."""
    copied = type(node).__new__(type(node))
    copied.__dict__.update(node.__dict__)
    return copied


def with_marked_constants(code, marks):
    consts = []
    for each in code.co_consts:
        if type(each) is Code:
            each = with_marked_constants(each, marks)
        elif type(each) is bytes and each in marks:
            each = marks[each]
        elif type(each) is tuple:
            each = tuple(marks.get(part, part) if type(part) is bytes else part for part in each)
        consts.append(each)
    return altered_code(code, tuple(consts), 0)


def altered_code(code, consts, flags):
    if hasattr(code, "replace"):
        return code.replace(co_consts=consts, co_flags=code.co_flags | flags)
    return Code(
        code.co_argcount, code.co_kwonlyargcount, code.co_nlocals, code.co_stacksize, code.co_flags | flags, code.co_code, consts,
        code.co_names, code.co_varnames, code.co_filename, code.co_name, code.co_firstlineno, code.co_lnotab,
        code.co_freevars, code.co_cellvars,
    )


def path_of(function, code):
    """Where the code of a function stands in its file: `["Cart", "add"]`."""
    name = getattr(code, "co_qualname", None) or function.__qualname__
    path = name.split(".")
    if path[-1] != code.co_name:
        path[-1] = code.co_name
    return path
