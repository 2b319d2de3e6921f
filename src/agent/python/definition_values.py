"""What a definition computes beside its code: defaults and annotations. They are computed anew where their source has changed, and
kept where it has not: an object that is the default since the start may have been used since.
"""

MISSING = object()
LITERAL_NODES = {"Constant", "Num", "Str", "Bytes", "NameConstant", "Ellipsis", "Tuple", "List", "Dict", "Set", "UnaryOp", "BinOp"}
LITERAL_NODES |= {"Load", "UAdd", "USub", "Not", "Invert", "Add", "Sub", "Mult", "Pow", "LShift", "FloorDiv", "Div", "BitOr"}
READING_NODES = LITERAL_NODES | {"Name", "Attribute", "Subscript", "Index"}


class ClassBody:
    """Stands in for a metaclass, so that an expression is computed as in the body of its class, with all names of that."""

    def __init__(self, names):
        self.names = names

    def __prepare__(self, *_):
        return self.names

    def __call__(self, *_):
        return None


def run_in_class(statement, owner, scope, filename):
    """Runs one statement in the scope of a definition; answers the names that it has bound there."""
    names_of_module, holder = scope
    names = {} if holder is None else dict(type_dict(holder))
    if owner is None:
        tree = compiled("_ = 0", filename, AS_TREE)
        tree.body = [statement]
        exec(compiled(tree, filename), names_of_module, names)
        return names
    tree = compiled("class _(metaclass=__pyflight__):\n _ = 0", filename, AS_TREE)
    body = placed(tree.body[0], statement)
    body.name, body.body = owner, [statement]
    exec(compiled(tree, filename), names_of_module, {"__pyflight__": ClassBody(names)})
    return names


def value_of(node, owner, scope, filename):
    statement = placed(compiled("__pyflight__ = 0", filename, AS_TREE).body[0], node)
    statement.value = node
    return run_in_class(statement, owner, scope, filename)["__pyflight__"]


def is_made_of(node, kinds):
    return type(node).__name__ in kinds and all(is_made_of(each, kinds) for each in parts_of(node))


def same_literal(one, other):
    """Whether the value of a literal is another value too, which may be large, or hold itself."""
    kind = type(one)
    if kind is not type(other):
        return False
    if kind in (list, tuple):
        return len(one) == len(other) and all(map(same_literal, one, other))
    if kind is dict:
        return len(one) == len(other) and all(map(same_literal, list(one.items()), list(other.items())))
    if kind in (set, frozenset) and len(one) != len(other):
        return False
    return constant_key(one) == constant_key(other)


def is_empty_display(node):
    kind = type(node).__name__
    return is_empty_call(node) or kind in ("List", "Dict") and not (getattr(node, "elts", None) or getattr(node, "keys", None))


def is_empty_call(node):
    """`set()`, which is how an empty set is written, and its like."""
    if type(node).__name__ != "Call" or node.args or node.keywords:
        return False
    return type(node.func).__name__ == "Name" and node.func.id in ("set", "dict", "list", "tuple", "frozenset")


