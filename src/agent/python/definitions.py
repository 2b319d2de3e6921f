"""Source files of the program as they are now: read, compiled as a whole, and the definitions in them."""

AS_TREE = 0x400
OPTIMIZED = 1
LONGEST_SOURCE = 16 << 20
# Of a definition, as the other side takes it.
LONGEST_TEXT = 500000
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
FUNCTION_NODES = ("FunctionDef", "AsyncFunctionDef")
TYPE_PARAMETERS = "<generic parameters of "


def not_reloaded(reason, message, traceback=None):
    """Why nothing was changed; the reason is a word that the other side knows."""
    return Failure("reload-" + reason, message, traceback)


class OwnThread:
    """The messages of warnings that this thread gives, and nobody else."""

    def __init__(self):
        self.ident = get_ident()
        self.get_ident = get_ident

    def match(self, _):
        return self.get_ident() == self.ident


def compiled(source, filename, flags=0):
    return quietly(lambda: compile(source, filename, "exec", flags, True))


def quietly(work):
    """Without a word: what Python warns of would go to the program's standard error."""
    import _warnings

    filters = getattr(sys.modules.get("warnings", _warnings), "filters", None)
    if type(filters) is not list:
        filters = []
    ours = ("ignore", OwnThread(), Warning, None, 0)
    try:
        filters.insert(0, ours)
        return work()
    finally:
        if ours in filters:
            filters.remove(ours)


def added_modules(work):
    """What the work makes Python load is written down: a codec, for a file that is not in UTF-8."""
    before = set(sys.modules)
    try:
        return work()
    finally:
        MODULES_ADDED.extend(sorted(set(sys.modules) - before))


class Definition:
    """One `def` of a file: its node, its code, the class and the block that it stands in."""

    def __init__(self, source, node, block, around):
        self.source = source
        self.node = node
        self.block = block
        self.code = None
        # The innermost class around it; for a function within a method that of the method.
        self.owner = next((each for each in reversed(around) if type(each).__name__ == "ClassDef"), None)
        # Since 3.12 names can be those of type parameters, which nobody sees from outside.
        self.is_generic = any(getattr(each, "type_params", None) for each in around + [node])
        decorators = node.decorator_list
        self.line = decorators[0].lineno if decorators else node.lineno
        self.end_line = getattr(node, "end_lineno", None) or end_of(node, source.lines)

    def text(self):
        return "\n".join(self.source.lines[self.line - 1 : self.end_line])[:LONGEST_TEXT]


class Source:
    """A file, or a text that Python has kept of it."""

    def __init__(self, data, filename):
        self.filename = filename
        self.tree = compiled(data, filename, AS_TREE)
        self.code = compiled(data, filename)
        text = data if type(data) is str else decoded(data)
        self.lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def definitions(self, path):
        """Those of a path, as `["Cart", "add"]`, in the order of their lines."""
        found = nodes_at(self, path)
        codes = codes_at(self.code, path)
        for each in found:
            each.code = codes.get(each.line)
        # What stands under `if False` has no code.
        return [each for each in sorted(found, key=lambda each: each.line) if each.code is not None]


def nodes_at(source, path):
    found = []
    left = [(source.tree, [], [])]
    while left:
        node, walked, around = left.pop()
        for field in BLOCKS:
            block = getattr(node, field, None)
            for child in block if type(block) is list else ():
                kind = type(child).__name__
                if kind not in FUNCTION_NODES and kind != "ClassDef":
                    left.append((child, walked, around))
                    continue
                inner = walked + [child.name]
                if path[: len(inner)] != inner:
                    continue
                if kind == "ClassDef":
                    left.append((child, inner, around + [child]))
                elif path == inner:
                    found.append(Definition(source, child, block, around))
                else:
                    left.append((child, inner + ["<locals>"], around + [child]))
    return found


def codes_at(code, path):
    """The codes of a path, by their first lines."""
    found = {}
    left = [(code, [])]
    while left:
        each, walked = left.pop()
        for const in each.co_consts:
            if type(const) is not Code:
                continue
            if const.co_name.startswith(TYPE_PARAMETERS):
                left.append((const, walked))
                continue
            inner = walked + [const.co_name]
            if path == inner and const.co_flags & OPTIMIZED:
                found[const.co_firstlineno] = const
            elif path[: len(inner)] == inner:
                left.append((const, inner + ["<locals>"] if const.co_flags & OPTIMIZED else inner))
    return found


def end_of(node, lines):
    """Before 3.8 a node does not tell where it ends: at the last of its parts, and what is further in below it."""
    end, left = node.lineno, [node]
    while left:
        for each in parts_of(left.pop()):
            end = max(end, getattr(each, "lineno", 0))
            left.append(each)
    while end < len(lines) and blanks_before(lines[end]) > node.col_offset:
        end += 1
    return end


