"""Objects as JSON, in the shapes of `ObjectView`. No code of the program runs for it: what an instance
holds is taken from its dict and its slots, never from properties, `__getattr__` or `__repr__`.
"""

# What a request may leave out of its budget, and what it can have at most.
LIMITS = (("maxDepth", 2, 100), ("maxItems", 100, 100000), ("maxCharacters", 1000, 1000000), ("maxObjects", 1000, 100000))
MOST_CHARACTERS = 4000000
MOST_INT_BITS = 200000
QUICK_INT = 1 << 60

bases_made = type.__dict__["__mro__"].__get__
names_made = type.__dict__["__dict__"].__get__
type_flags = type.__dict__["__flags__"].__get__
type_qualname = type.__dict__["__qualname__"].__get__
type_module = type.__dict__["__module__"].__get__
type_name = type.__dict__["__name__"].__get__
HEAP_TYPE = 1 << 9

GetSet = type(type.__dict__["__name__"])
Member = type(type.__dict__["__flags__"])
Cell = type((lambda value: lambda: value)(0).__closure__[0])
Function = type(original)
Code = type(original.__code__)
Module = type(sys)


def type_mro(kind):
    """A class that was never made ready has none: one written in C, as that of what `lru_cache` holds in CPython 3.6."""
    return bases_made(kind) or (kind,)


def type_dict(kind):
    return names_made(kind) or {}


def derives(kind, base):
    """Whether a class is another one or derives from it. `in` would ask a metaclass for `__eq__`: that is code of the program."""
    for each in type_mro(kind):
        if each is base:
            return True
    return False


def is_a(value, kind):
    """`isinstance()`, which would ask a proxy what it stands for: that is code of the program."""
    return derives(type(value), kind)


def base_in(table, kind):
    """The class or the first of its bases that is in a table of CPython's own; a metaclass of the program is not asked for a hash."""
    for each in type_mro(kind):
        if type(each) is type and each in table:
            return each
    return None


def class_attribute(kind, name):
    """What a class or one of its bases defines, without asking a metaclass."""
    for each in type_mro(kind):
        names = type_dict(each)
        if name in names:
            return names[name]
    return None


def short_name(kind):
    return type_name(kind).rpartition(".")[2]


def full_name(kind):
    try:
        module = type_module(kind)
    except AttributeError:
        module = None
    name = type_qualname(kind)
    return name if type(module) is not str or module == "builtins" else "%s.%s" % (module, name)


def instance_dict(value):
    for each in type_mro(type(value)):
        found = type_dict(each).get("__dict__")
        if type(found) in (GetSet, Member):
            try:
                names = found.__get__(value)
            except (AttributeError, TypeError):
                return None
            return names if is_a(names, dict) else None
    return None


def first_items(take, container, limit):
    """Up to `limit` of what `take(container)` yields; another thread may change the container meanwhile."""
    is_short = type(container) in EMPTY and len(container) <= limit
    for _ in range(3):
        try:
            return list(take(container) if is_short else itertools.islice(take(container), limit))
        except RuntimeError:
            pass
    return []


def limits_of(budget):
    """The depth, the parts of each object, the characters of each text, and the objects in all."""
    wanted = budget if type(budget) is dict else {}
    return tuple([limit_of(wanted.get(name), usual, most) for name, usual, most in LIMITS])


def limit_of(wanted, usual, most):
    return min(max(wanted, 0), most) if type(wanted) is int else usual


def view_of(value, limits):
    return Json(Renderer(limits).view(value, limits[0]))


def value_facts(value, in_words, limits):
    """Its type and its view, or on demand the words of its own `__repr__`, which may raise anything."""
    if not in_words:
        return {"type": full_name(type(value)), "view": view_of(value, limits)}
    text, most = repr(value), limits[2]
    omitted = max(str.__len__(text) - most, 0)
    return {"type": full_name(type(value)), "repr": str.__getitem__(text, slice(0, most)), "omitted": omitted}