class Values:
    """The defaults and annotations of a new definition, beside those that the function has."""

    def __init__(self, definition, function, old, wish):
        self.definition = definition
        self.function = function
        self.old = old
        # Its old definition, where that is known.
        self.old_node = wish["old_node"]
        self.anew = wish["anew"]
        self.holder = wish["holder"]
        self.changes = []
        owner = definition.owner
        self.owner = None if owner is None else owner.name
        self.is_nested = "<locals>" in path_of(function, old)

    def compute(self, node):
        return value_of(node, self.owner, self.scope(), self.definition.source.filename)

    def decide(self, kind, name, node, live, old_node):
        """The value of one expression; what is not simply as before is noted."""
        is_literal = self.is_literal(node)
        if self.is_nested and not is_literal:
            if live is MISSING:
                raise not_reloaded("value", "the %s of %s is computed where the function is made, and that is over" % (kind, name))
            self.note(kind, name, "kept", live, MISSING)
            return live
        is_wanted = self.anew and kind == "default" and not is_literal
        if live is not MISSING and not is_wanted:
            if old_node is None:
                return self.guess(kind, name, node, live)
            if same_tree(old_node, node):
                return live
        value = self.computed(kind, name, node)
        if not (is_literal and same_literal(value, live)):
            self.note(kind, name, "computed", live, value)
        return value

    def is_literal(self, node):
        """Whether computing it runs no code of the program."""
        is_call = is_empty_call(node) and node.func.id not in self.function.__globals__
        return is_call or is_made_of(node, LITERAL_NODES)

    def guess(self, kind, name, node, live):
        """Without the old source: what reads as it is tells by its value whether it has changed, what calls something does not."""
        if self.is_literal(node):
            value = self.computed(kind, name, node)
            if same_literal(value, live):
                return live
            if is_empty_display(node) and type(value) is type(live):
                # It has been filled since, or was not empty.
                self.note(kind, name, "kept", live, MISSING)
                return live
            self.note(kind, name, "computed", live, value)
            return value
        if kind == "default" and not is_made_of(node, READING_NODES):
            self.note(kind, name, "kept", live, MISSING)
            return live
        try:
            value = self.compute(node) if kind == "annotation" else self.computed(kind, name, node)
            is_same = value is live or type(value) is type(live) and bool(value == live)
        except Failure:
            raise
        except Exception:
            self.note(kind, name, "kept", live, MISSING)
            return live
        if is_same:
            return live
        self.note(kind, name, "computed", live, value)
        return value

    def computed(self, kind, name, node):
        try:
            return self.compute(node)
        except Exception as error:
            failure = raised(error)
            what = "the %s of %s cannot be computed: %s" % (kind, name, error_text(error))
            raise not_reloaded("value", what, failure.traceback)

    def note(self, kind, name, action, old, new):
        self.changes.append((kind, name, action, old, new))

    def defaults(self):
        """`__defaults__` and `__kwdefaults__`."""
        live = live_defaults(self.function, self.old)
        old_nodes = {} if self.old_node is None else default_nodes(self.old_node, self.old)
        nodes = default_nodes(self.definition.node, self.definition.code)
        values = {}
        for name, node in nodes.items():
            values[name] = self.decide("default", name, node, live.get(name, MISSING), old_nodes.get(name))
        for name in live:
            if name not in nodes:
                self.note("default", name, "removed", live[name], MISSING)
        positional, only, _, _ = argument_names(self.definition.code)
        defaults = tuple(values[name] for name in positional if name in values)
        return defaults or None, {name: values[name] for name in only if name in values} or None

    def annotations(self):
        """The attribute to set, and its value; None when it stays as it is."""
        if self.definition.code.co_flags & text_annotations():
            return self.changed_annotations(self.annotation_texts)
        if self.definition.is_generic:
            return self.noted_annotations()
        if not hasattr(self.function, "__annotate__"):
            return self.changed_annotations(self.annotation_values)
        return None if self.is_nested else self.changed_function()

    def noted_annotations(self):
        """Those of generic classes and functions stay, since type parameters are seen from within alone."""
        if self.old_node is not None:
            old, new = (annotation_nodes(node, code) for node, code in self.both())
            if set(old) != set(new) or not all(same_tree(old[name], new[name]) for name in old):
                self.note("annotation", "", "kept", MISSING, MISSING)
        return None

    def both(self):
        return (self.old_node, self.old), (self.definition.node, self.definition.code)

    def changed_annotations(self, take):
        live = self.function.__annotations__
        values = take(live)
        for name in live:
            if name not in values:
                self.note("annotation", name, "removed", live[name], MISSING)
        is_same = len(values) == len(live) and all(name in live and live[name] is values[name] for name in values)
        return None if is_same else ("__annotations__", values)

    def annotation_texts(self, live):
        """After `from __future__ import annotations` they are texts, as the compiler writes them."""
        filename = self.definition.source.filename
        tree = compiled("from __future__ import annotations\ndef f(): pass", filename, AS_TREE)
        tree.body[1] = self.bare_definition(tree.body[1])
        names = {}
        exec(compiled(tree, filename), {"__builtins__": __builtins__}, names)
        values = {}
        for name, text in names["f"].__annotations__.items():
            is_same = name in live and live[name] == text
            values[name] = live[name] if is_same else text
            if not is_same:
                self.note("annotation", name, "computed", live.get(name, MISSING), text)
        return values

    def annotation_values(self, live):
        old_nodes = {} if self.old_node is None else annotation_nodes(self.old_node, self.old)
        nodes = annotation_nodes(self.definition.node, self.definition.code)
        return {
            name: self.decide("annotation", name, node, live.get(name, MISSING), old_nodes.get(name))
            for name, node in nodes.items()
        }

    def changed_function(self):
        """Since 3.14 a function of its own computes the annotations when they are asked for."""
        template = compiled("def f(): pass", "<definition>", AS_TREE).body[0]
        bare = self.bare_definition(template)
        new = run_in_class(bare, self.owner, self.scope(), self.definition.source.filename)["f"].__annotate__
        old = self.function.__annotate__
        if type(old) is Function and new is not None and code_key(old.__code__) == code_key(new.__code__):
            return None
        if new is None and (old is None or old.__code__.co_name == "<lambda>"):
            return None
        self.note("annotation", "", "removed" if new is None else "computed", MISSING, MISSING)
        # With None it would keep what it has computed already.
        return "__annotate__", self.no_annotations() if new is None else new

    def no_annotations(self):
        code = compiled("lambda format, /: {}", self.definition.source.filename).co_consts[0]
        return Function(code, self.function.__globals__, "__annotate__")

    def bare_definition(self, template):
        """A definition with the same annotations and nothing else."""
        node = self.definition.node
        bare = placed(template, node)
        bare.args, bare.returns = without_defaults(node.args), node.returns
        return bare

    def scope(self):
        return self.function.__globals__, self.holder if self.owner is not None else None


def text_annotations():
    """The flag that codes have after `from __future__ import annotations`, which came with 3.7."""
    if sys.version_info < (3, 7):
        return 0
    return compiled("from __future__ import annotations", "<flag>").co_flags & ~compiled("", "<flag>").co_flags


def without_defaults(args):
    bare = copy_of(args)
    bare.defaults = []
    bare.kw_defaults = [None] * len(args.kwonlyargs)
    return bare


def live_defaults(function, code):
    positional, only, _, _ = argument_names(code)
    defaults = function.__defaults__ or ()
    live = dict(zip(positional[len(positional) - len(defaults) :], defaults))
    live.update(function.__kwdefaults__ or {})
    return live


def default_nodes(node, code):
    positional, only, _, _ = argument_names(code)
    found = node.args.defaults
    nodes = dict(zip(positional[len(positional) - len(found) :], found))
    nodes.update((name, each) for name, each in zip(only, node.args.kw_defaults) if each is not None)
    return nodes


def annotation_nodes(node, code):
    args = node.args
    positional, only, star, stars = argument_names(code)
    every = list(zip(positional, getattr(args, "posonlyargs", []) + args.args)) + list(zip(only, args.kwonlyargs))
    every += [(star, args.vararg), (stars, args.kwarg)]
    nodes = {name: each.annotation for name, each in every if each is not None and each.annotation is not None}
    if node.returns is not None:
        nodes["return"] = node.returns
    return nodes