def blanks_before(line):
    return len(line) - len(line.lstrip()) if line.strip() else 0


def parts_of(node):
    """The nodes right below a node."""
    for name in node._fields:
        value = getattr(node, name, None)
        for each in value if type(value) is list else (value,):
            if hasattr(each, "_fields"):
                yield each


def same_tree(one, other):
    """Whether two nodes say the same, wherever they stand."""
    if type(one) is not type(other):
        return False
    if type(one) is list:
        return len(one) == len(other) and all(map(same_tree, one, other))
    if hasattr(one, "_fields"):
        return all(
            same_tree(getattr(one, name, None), getattr(other, name, None))
            for name in one._fields
            if name not in ("ctx", "kind")
        )
    return constant_key(one) == constant_key(other)


def node_of(text):
    """The node of a definition that is given alone, as it stood in its file."""
    tree = compiled("if 1:\n" + text if text[:1].isspace() else text, "<definition>", AS_TREE)
    node = tree.body[0]
    return node.body[0] if type(node).__name__ == "If" else node


def decoded(data):
    """The text of a file that Python could compile, by the encoding that it declares (PEP 263)."""
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:].decode("utf-8", "replace")
    for line in data.split(b"\n", 2)[:2]:
        if line.strip() and not line.lstrip().startswith(b"#"):
            break
        name = declared_encoding(line.decode("latin-1"))
        if name is not None:
            return data.decode(name, "replace")
    return data.decode("utf-8", "replace")


def declared_encoding(line):
    """`# -*- coding: latin-1 -*-`"""
    comment = line.partition("#")[2]
    while "coding" in comment:
        comment = comment.partition("coding")[2]
        if comment[:1] in (":", "=") and comment[1:].strip():
            word = comment[1:].split()[0]
            end = 0
            while end < len(word) and (word[end].isalnum() or word[end] in "-_."):
                end += 1
            return word[:end] or None
    return None


def read_source(function, code):
    """Reads and compiles the file that a function comes from."""
    path = source_path(function, code)
    try:
        data = read_regular(path)
    except OSError as error:
        raise not_reloaded("file", "%s cannot be read: %s" % (path, os.strerror(error.errno)))
    try:
        return path, added_modules(lambda: Source(data, code.co_filename))
    except SyntaxError as error:
        where = "" if error.lineno is None else "line %d of " % error.lineno
        raise not_reloaded("syntax", "%s%s has a syntax error: %s" % (where, path, error.msg))
    except Exception as error:
        raise not_reloaded("syntax", "%s cannot be compiled: %s" % (path, error_text(error)))


def error_text(error):
    return "%s: %s" % (short_name(type(error)), str(error)[:1000])


def read_regular(path):
    """A file of the program's; a pipe or a device could hold us up."""
    fd = posix.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(fd)
        if status.st_mode & 0o170000 != 0o100000:
            raise not_reloaded("file", "%s is no ordinary file" % path)
        if status.st_size > LONGEST_SOURCE:
            raise not_reloaded("file", "%s has %d bytes, which is too much for source" % (path, status.st_size))
        parts = []
        while sum(map(len, parts)) <= LONGEST_SOURCE:
            parts.append(posix.read(fd, 1 << 20))
            if not parts[-1]:
                break
        return b"".join(parts)
    finally:
        os.close(fd)


def source_path(function, code):
    """The file of the function's module, when the function was compiled from it."""
    names = function.__globals__
    path = names.get("__file__")
    if type(path) is not str:
        path = getattr(names.get("__spec__"), "origin", None)
    if code.co_filename.startswith("<frozen "):
        raise not_reloaded("file", "it is a part of the interpreter itself, as %s, and has no file" % code.co_filename)
    if code.co_filename.startswith("<"):
        raise not_reloaded("file", "it was made by the program, from %s, and not by a file" % code.co_filename)
    if type(path) is not str:
        raise not_reloaded("file", "its module %s has no file" % (names.get("__name__"),))
    if path.endswith((".pyc", ".pyo")):
        raise not_reloaded("file", "its module was loaded from %s, which is compiled code without its source" % path)
    path = absolute(path)
    own = absolute(code.co_filename)
    if os.path.exists(own) and os.path.exists(path):
        if not os.path.samefile(own, path):
            raise not_reloaded("file", "it comes from %s, while the file of its module is %s" % (own, path))
    elif os.path.basename(own) != os.path.basename(path):
        raise not_reloaded("file", "it comes from %s, which is not there" % own)
    return path


def absolute(path):
    """Before 3.9 the main program knows its file by what was typed; its directory is the first to import from."""
    if path.startswith("/"):
        return path
    first = sys.path[0] if sys.path and type(sys.path[0]) is str else ""
    beside = "%s/%s" % (first, os.path.basename(path))
    if first.startswith("/") and os.path.isfile(beside):
        return beside
    return os.path.abspath(path)