class Renderer:
    """Writes one object. It runs in calls of the program, so that what is frequent is written straight away."""

    __slots__ = ("max_items", "max_characters", "objects", "characters", "path")

    def __init__(self, limits):
        _, self.max_items, self.max_characters, self.objects = limits
        self.characters = MOST_CHARACTERS
        self.path = set()

    def view(self, value, depth):
        self.objects -= 1
        kind = type(value)
        if kind is str:
            if len(value) <= self.max_characters:
                self.characters -= len(value)
                return f'{{"kind":"str","value":{quote_json(value)},"omitted":0}}'
        elif kind is int:
            if -QUICK_INT < value < QUICK_INT:
                return '{"kind":"int","value":"%x"}' % value
        elif value is None:
            return '{"kind":"none"}'
        elif type(kind) is type and kind in EMPTY and not value:
            return EMPTY[kind]
        try:
            viewer = VIEWERS.get(kind) if type(kind) is type else None
            if viewer is not None:
                return self.within(viewer, kind, value, depth) if kind in COMPOSED else viewer(self, value, depth)
            return self.special_view(value, kind, depth) or self.known_view(value, kind, depth)
        except RecursionError:
            return self.placeholder("omitted", value)
        except Exception as error:
            reason = short_name(type(error))
            return json_of({"kind": "invalid", "address": id(value), "typeName": full_name(kind), "reason": reason})

    def known_view(self, value, kind, depth):
        base = base_in(VIEWERS, kind)
        if base is None:
            return self.within(Renderer.instance_view, object, value, depth)
        viewer = VIEWERS[base]
        shown = self.within(viewer, base, value, depth) if base in COMPOSED else viewer(self, value, depth)
        if base not in WRAPPED or shown.startswith(NOT_FOLLOWED):
            return shown
        wrapped = {"kind": "subclass", "typeName": short_name(kind), "base": Json(shown)}
        fields = class_attribute(kind, "_fields")
        if base is tuple and type(fields) is tuple and all(type(name) is str for name in fields):
            wrapped["fieldNames"] = fields
        return json_of(wrapped)

    def within(self, viewer, kind, value, depth):
        """Follows what is composed to the depth, and never around in a circle."""
        path, key = self.path, id(value)
        if key in path:
            return self.placeholder("cycle", value)
        if depth <= 0 and not is_empty(kind, value):
            return self.placeholder("omitted", value)
        path.add(key)
        try:
            return viewer(self, value, depth - 1)
        finally:
            path.discard(key)

    def placeholder(self, kind, value):
        return json_of({"kind": kind, "typeName": full_name(type(value)), "address": id(value)})

    def parts(self, values, depth):
        """As many as fit; the rest is counted by the caller."""
        view, views = self.view, []
        for value in values:
            if self.objects <= 0 or self.characters <= 0:
                break
            views.append(view(value, depth))
        return views

    def number_view(self, value, _):
        if int.bit_length(value) > MOST_INT_BITS:
            return self.placeholder("omitted", value)
        # Hexadecimal: the decimal digits of a long one are refused from 3.11 on, and take long.
        return '{"kind":"int","value":"%x"}' % int.__index__(value)

    def float_view(self, value, _):
        return '{"kind":"float","value":"%s"}' % float.__repr__(value)

    def complex_view(self, value, _):
        real, imaginary = complex.real.__get__(value), complex.imag.__get__(value)
        return '{"kind":"complex","real":"%s","imaginary":"%s"}' % (float.__repr__(real), float.__repr__(imaginary))

    def text_view(self, value, _):
        text = str.__getitem__(value, slice(0, self.max_characters))
        self.characters -= len(text)
        return '{"kind":"str","value":%s,"omitted":%d}' % (quote_json(text), str.__len__(value) - len(text))

    def bytes_view(self, value, _):
        kind = bytearray if is_a(value, bytearray) else bytes
        part = bytes(kind.__getitem__(value, slice(0, self.max_characters)))
        self.characters -= len(part)
        omitted = kind.__len__(value) - len(part)
        return '{"kind":"bytes","type":"%s","value":"%s","omitted":%d}' % (kind.__name__, part.hex(), omitted)

    def sequence_view(self, value, depth):
        kind = base_in(SEQUENCES, type(value))
        items = self.parts(first_items(kind.__iter__, value, self.max_items), depth)
        omitted = max(kind.__len__(value) - len(items), 0)
        return f'{{"kind":"sequence","type":"{SEQUENCES[kind]}","items":[{",".join(items)}],"omitted":{omitted}}}'

    def mapping_view(self, value, depth):
        view, entries = self.view, []
        for key, item in first_items(dict.items, value, self.max_items):
            if self.objects <= 0 or self.characters <= 0:
                break
            entries.append(f'{{"key":{view(key, depth)},"value":{view(item, depth)}}}')
        omitted = max(dict.__len__(value) - len(entries), 0)
        return f'{{"kind":"mapping","type":"dict","entries":[{",".join(entries)}],"omitted":{omitted}}}'

    def range_view(self, value, depth):
        bounds = tuple([self.view(each, depth) for each in (value.start, value.stop, value.step)])
        return '{"kind":"%s","start":%s,"stop":%s,"step":%s}' % ((type(value).__name__,) + bounds)

    def cell_view(self, value, depth):
        try:
            return '{"kind":"cell","content":%s}' % self.view(value.cell_contents, depth)
        except ValueError:
            return '{"kind":"cell","content":null}'

    def exception_view(self, value, depth):
        args = self.view(BaseException.args.__get__(value), depth)
        return '{"kind":"exception","typeName":%s,"args":%s}' % (quote_json(short_name(type(value))), args)

    def class_view(self, value, _):
        return json_of({"kind": "class", "name": full_name(value), "address": id(value)})

    def module_view(self, value, _):
        name = Module.__dict__["__dict__"].__get__(value).get("__name__")
        return json_of({"kind": "module", "name": name if type(name) is str else "?", "address": id(value)})

    def function_view(self, value, _):
        return json_of({"kind": "function", "name": value.__qualname__, "address": id(value)})

    def code_view(self, value, _):
        return json_of({"kind": "code", "name": value.co_name, "address": id(value)})

    def method_view(self, value, _):
        called = value.__func__
        name = called.__qualname__ if type(called) is Function else full_name(type(called))
        return json_of({"kind": "method", "name": name, "address": id(value)})

    def builtin_view(self, value, _):
        return json_of({"kind": "builtin", "name": value.__name__, "address": id(value)})

    def descriptor_view(self, value, _):
        kind = base_in(DESCRIPTORS, type(value))
        word, part = DESCRIPTORS[kind]
        if part is None:
            name = value.__name__
        else:
            called = type_dict(kind)[part].__get__(value)
            name = called.__qualname__ if type(called) is Function else None
        return json_of({"kind": "descriptor", "type": word, "name": name, "address": id(value)})

    def special_view(self, value, kind, depth):
        """What is known by classes of modules that the program may have loaded, or not."""
        return array_view(self, value, depth) or self.literal_view(value, kind) or self.enum_view(value, kind, depth)

    def literal_view(self, value, kind):
        """Dates, decimals and the like, in the words of their own `__repr__` where that is made in C and asks nobody else."""
        name = full_name(kind)
        if name not in LITERALS and not is_numpy_scalar(kind):
            return None
        if type(class_attribute(kind, "__repr__")) is not SlotWrapper:
            return None
        zone = kind.tzinfo.__get__(value) if LITERALS.get(name) else None
        if zone is not None and type(class_attribute(type(zone), "__repr__")) not in (SlotWrapper, MethodDescriptor):
            return None
        return json_of({"kind": "literal", "typeName": name, "text": repr(value)[:LONGEST_LITERAL]})

    def enum_view(self, value, kind, depth):
        enum = sys.modules.get("enum")
        if enum is None or type(kind) is type or not derives(kind, getattr(enum, "Enum", None)):
            return None
        names = instance_dict(value) or {}
        name = names.get("_name_")
        if type(name) is not str or "_value_" not in names:
            return None
        shown = Json(self.view(names["_value_"], depth))
        return json_of({"kind": "enum-member", "typeName": short_name(kind), "memberName": name, "value": shown})

    def instance_view(self, value, depth):
        kind = type(value)
        found = attributes_of(value)
        fields = class_attribute(kind, "__dataclass_fields__")
        is_dataclass = type(fields) is dict
        if is_dataclass:
            found = [(name, found[name]) for name in fields if name in found]
        else:
            found = list(found.items())
            if not found and not type_flags(kind) & HEAP_TYPE:
                return self.placeholder("opaque", value)
        views = self.parts([item for _, item in found[: self.max_items]], depth)
        attributes = ['{"name":%s,"value":%s}' % (quote_json(name), view) for (name, _), view in zip(found, views)]
        name = type_qualname(kind) if is_dataclass else full_name(kind)
        head = '{"kind":"instance","typeName":%s,"address":%d,"isDataclass":%s,"attributes":[%s],"omitted":%d}'
        word = "true" if is_dataclass else "false"
        return head % (quote_json(name), id(value), word, ",".join(attributes), len(found) - len(attributes))


