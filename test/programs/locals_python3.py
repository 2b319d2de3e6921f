"""The part of locals.py that Python 2 cannot parse. CPython 3.6 and later."""

import enum

try:
    import dataclasses
except ImportError:  # 3.6
    dataclasses = None

ATTRIBUTES = {}


class Colour(enum.Enum):
    RED = 1
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 10


class Access(enum.Flag):
    READ = 1
    WRITE = 2


if dataclasses is not None:

    @dataclasses.dataclass
    class Order:
        number: int
        items: list

    ATTRIBUTES["order"] = {"number": "7", "items": "['book']"}


def keyword_only(steps, positional, *args, required, optional=None, **kwargs):
    local = required
    steps[0](steps[1:])


def keyword_only_without_args(steps, *, required):
    steps[0](steps[1:])


def enums(steps):
    red = Colour.RED
    blue = Colour.BLUE
    low = Level.LOW
    both = Access.READ | Access.WRITE
    steps[0](steps[1:])


def data_classes(steps):
    order = Order(7, ["book"])
    steps[0](steps[1:])


def comprehension(steps):
    outer = 5
    return [steps[0](steps[1:]) for element in [outer]]


STEPS = [
    lambda rest: keyword_only(rest, 1, 2, 3, required="given", extra=4),
    lambda rest: keyword_only_without_args(rest, required=5),
    enums,
    comprehension,
]
if dataclasses is not None:
    STEPS.append(data_classes)
