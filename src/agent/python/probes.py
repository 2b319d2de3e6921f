"""Functions whose calls are seen, each with those who listen to it: several commands and clients may, and go in any order.

What runs here runs in the program's own calls: it changes no value and raises nothing of its own. How the calls come here is
the business of `monitoring` (from CPython 3.12 on) or of `trampolines`.
"""

MS = 1000000
WINDOW_NS = 100 * MS
CALIBRATION_CALLS = 200
CALIBRATION_ROUNDS = 5

if hasattr(time, "perf_counter_ns"):
    now = original("time", "perf_counter_ns")
else:
    perf_counter = original("time", "perf_counter")

    def now():
        return int(perf_counter() * 1e9)


class Call:
    """One call: from its entry to its end, for a generator or a coroutine until that is finished. Times are of `now()`."""

    __slots__ = ("probe", "values", "cells", "started", "resumed", "ran", "ended", "value", "error", "entry_cost", "kept")

    def __init__(self, probe, values, cells):
        self.probe = probe
        self.values = values
        self.cells = cells
        self.ran = 0
        # What listeners keep for themselves, by the listener.
        self.value = self.error = self.kept = None


class Shape:
    """The parameters of a function, as its code has them."""

    def __init__(self, code):
        flags = code.co_flags
        self.positional = code.co_varnames[: code.co_argcount]
        at = code.co_argcount + code.co_kwonlyargcount
        self.keyword_only = code.co_varnames[code.co_argcount : at]
        self.rest = code.co_varnames[at] if flags & CO_VARARGS else None
        at += self.rest is not None
        self.more = code.co_varnames[at] if flags & CO_VARKEYWORDS else None
        each = (self.positional, self.keyword_only, (self.rest,) if self.rest else (), (self.more,) if self.more else ())
        self.names = sum(each, ())
        self.is_simple = len(self.names) == code.co_argcount

    def arguments(self, values):
        """Of a tuple, in the order of the names. Positional ones as a tuple, however they were passed; those that only a keyword can pass as a dict."""
        if self.is_simple:
            return values, {}
        count = len(self.positional)
        args = values[:count]
        at = count + len(self.keyword_only)
        kwargs = dict(zip(self.keyword_only, values[count:at]))
        if self.rest is not None:
            args += tuple(values[at])
            at += 1
        if self.more is not None:
            kwargs.update(values[at])
        return args, kwargs


class Probe:
    """What is hooked: all calls of one code, or of one function."""

    def __init__(self, found):
        self.code = found.code
        self.function = found.function
        self.kind = kind_of(found.code)
        self.label = found.label
        self.shape = Shape(found.code)
        self.listeners = ()
        self.starters = ()
        self.passers = ()
        # By the frame, where the frame is all that is known at the end.
        self.calls = {}
        self.cell_names = ()
        self.skipped = 0
        self.abandoned = 0
        self.errors = 0
        self.last_error = None
        self.budget = None
        self.window_began = self.window_cost = self.rests_until = 0

    def add(self, listener):
        listener.skipped_before = self.skipped
        self.set_listeners(self.listeners + (listener,))

    def discard(self, listener):
        self.set_listeners(tuple(each for each in self.listeners if each is not listener))

    def take_code(self, code):
        """The function has other code from now on, whose parameters may be others."""
        self.code, self.shape, self.kind = code, Shape(code), kind_of(code)
        for each in self.listeners:
            each.take_shape(self.shape)

    def set_listeners(self, listeners):
        self.listeners = listeners
        self.starters = tuple(each for each in listeners if each.hears_starts)
        self.passers = tuple(each for each in listeners if each.hears_passes)
        names = {name for each in listeners for name, _ in each.cells}
        self.cell_names = tuple(sorted(names))
        limits = [each.max_overhead for each in listeners if each.max_overhead is not None]
        self.budget = min(limits) * WINDOW_NS if limits else None

    def begin(self, values, began, cells=None):
        """A call was entered. What listeners do about it here is no part of its time."""
        call = Call(self, values, cells)
        for each in self.starters:
            each.start(call)
        call.started = call.resumed = at = now()
        call.entry_cost = at - began
        return call

    def suspend(self, call, value, is_yield):
        """It yields a value to who drives it, or waits for what it awaits."""
        call.ran += now() - call.resumed
        for each in self.passers:
            each.suspend(call, value, is_yield)
            if each.reason is not None:
                each.wake()

    def resume(self, call):
        for each in self.passers:
            each.resume(call)
        call.resumed = now()

    def end(self, call, began):
        call.ended = began
        call.ran += began - call.resumed
        spent = call.entry_cost
        for each in self.listeners:
            each.finish(call)
            at = now()
            spent += at - began
            each.cost_ns += spent
            self.window_cost += spent
            began, spent = at, 0
            if each.reason is not None:
                # Its account has all of this call now.
                each.wake()
        if self.budget is not None:
            self.spend(began)

    def spend(self, at):
        """Looks away for the rest of a tenth of a second whose share of time is spent."""
        if at - self.window_began > WINDOW_NS:
            self.window_began, self.window_cost = at, 0
        elif self.window_cost > self.budget:
            self.rests_until = self.window_began + WINDOW_NS

    def forgives(self, error):
        """Whether something of ours went wrong, which the program must not feel: whoever listens is told at the end."""
        if is_from_outside(error):
            return False
        self.errors += 1
        self.last_error = short_name(type(error))
        return True


