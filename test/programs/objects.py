# -*- coding: utf-8 -*-
"""Objects of every kind, each with its address and what a reader should make of it. CPython 2.7 and later."""

import collections
import json
import sys

import announce

PYTHON2 = sys.version_info[0] == 2
objects = []
frames = []
_kept = []


def show(label, value, text=None):
    """Notes an object whose text is its repr, unless told."""
    _kept.append(value)
    objects.append({"label": label, "address": id(value), "text": repr(value) if text is None else text})


def full_name(kind):
    name = getattr(kind, "__qualname__", kind.__name__)
    return kind.__module__ + "." + name


def attributes(value, *names):
    return ", ".join("%s=%r" % (name, getattr(value, name)) for name in names)


def show_instance(label, value, *names):
    """Notes an instance without asking for its __dict__, which would change how its attributes are kept."""
    text = "<%s at 0x%x %s>" % (full_name(type(value)), id(value), attributes(value, *names))
    show(label, value, text)


def unescaped(text):
    """JSON's escapes, so that this file stays ASCII and 2.7 agrees with 3.x."""
    return json.loads('"%s"' % text)


show("None", None)
show("True", True)
show("False", False)
show("Ellipsis", Ellipsis)
show("NotImplemented", NotImplemented)

for number in (0, 1, -1, 255, 2**30, 2**30 - 1, -(2**30), 2**60, 2**90, 2**63 - 1, -2**63, 2**91 + 5, 10**100, -(10**1000)):
    show("int", number)
for number in (0.0, -0.0, 1.0, 0.1, -2.5, 1e15, 1e16, 123456789012345678.0, 1e-4, 1e-5, 1.5e300, 5e-324, 1e22, 1e23):
    show("float", number)
for number in (float("inf"), -float("inf"), float("nan"), 3.141592653589793, 9007199254740993.0, 2.0**70):
    show("float", number)
for number in (1j, -1j, 1 + 2j, complex(-0.0, 1), complex(0.0, -0.0), complex(float("inf"), float("nan")), 1e16 + 0.5j):
    show("complex", number)

for text in ("", "plain", "it's", '"', "both ' and \"", "tab\tnew\nline\\", "\x00\x1b[31m\x7f"):
    show("str", text)
for text in ("caf\\u00e9", "\\u00ff\\u00a0\\u00ad", "\\u20ac\\u200b", "\\ud83d\\ude00 smile", "\\ud800 lone", "\\u4f60\\u597d"):
    show("unicode", unescaped(text))
show("long str", "x" * 5000)
show("long unicode", unescaped("\\u20ac") * 3000)
show("bytes", b"bytes \x00\xff '")
show("bytearray", bytearray(b"array \xfe\n"))
show("empty bytearray", bytearray())
consumed = bytearray(b"0123456789")
del consumed[:4]
show("consumed bytearray", consumed)

show("tuples", [(), (1,), (1, 2), ((),)])
show("lists", [[], [1], [1, [2, [3, "x"]]]])
shrunk = list(range(100))
del shrunk[3:]
show("shrunk list", shrunk)
show("long list", list(range(2000)))

recursive = [1]
recursive.append(recursive)
show("recursive list", recursive)
recursive_dict = {"a": 1}
recursive_dict["self"] = recursive_dict
show("recursive dict", recursive_dict)
recursive_tuple = ([],)
recursive_tuple[0].append(recursive_tuple)
show("recursive tuple", recursive_tuple)


def show_dict(label, value):
    show("dict " + label, value)


show_dict("empty", {})
show_dict("str keys", {"a": 1, "b": [2]})
show_dict("int keys", {1: "a", 2: "b", -5: None})
show_dict("mixed keys", {"a": 1, 2: "b", (3, 4): {}, None: ()})
with_holes = dict((str(number), number) for number in range(20))
for number in range(0, 20, 3):
    del with_holes[str(number)]
with_holes["new"] = "last"
show_dict("with deleted entries", with_holes)
general_holes = dict((number, str(number)) for number in range(50))
for number in range(0, 50, 2):
    general_holes.pop(number)
show_dict("int keys with deleted entries", general_holes)
cleared = {"a": 1}
cleared.clear()
show_dict("cleared", cleared)
for size in (200, 300, 5000, 70000):
    show_dict("of %d" % size, dict((number, number) for number in range(size)))
show_dict("of 300 str keys", dict((str(number), number) for number in range(300)))


def show_set(label, value, form="{%s}"):
    show(label, value, form % ", ".join(map(repr, value)))


show("empty set", set(), "set()")
show("empty frozenset", frozenset(), "frozenset()")
show_set("set", set([3, 1, 2]))
show_set("set of str", set(["a", "b", "dummy"]))
show_set("frozenset", frozenset(["x", 1, None]), "frozenset({%s})")
removed = set(range(100))
for number in range(0, 100, 3):
    removed.discard(number)
show_set("set with removed items", removed)
show_set("set of 3000", set(range(3000)))