def is_numpy_scalar(kind):
    return "numpy" in sys.modules and full_name(kind).startswith("numpy.") and "numpy.generic" in map(full_name, type_mro(kind))


def is_empty(kind, value):
    return kind in SIZED and kind.__len__(value) == 0


def attributes_of(value):
    """Slots first, then the dict, by name."""
    found = {}
    for each in reversed(type_mro(type(value))):
        names = type_dict(each)
        if "__slots__" not in names:
            continue
        for name, member in list(names.items()):
            if type(member) is Member and type(name) is str:
                try:
                    found[name] = member.__get__(value)
                except AttributeError:
                    pass
    own = instance_dict(value)
    if own is not None:
        for name, item in first_items(dict.items, own, 100000):
            if type(name) is str:
                found[name] = item
    return found


Method = type(Renderer(limits_of(None)).view)
SlotWrapper = type(object.__repr__)
MethodDescriptor = type(str.join)
LONGEST_LITERAL = 1000
# Those that have a time zone ask it, which may be anything.
LITERALS = {"datetime.datetime": True, "datetime.time": True, "datetime.date": False, "datetime.timedelta": False}
LITERALS.update({"datetime.timezone": False, "decimal.Decimal": False, "zoneinfo.ZoneInfo": False})
LITERALS.update({"torch.dtype": False, "torch.device": False})
Builtin = type(len)
DESCRIPTORS = {
    property: ("property", "fget"),
    classmethod: ("classmethod", "__func__"),
    staticmethod: ("staticmethod", "__func__"),
    Member: ("member", None),
    GetSet: ("getset", None),
}
EMPTY = {
    dict: '{"kind":"mapping","type":"dict","entries":[],"omitted":0}',
    list: '{"kind":"sequence","type":"list","items":[],"omitted":0}',
    tuple: '{"kind":"sequence","type":"tuple","items":[],"omitted":0}',
}
NOT_FOLLOWED = ('{"kind":"omitted"', '{"kind":"cycle"')
SEQUENCES = {tuple: "tuple", list: "list", set: "set", frozenset: "frozenset"}
VIEWERS = {
    type(Ellipsis): lambda self, value, depth: '{"kind":"ellipsis"}',
    type(NotImplemented): lambda self, value, depth: '{"kind":"not-implemented"}',
    bool: lambda self, value, depth: '{"kind":"bool","value":%s}' % ("true" if value else "false"),
    int: Renderer.number_view,
    float: Renderer.float_view,
    complex: Renderer.complex_view,
    str: Renderer.text_view,
    bytes: Renderer.bytes_view,
    bytearray: Renderer.bytes_view,
    dict: Renderer.mapping_view,
    range: Renderer.range_view,
    slice: Renderer.range_view,
    Cell: Renderer.cell_view,
    BaseException: Renderer.exception_view,
    type: Renderer.class_view,
    Module: Renderer.module_view,
    Function: Renderer.function_view,
    Method: Renderer.method_view,
    Builtin: Renderer.builtin_view,
    Code: Renderer.code_view,
}
if "_collections" in sys.modules:
    SEQUENCES[sys.modules["_collections"].deque] = "deque"
VIEWERS.update((kind, Renderer.sequence_view) for kind in SEQUENCES)
VIEWERS.update((kind, Renderer.descriptor_view) for kind in DESCRIPTORS)
SIZED = set(SEQUENCES) | {dict}
# Classes of which a subclass is shown as one.
WRAPPED = SIZED | {int, float, complex, str, bytes, bytearray}
COMPOSED = SIZED | {Cell, BaseException, slice, object}
