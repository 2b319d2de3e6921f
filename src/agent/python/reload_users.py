"""Who uses a code: functions that were made of it, functions that it has made, threads that are in it."""

DEEPEST_STACK = 10000


def inner_pairs(old, new, depth=0):
    """Codes within two codes that are of one name and differ, and those within these."""
    pairs = []
    before, after = codes_by_name(old), codes_by_name(new)
    for name, code in before.items() if depth < 20 else ():
        other = after.get(name)
        if code is None or other is None:
            continue
        if compare_codes(code, other) != "unchanged":
            if code.co_flags & OPTIMIZED:
                pairs.append((code, other))
            pairs += inner_pairs(code, other, depth + 1)
    return pairs


def codes_by_name(code):
    """None for a name that several have."""
    found = {}
    for each in code.co_consts:
        if type(each) is Code:
            found[each.co_name] = None if each.co_name in found else each
    return found


def references_beyond(held, places):
    """How many references a code has beyond those places, by comparison with one that has these alone."""
    control = [compiled("lambda: 0", "<control>").co_consts[0]] * places
    return sys.getrefcount(held[0]) - sys.getrefcount(control[0])


def constants_that_are(code):
    """The module code of a main program goes on, with the codes of all its functions among its constants."""
    found, seen, left = 0, set(), module_codes()
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        for const in each.co_consts:
            if const is code:
                found += 1
            elif type(const) is Code and not const.co_flags & OPTIMIZED:
                left.append(const)
    return found


def module_codes():
    """Codes of modules and classes that threads are in."""
    tops = list(sys._current_frames().values())
    return [frame.f_code for top in tops for frame in frames_from(top) if not frame.f_code.co_flags & OPTIMIZED]


def frames_from(frame):
    for _ in range(DEEPEST_STACK):
        if frame is None:
            return
        yield frame
        frame = frame.f_back


def functions_using(codes):
    """The functions that use codes, by the ids of these; one look at all that the collector knows."""
    found = {}
    for each in gc.get_referrers(*codes):
        if type(each) is Function:
            code = hooking.code_of(each)
            if any(code is wanted for wanted in codes):
                found.setdefault(id(code), []).append(each)
    return found


def running_threads(code):
    """How many threads are in a code: these calls end with it."""
    found = set()
    for ident, top in sys._current_frames().items():
        if any(frame.f_code is code for frame in frames_from(top)):
            found.add(ident)
    return len(found)
