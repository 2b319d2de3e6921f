# coding: utf-8
"""Frames that stand in the middle of expressions over several lines. CPython 2.7 and later."""

import announce


class Operators(object):
    def __init__(self, go_on):
        self.go_on = go_on

    def __getitem__(self, key):
        return self.go_on()

    def __add__(self, other):
        return self.go_on()

    def __lt__(self, other):
        return self.go_on()

    def __enter__(self):
        return self.go_on()

    def __exit__(self, *exception):
        return False

    @property
    def attribute(self):
        return self.go_on()


def in_call():
    return max(
        1,
        announce.announce_and_stay(
            one=1,
        ),
        3,
    )


def in_subscript():
    return (
        Operators(in_call)
        ["key"]
    )


def in_operator():
    return (
        1 if False else Operators(in_subscript)
        +
        2
    )


def in_comparison():
    if 0 < 1 and Operators(in_operator) < 3:
        return None


def in_attribute():
    return [
        each.attribute
        for each in [Operators(in_comparison)]
    ]


def in_with():
    with \
            Operators(in_attribute):
        pass


def after_wide_characters():
    return "é名🐍", in_with(), "after"


after_wide_characters()