ranges = [range(5), range(2, 9), range(1, 10, 3), range(10, 0, -2)]
if PYTHON2:
    # A reader gives the bounds, which repr() of 2.7 leaves out when they are plain.
    show("xrange", xrange(5))
    show("xrange with start", xrange(2, 9))
    show("xrange with step", xrange(1, 10, 3))
else:
    for value in ranges:
        show("range", value)
    show("huge range", range(10**30))
show("slice", slice(1, 2))
show("slice with step", slice(None, None, -1))


class Plain(object):
    pass


def plain(*pairs):
    value = Plain()
    for name, content in pairs:
        setattr(value, name, content)
    return value


if not PYTHON2:
    show_instance("instance", plain(("a", 1), ("b", "x")), "a", "b")
    show_instance("instance, other order", plain(("b", 1), ("a", 2)), "b", "a")
    show_instance("instance, more", plain(("c", 1), ("b", 2), ("a", 3)), "c", "b", "a")
    shorter = plain(("a", 1), ("b", 2), ("c", 3))
    del shorter.b
    show_instance("instance, deleted", shorter, "a", "c")
    again = plain(("a", 1), ("b", 2), ("c", 3))
    del again.a
    again.a = "again"
    show_instance("instance, deleted and set again", again, "b", "c", "a")
    with_dict = plain(("b", 1), ("a", 2))
    _kept.append(with_dict.__dict__)
    show_instance("instance whose dict was asked for", with_dict, "b", "a")
    show("dict of an instance", with_dict.__dict__)
    many_names = ["name%d" % number for number in range(40)]
    show_instance("instance of 40", plain(*[(name, name) for name in many_names]), *many_names)
    replaced = plain(("a", 1))
    replaced.__dict__ = {"z": 1, "y": 2}
    show_instance("instance with another dict", replaced, "z", "y")
else:
    show_instance("instance", plain(("a", 1)), "a")
show("instance without attributes", Plain(), None)
node = plain(("name", "n"))
node.itself = node
recursive_form = "<__main__.Plain at 0x%x name='n', itself=<__main__.Plain ... at 0x%x>>"
if not PYTHON2:
    show("recursive instance", node, recursive_form % (id(node), id(node)))


class Sharing(object):
    def __init__(self, first):
        self.x = first
        self.y = [first]


sharing = [Sharing(number) for number in range(5)]
for value in sharing:
    show_instance("sharing instance", value, *(("y", "x") if PYTHON2 else ("x", "y")))


class Slotted(object):
    __slots__ = ("b", "a", "unset")

    def __init__(self):
        self.a = 1
        self.b = "b"


class MoreSlotted(Slotted):
    __slots__ = ("c",)

    def __init__(self):
        Slotted.__init__(self)
        self.c = None


class SlottedWithDict(MoreSlotted):
    def __init__(self):
        MoreSlotted.__init__(self)
        self.d = 4


class Weak(object):
    __slots__ = ("__weakref__", "__dict__", "slot")

    def __init__(self):
        self.slot = 1
        self.other = 2


show_instance("slots", Slotted(), "a", "b")
show_instance("slots of two classes", MoreSlotted(), "a", "b", "c")
show_instance("slots and dict", SlottedWithDict(), "a", "b", "c", "d")
show_instance("slots with dict and weakref", Weak(), "slot", "other")


def subclass(name, base, *args):
    kind = type(name, (base,), {})
    value = kind(*args)
    value.extra = 1
    return value


for name, base, args, text in (
    ("MyInt", int, (2**70,), "MyInt(%r)" % 2**70),
    ("MyFloat", float, (1.5,), "MyFloat(1.5)"),
    ("MyComplex", complex, (1j,), "MyComplex(1j)"),
    ("MyStr", str, ("s",), "MyStr('s')"),
    ("MyTuple", tuple, ([1],), "MyTuple((1,))"),
    ("MyList", list, ([1],), "MyList([1])"),
    ("MyDict", dict, ([("a", 1)],), "MyDict({'a': 1})"),
    ("MySet", set, ([1],), "MySet({1})"),
    ("MyFrozen", frozenset, ([1],), "MyFrozen({1})"),
    ("MyEmpty", frozenset, (), "MyEmpty()"),
    ("MyArray", bytearray, (b"x",), "MyArray(bytearray(b'x'))"),
):
    if not (PYTHON2 and base is int):
        show("subclass of " + base.__name__, subclass(name, base, *args), text)
if not PYTHON2:
    for text in ("caf\\u00e9", "\\u20ac", "\\ud83d\\ude00"):
        show("str subclass", subclass("MyText", str, unescaped(text)), "MyText(%r)" % unescaped(text))
    show("bytes subclass", subclass("MyBytes", bytes, b"x"), "MyBytes(b'x')")

