"""Codes compared by what they do, and one of several definitions told to be that of a function."""


def constant_key(value):
    """Tells constants apart that are equal: 1 and True, 0.0 and -0.0."""
    kind = type(value)
    if kind is Code:
        return code_key(value)
    if kind is tuple:
        return (kind, tuple(map(constant_key, value)))
    if kind in (set, frozenset):
        return (kind, tuple(sorted(repr(constant_key(each)) for each in value)))
    if kind is slice:
        return (kind, tuple(map(constant_key, (value.start, value.stop, value.step))))
    if kind in (float, complex):
        return (kind, kind.__repr__(value))
    return (kind, value) if kind in PLAIN_KINDS else (kind, id(value))


PLAIN_KINDS = (str, bytes, int, bool, type(None), type(Ellipsis))
PARTS = ("co_name", "co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_code")
PARTS += ("co_names", "co_varnames", "co_freevars", "co_cellvars", "co_exceptiontable")
# What `types.coroutine` sets on a code, when its function has been made.
ITERABLE_COROUTINE = 0x100
LINE_PARTS = ("co_firstlineno", "co_linetable" if hasattr(original.__code__, "co_linetable") else "co_lnotab")


def code_key(code):
    """Two codes of one key do the same; their lines may differ."""
    parts = tuple(getattr(code, name, None) for name in PARTS)
    return parts + (code.co_flags & ~ITERABLE_COROUTINE,) + (tuple(map(constant_key, code.co_consts)),)


def line_key(code):
    own = tuple(getattr(code, name) for name in LINE_PARTS)
    return own + tuple(line_key(each) for each in code.co_consts if type(each) is Code)


def compare_codes(old, new):
    if code_key(old) != code_key(new):
        return "changed"
    return "unchanged" if line_key(old) == line_key(new) else "moved"


def argument_names(code):
    """Positional ones, keyword-only ones, and those of `*` and `**`."""
    positional, only = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    rest = iter(code.co_varnames[only:])
    star = next(rest) if code.co_flags & 4 else None
    return code.co_varnames[:positional], code.co_varnames[positional:only], star, next(rest) if code.co_flags & 8 else None


def words_of(code):
    """What a code is made of, for a comparison of two that are not the same."""
    words = set(code.co_names + code.co_varnames + code.co_freevars + code.co_cellvars)
    for each in code.co_consts:
        words.update(words_of(each) if type(each) is Code else [repr(constant_key(each))])
    return words


def likeness(one, other):
    mine, theirs = words_of(one), words_of(other)
    return len(mine & theirs) / float(len(mine | theirs) or 1)


def decorator_word(node):
    """The last name of a decorator: `setter` of `@total.setter`, `cache` of `@functools.cache()`."""
    if type(node).__name__ == "Call":
        node = node.func
    return getattr(node, "attr", None) or getattr(node, "id", None)


def decorator_words(definition):
    return [decorator_word(each) for each in definition.node.decorator_list]


def choose_definition(found, code, role, line):
    """The one that the function came from, of several with its name: overloads, branches, accessors of a property."""
    if line is not None:
        found = [each for each in found if each.line <= line <= each.end_line]
        if len(found) != 1:
            raise not_reloaded("ambiguous", "no definition of it is in line %d of its file" % line)
        return found[0]
    for narrow in (without_overloads, lambda found: of_role(found, role), lambda found: alike(found, code)):
        found = narrow(found) or found
        if len(found) == 1:
            return found[0]
    if all(each.block is found[0].block and not each.node.decorator_list for each in found):
        return found[-1]
    ranked = sorted(((likeness(code, each.code), each) for each in found), key=lambda pair: -pair[0])
    if ranked[0][0] - ranked[1][0] > 0.1:
        return ranked[0][1]
    lines = " and ".join(str(each.line) for each in found)
    raise not_reloaded("ambiguous", "its file defines it %d times, in lines %s, and it could be any of these" % (len(found), lines))


def without_overloads(found):
    return [each for each in found if "overload" not in decorator_words(each)]


def of_role(found, role):
    """`role` is the accessor of a property that the function is: `fget`, `fset`, `fdel`, or None."""
    wanted = {"fset": "setter", "fdel": "deleter"}.get(role)
    if wanted is not None:
        return [each for each in found if wanted in decorator_words(each)]
    return [each for each in found if not {"setter", "deleter"} & set(decorator_words(each))]


def alike(found, code):
    same = [each for each in found if code_key(each.code) == code_key(code)]
    if len(same) > 1:
        same = [each for each in same if each.line == code.co_firstlineno]
    if len(same) == 1:
        return same
    kind = code.co_flags & KINDS
    return [each for each in found if argument_names(each.code) == argument_names(code) and each.code.co_flags & KINDS == kind]


# Generators, coroutines and asynchronous generators.
KINDS = 0x20 | 0x80 | 0x200
KIND_WORDS = {0: "function", 0x20: "generator", 0x80: "coroutine", 0x200: "async-generator"}


def code_kind(code):
    return KIND_WORDS.get(code.co_flags & KINDS, "function")


MOST_FACTS = 20


def differences(old, new):
    """What differs between two codes, for who has no old text to compare."""
    facts = []
    for what, take in FACTS:
        before, after = take(old), take(new)
        removed = [each for each in before if each not in after][:MOST_FACTS]
        added = [each for each in after if each not in before][:MOST_FACTS]
        if removed or added:
            facts.append({"what": what, "removed": removed, "added": added})
    return facts


def argument_texts(code):
    positional, only, star, stars = argument_names(code)
    first = getattr(code, "co_posonlyargcount", 0)
    texts = list(positional[:first]) + (["/"] if first else []) + list(positional[first:])
    texts += ["*" + star] if star else ["*"] if only else []
    return texts + list(only) + (["**" + stars] if stars else [])


def constant_texts(code):
    return [repr(each)[:200] for each in code.co_consts if type(each) is not Code and each is not None]


def inner_names(code):
    return [each.co_name for each in code.co_consts if type(each) is Code]


def variable_names(code):
    count = code.co_argcount + code.co_kwonlyargcount
    return list(code.co_varnames[count:] + code.co_cellvars + code.co_freevars)


FACTS = (
    ("arguments", argument_texts),
    ("names", lambda code: list(code.co_names)),
    ("variables", variable_names),
    ("constants", constant_texts),
    ("inner", inner_names),
)
