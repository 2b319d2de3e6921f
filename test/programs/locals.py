# coding: utf-8
"""Variables of every kind. CPython 2.7 and later; what newer versions alone can say is in locals_python3.py.

Each function binds one kind of values and calls the next. What an instance holds is told in the facts, since
its repr does not tell it.
"""

import collections
import sys

import announce

if sys.version_info[0] > 2:
    import locals_python3
else:
    locals_python3 = None

announce.describes_variables = True


class Plain(object):
    def __init__(self):
        self.number = 1
        self.text = "one"


class Slotted(object):
    __slots__ = ("left", "right", "unset")

    def __init__(self):
        self.left = 1
        self.right = "two"


class TextSubclass(str):
    pass


class NumberSubclass(int):
    pass


class ListSubclass(list):
    pass


class DictSubclass(dict):
    pass


Point = collections.namedtuple("Point", "x y")

ATTRIBUTES = {
    "plain": {"number": "1", "text": "'one'"},
    "grown": {"number": "1", "text": "'one'", "more": "[1]"},
    "shrunk": {"text": "'one'"},
    "materialized": {"number": "1", "text": "'one'"},
    "slotted": {"left": "1", "right": "'two'"},
}


def run(steps):
    steps[0](steps[1:])


def numbers(steps):
    zero = 0
    one = 1
    minus_one = -1
    digit_limit = 2 ** 30
    above_digit = 2 ** 30 + 1
    two_to_62 = 2 ** 62
    lowest_64 = -2 ** 63
    highest_64 = 2 ** 63 - 1
    two_to_90 = 2 ** 90
    above_91 = 2 ** 91 + 5
    large_negative = -(3 ** 200)
    subclass = NumberSubclass(7)
    true = True
    false = False
    pi = 3.141592653589793
    minus_zero = -0.0
    tiny = 5e-324
    infinite = float("inf")
    not_a_number = float("nan")
    complex_number = complex(1.5, -2.0)
    run(steps)


def constants(steps):
    none = None
    dots = Ellipsis
    undefined = NotImplemented
    a_slice = slice(1, None, 2)
    a_range = range(1, 10, 3)
    a_class = Plain
    a_module = sys
    a_function = run
    run(steps)


def strings(steps):
    empty = ""
    ascii_text = "plain text"
    latin_1 = u"caf\xe9"
    wide = u"\u043f\u0440\u0438\u0432\u0435\u0442 \u4e2d\u6587"
    astral = u"snake \U0001f40d"
    lone_surrogate = u"broken \udcff"
    controls = "tab\t newline\n nul\0 escape\x1b[31m quote' \"double\""
    one_character = u"\xe9"
    subclass = TextSubclass("more than text")
    long_text = "0123456789" * 50
    some_bytes = b"bytes \x00\xff"
    bytes_array = bytearray(b"array \x01\xfe")
    empty_bytes = b""
    run(steps)


def containers(steps):
    empty_tuple = ()
    one_tuple = (1,)
    pair = (1, "two")
    empty_list = []
    a_list = [1, [2, [3]]]
    a_set = set([1])
    a_frozenset = frozenset(["a"])
    empty_set = set()
    large_set = set(range(20))
    a_deque = collections.deque([1, 2, 3])
    list_subclass = ListSubclass([1])
    point = Point(1, "two")
    recursive_list = [1]
    recursive_list.append(recursive_list)
    recursive_dict = {}
    recursive_dict["self"] = recursive_dict
    long_list = list(range(1000))
    run(steps)


def mappings(steps):
    empty = {}
    combined = {"a": 1, "b": [2]}
    mixed_keys = {1: "int", (1, 2): "tuple", None: "none", "text": 2.5}
    deleted_entries = {"first": 1, "gone": 2, "last": 3}
    del deleted_entries["gone"]
    deleted_first = dict((number, number) for number in range(20))
    for number in range(15):
        del deleted_first[number]
    large = dict((number, str(number)) for number in range(300))
    subclass = DictSubclass(key="value")
    default = collections.defaultdict(list, {"key": [1]})
    ordered = collections.OrderedDict([("z", 1), ("a", 2)])
    split = vars(Plain())
    run(steps)


def instances(steps):
    plain = Plain()
    grown = Plain()
    grown.more = [1]
    shrunk = Plain()
    del shrunk.number
    materialized = Plain()
    materialized_dict = materialized.__dict__
    slotted = Slotted()
    error = ValueError("wrong", 3)
    missing = KeyError("key")
    run(steps)


def arguments(steps, positional, default="default", *args, **kwargs):
    local = positional
    run(steps)


def closures(steps):
    shared = "from outside"
    rebound = 1
    cell_list = [shared]

    def inner(steps, own):
        text = shared + own
        cell_list.append(rebound)
        unbound_if_never = own
        del unbound_if_never
        run(steps)

    rebound = 2
    inner(steps, "own")


def shared_argument(steps, shared):
    def use():
        return shared

    run(steps)


def last(steps):
    announce.announce_and_stay(attributes=ATTRIBUTES)


def main():
    steps = [
        numbers,
        constants,
        strings,
        containers,
        mappings,
        instances,
        lambda rest: arguments(rest, 1, "given", 3, 4, key="value"),
        closures,
        lambda rest: shared_argument(rest, [1, 2]),
    ]
    if locals_python3 is not None:
        ATTRIBUTES.update(locals_python3.ATTRIBUTES)
        steps.extend(locals_python3.STEPS)
    run(steps + [last])


main()