ordered = collections.OrderedDict([("z", 1), ("y", 2)])
show("OrderedDict", ordered, "OrderedDict(%r)" % (dict(ordered),))
show("defaultdict", collections.defaultdict(list, {"a": [1]}), "defaultdict({'a': [1]})")
Point = collections.namedtuple("Point", "x y")
show("namedtuple", Point(1, "two"))
show("namedtuple subclass", type("Sub", (Point,), {"__slots__": ()})(3, 4), "Sub(x=3, y=4)")
if not PYTHON2:
    show("deque", collections.deque([1, "a"]))
    show("empty deque", collections.deque())
    turned = collections.deque(range(500))
    turned.rotate(77)
    turned.popleft()
    show("turned deque", turned)
    show("deque subclass", type("MyDeque", (collections.deque,), {})([1]), "MyDeque([1])")
    pretender = type("collections.deque", (object,), {})()
    show("class named like one made in C", pretender, "<__main__.collections.deque object at 0x%x>" % id(pretender))


def show_exception(value):
    args = ", ".join(map(repr, value.args))
    show("exception", value, "%s(%s)" % (type(value).__name__, args))


class Failure(ValueError):
    pass


for value in (ValueError("message"), KeyError(1, "two"), Exception(), Failure("own"), OSError(2, "gone")):
    show_exception(value)


def function():
    pass


show("function", function)
show("code", function.__code__, "<code object function at 0x%x>" % id(function.__code__))
show("module", json, "<module 'json'>")
show("class", Plain, "<class '__main__.Plain'>")
show("built-in class", int, "<class 'int'>")
show("class made in C", collections.defaultdict, "<class 'collections.defaultdict'>")
show("object", object())


def cell_of(content):
    return (lambda: content).__closure__[0]


show("cell", cell_of("inside"), "<cell: 'inside'>")

if PYTHON2:

    class Old:
        def __init__(self):
            self.a = 1

    old = Old()
    show("old-style instance", old, "<Old at 0x%x a=1>" % id(old))
    show("old-style class", Old, "<class 'Old'>")
    show("long", 5 * 10**30)
    show("str with non-ASCII bytes", "caf\xc3\xa9")

try:
    import enum
except ImportError:
    enum = None

if enum is not None:

    class Color(enum.Enum):
        RED = 1
        GREEN = "green"
        BLUE = (1, 2)

    class Number(enum.IntEnum):
        ONE = 1

    class Bits(enum.Flag):
        A = 1
        B = 2

    for value in list(Color) + list(Number) + [Bits.A]:
        show("enum member", value)
    show("enum members", {Color.RED: [Color.GREEN, Number.ONE]})
    show("enum class", Color, "<class '__main__.Color'>")

# A syntax error in older versions.
DATACLASSES_SOURCE = """
@dataclasses.dataclass
class Data:
    b: int
    a: str = "default"
    items: list = dataclasses.field(default_factory=list)

@dataclasses.dataclass(frozen=True)
class Outer:
    inner: Data
"""

if sys.version_info >= (3, 7):
    import dataclasses

    exec(DATACLASSES_SOURCE)
    show("dataclass", Data(1))
    show("dataclass in dataclass", Outer(Data(2, "x", [1])))
    extra = Data(3)
    extra.cache = 1
    show("dataclass with another attribute", extra, "Data(b=3, a='default', items=[], …(+1 more))")
    if sys.version_info >= (3, 10):
        exec("@dataclasses.dataclass(slots=True)\nclass Slim:\n    z: int\n    a: int\n")
        show("dataclass with slots", Slim(1, 2))

FRAMES_SOURCE = """
def make():
    outside = 'closed'
    def generator(a, b=2, *args, **kw):
        local = [a, b]
        captured = {'c': a}
        def inner():
            return outside, b, captured
        unbound = 1
        del unbound
        b = 'rebound'
        yield inner
    return generator
"""
if not PYTHON2:
    FRAMES_SOURCE = FRAMES_SOURCE.replace("*args,", "*args, c, d=4,")


def show_frame():
    exec(FRAMES_SOURCE, globals())
    options = {"e": 5} if PYTHON2 else {"c": 3, "e": 5}
    generator = make()(1, 2, 9, **options)
    inner = next(generator)
    _kept.append((generator, generator.gi_frame))
    only_keywords = [] if PYTHON2 else [["c", "keyword-only", "3"], ["d", "keyword-only", "4"]]
    frames.append(
        {
            "frame": id(generator.gi_frame),
            "code": id(generator.gi_code),
            "variables": [["a", "positional", "1"], ["b", "positional", "'rebound'"]]
            + only_keywords
            + [
                ["args", "var-positional", "(9,)"],
                ["kw", "var-keyword", "{'e': 5}"],
                ["local", "local", "[1, 2]"],
                ["inner", "local", repr(inner)],
                ["captured", "local", "{'c': 1}"],
                ["outside", "closure", "'closed'"],
            ],
        }
    )


show_frame()
announce.announce_and_stay(objects=objects, frames=frames)