class Listener(Hook):
    """Who hears of calls. `finish(call)` is called at each end; `start(call)` at each entry, `suspend` and `resume` where a
    generator or a coroutine stops and goes on, for who wants to hear of them.
    """

    hears_starts = hears_passes = False
    # Why it hears no more.
    reason = None

    def __init__(self, kind, found, owner):
        Hook.__init__(self, kind, found.label, owner, self.uninstall)
        self.found = found
        self.max_overhead = None
        self.skipped_before = 0
        self.probe = None
        self.cells = cells_of(found)
        self.is_selective = found.filters or bool(self.cells)
        self.is_restored = None

    def install(self):
        self.probe = hooking.add(self)

    def uninstall(self):
        """Answers whether the function is as it was."""
        if self.is_restored is None:
            self.is_restored = hooking.remove(self)
        return self.is_restored

    def take_shape(self, shape):
        pass

    def suspend(self, call, value, is_yield):
        pass

    def resume(self, call):
        pass

    def wake(self):
        pass

    @property
    def skipped(self):
        return self.probe.skipped - self.skipped_before if self.probe is not None else 0

    def accepts(self, call):
        """Whether it is a call of what was named, where others run the same code."""
        if not self.is_selective:
            return True
        found = self.found
        if found.filters:
            first = call.values[0] if call.values else None
            if found.instance is not None:
                return first is found.instance
            kind = first if found.first == "class" else type(first)
            if not is_a(kind, type) or not derives(kind, found.holder):
                return False
        return not self.cells or call.cells is None or all(map(is_same_cell, self.cells, call.cells))

    def arguments(self, call):
        """What expressions get: the object or class of the call, and its arguments without it."""
        args, kwargs = call.probe.shape.arguments(call.values)
        if self.found.first is None or not args:
            return None, args, kwargs
        return args[0], args[1:], kwargs


def cells_of(found):
    """What a closure holds tells functions of one code from each other."""
    function = found.function
    if function is None or not function.__closure__:
        return []
    pairs = zip(found.code.co_freevars, function.__closure__)
    return sorted((name, cell) for name, cell in pairs if name != "__class__")


def is_same_cell(pair, value):
    try:
        return pair[1].cell_contents is value
    except ValueError:
        return value is None


def fastest(function):
    best = None
    for _ in range(CALIBRATION_ROUNDS):
        began = now()
        for _ in range(CALIBRATION_CALLS):
            function()
        spent = now() - began
        best = spent if best is None or spent < best else best
    return best


def caller_frames(most):
    """The frames that have led to the call that is told now, the innermost first, without those of ours."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename == OWN_FILE:
        frame = frame.f_back
    # The function itself.
    frame = frame.f_back if frame is not None else None
    frames = []
    while frame is not None and len(frames) < most:
        if frame.f_code.co_filename != OWN_FILE and not hooking.is_own(frame.f_code):
            frames.append(frame)
        frame = frame.f_back
    return frames
