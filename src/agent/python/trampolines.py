"""Calls before `sys.monitoring` (CPython 3.6 to 3.11): the function's `__code__` is replaced by one of the same parameters, kind,
names and place that tells of the call and runs the original. Every reference to the function sees it, and `inspect`
still tells what it told.

What it costs the program besides time: one more frame for each call, of the same name and line as the function.
"""

import _weakref

MARK = "pyflight's probe"
OWN_NAMES = {"_call", "_value", "_error", "_inner", "_step", "_original"}
ONLY_AST = 0x400
# 3.6 tells nobody of a fork.
FORKS_UNSEEN = not hasattr(os, "register_at_fork")
OWN_PID = posix.getpid()

PLAIN = """
        _call = {mark}.enter(({values}))
        try:
            _value = {original}({arguments})
        except BaseException as _error:
            {mark}.failed(_call, _error)
            raise
        {mark}.finished(_call, _value)
        return _value
"""
DRIVEN = """
        _call = {mark}.enter(({values}))
        try:
            _value = {wait} {mark}.drive(_call, {original}({arguments}))
        except BaseException as _error:
            {mark}.failed(_call, _error)
            raise
        {mark}.finished(_call, _value)
        return _value
"""
ASYNC_GENERATOR = """
        _call = {mark}.enter(({values}))
        try:
            _inner = {original}({arguments})
            _step = _inner.asend(None)
            while True:
                try:
                    _value = await {mark}.drive(_call, _step.__await__())
                except StopAsyncIteration:
                    break
                {mark}.passes(_call, _value, True)
                try:
                    _value = yield _value
                except GeneratorExit:
                    await _inner.aclose()
                    raise
                except BaseException as _error:
                    {mark}.goes_on(_call)
                    _step = _inner.athrow(type(_error), _error, _error.__traceback__)
                else:
                    {mark}.goes_on(_call)
                    _step = _inner.asend(_value)
        except BaseException as _error:
            {mark}.failed(_call, _error)
            raise
        {mark}.finished(_call, None)
"""
TEXTS = {
    "function": ("def", PLAIN, ""),
    "generator": ("def", DRIVEN, "yield from"),
    "coroutine": ("async def", DRIVEN, "await"),
    "async generator": ("async def", ASYNC_GENERATOR, ""),
}


def make_trampoline(probe):
    """The code to put in the place of the probe's. Without a function, the original is made of the cells that each call has."""
    code, shape = probe.code, probe.shape
    if OWN_NAMES.intersection(shape.names) or not all(name.isidentifier() for name in shape.names):
        raise Failure("refused", "%s has a parameter that it cannot be hooked with in this Python" % probe.label)
    word, body, wait = TEXTS[probe.kind]
    cells = code.co_freevars
    is_within = probe.function is None
    lines = ["def _around():"]
    lines += ["    %s = None" % name for name in cells]
    lines += ["    %s _(%s):" % (word, parameters_text(code, shape))]
    # Names its cells, so that it has them, and can hand them on.
    named = "(%s)" % "".join(name + ", " for name in cells)
    lines += ["        if 0: %s" % named]
    lines += ["        def _original(): %s" % named] if is_within else []
    text = body.format(
        mark='"%s"' % MARK,
        original="_original" if is_within else '"%s".original' % MARK,
        values="".join(name + ", " for name in shape.names),
        arguments=arguments_text(shape),
        wait=wait,
    )
    tree = compile("\n".join(lines) + text, code.co_filename, "exec", ONLY_AST, dont_inherit=True)
    put_on_line(tree, code.co_firstlineno)
    made = only_code(only_code(compile(tree, code.co_filename, "exec", dont_inherit=True)))
    if made.co_freevars != cells:
        raise Failure("refused", "%s cannot be hooked: its closure has its names in another order" % probe.label)
    constants = tuple(constant_of(each, code, probe) for each in made.co_consts)
    return code_with(made, constants, code)


def put_on_line(node, line):
    """Every line of it is the first of the function, as `inspect` and tracebacks look for it there."""
    for name in node._fields:
        value = getattr(node, name, None)
        for each in value if type(value) is list else [value]:
            if hasattr(each, "_fields"):
                put_on_line(each, line)
    if hasattr(node, "lineno"):
        node.lineno, node.col_offset = line, 0
        if hasattr(node, "end_lineno"):
            node.end_lineno, node.end_col_offset = line, 0


def constant_of(value, code, probe):
    if type(value) is Code:
        return code
    return probe if type(value) is str and value == MARK else value


def only_code(code):
    return next(each for each in code.co_consts if type(each) is Code)


def parameters_text(code, shape):
    words = list(shape.positional)
    only_positional = getattr(code, "co_posonlyargcount", 0)
    if only_positional:
        words.insert(only_positional, "/")
    if shape.rest:
        words.append("*" + shape.rest)
    elif shape.keyword_only:
        words.append("*")
    words.extend(shape.keyword_only)
    if shape.more:
        words.append("**" + shape.more)
    return ", ".join(words)


def arguments_text(shape):
    words = list(shape.positional)
    if shape.rest:
        words.append("*" + shape.rest)
    words.extend("%s=%s" % (name, name) for name in shape.keyword_only)
    if shape.more:
        words.append("**" + shape.more)
    return ", ".join(words)


def code_with(made, constants, code):
    """`made` with other constants, under the name of `code`."""
    flags = made.co_flags | code.co_flags & CO_ITERABLE
    if hasattr(made, "replace"):
        changed = {"co_consts": constants, "co_flags": flags, "co_name": code.co_name}
        if hasattr(code, "co_qualname"):
            changed["co_qualname"] = code.co_qualname
        return made.replace(**changed)
    return remade(made, constants, name=code.co_name, flags=flags)


def with_constants(code, constants):
    if hasattr(code, "replace"):
        return code.replace(co_consts=constants)
    return remade(code, constants)


def remade(code, constants, name=None, flags=None):
    """As `code.replace`, which 3.8 has brought."""
    return Code(
        code.co_argcount,
        code.co_kwonlyargcount,
        code.co_nlocals,
        code.co_stacksize,
        code.co_flags if flags is None else flags,
        code.co_code,
        constants,
        code.co_names,
        code.co_varnames,
        code.co_filename,
        name or code.co_name,
        code.co_firstlineno,
        code.co_lnotab,
        code.co_freevars,
        code.co_cellvars,
    )


class Driven:
    """Stands between a generator, or what is awaited, and who drives it, and tells when it is suspended and goes on."""

    __slots__ = ("probe", "call", "inner", "is_yield")

    def __init__(self, probe, call, inner):
        self.probe, self.call, self.inner = probe, call, inner
        self.is_yield = probe.kind == "generator"

    def __iter__(self):
        return self

    __await__ = __iter__

    def __next__(self):
        return self.send(None)

    @property
    def cr_await(self):
        """What tools that follow a chain of awaits go on with."""
        return self.inner

    gi_yieldfrom = cr_await

    def send(self, value):
        self.probe.goes_on(self.call)
        value = self.inner.send(value)
        self.probe.passes(self.call, value, self.is_yield)
        return value

    def throw(self, *error):
        self.probe.goes_on(self.call)
        value = self.inner.throw(*error)
        self.probe.passes(self.call, value, self.is_yield)
        return value

    def close(self):
        self.inner.close()


class TrampolineProbe(Probe):
    """Everything that a trampoline calls. It works on when the agent has left: calls that wait come back late."""

    def __init__(self, found):
        Probe.__init__(self, found)
        self.outer = found.outer
        self.original = None
        if self.function is not None:
            # Who calls it passes all arguments, so that it needs no defaults.
            self.original = Function(
                self.code, self.function.__globals__, self.function.__name__, None, self.function.__closure__
            )
            self.original.__qualname__ = self.function.__qualname__
        self.trampoline = make_trampoline(self)

    def enter(self, values):
        began = now()
        try:
            if not self.listeners:
                return None
            if FORKS_UNSEEN and posix.getpid() != OWN_PID:
                find_guard().after_fork()
                return None
            if began < self.rests_until:
                self.skipped += 1
                return None
            return self.begin(values, began)
        except BaseException as error:
            if not self.forgives(error):
                raise

    def finished(self, call, value):
        began = now()
        try:
            if call is not None and self.listeners:
                call.value = value
                self.end(call, began)
        except BaseException as error:
            if not self.forgives(error):
                raise

    def failed(self, call, error):
        began = now()
        try:
            if call is not None and self.listeners:
                call.error = error
                self.end(call, began)
        except BaseException as failure:
            if not self.forgives(failure):
                raise

    def drive(self, call, inner):
        return inner if call is None else Driven(self, call, inner)

    def passes(self, call, value, is_yield):
        try:
            if call is not None and self.listeners:
                self.suspend(call, value, is_yield)
        except BaseException as error:
            if not self.forgives(error):
                raise

    def goes_on(self, call):
        try:
            if call is not None and self.listeners:
                self.resume(call)
        except BaseException as error:
            if not self.forgives(error):
                raise


class Hooking:
    """Which functions have trampolines. A function is known by itself, code within a function by the code."""

    def __init__(self):
        self.lock = allocate_lock()
        self.probes = {}
        # Codes around hooked ones, as they were: by the function that has them.
        self.outers = {}
        self.gone = []
        self.dispatch_ns = 0

    def add(self, listener):
        found = listener.found
        key = id(found.function or found.code)
        with self.lock:
            if not self.dispatch_ns:
                self.dispatch_ns = self.calibrated()
            probe = self.probes.get(key)
            if probe is None:
                probe = self.probes[key] = TrampolineProbe(found)
                probe.key = key
                self.put_in(probe)
            probe.add(listener)
        return probe

    def remove(self, listener):
        with self.lock:
            probe = listener.probe
            if probe is None:
                return True
            probe.discard(listener)
            if probe.listeners or self.probes.pop(probe.key, None) is None:
                return True
            is_restored = self.take_out(probe)
            # Code holds the probe, and the collector does not look into code: a circle of both would stay for good.
            self.gone = [each for each in self.gone if each() is not None]
            self.gone.append(_weakref.ref(probe.trampoline))
            probe.trampoline = None
            return is_restored

    def put_in(self, probe):
        if probe.function is not None:
            probe.function.__code__ = probe.trampoline
            return
        swap_code(probe.code, probe.trampoline)
        outer = probe.outer
        code = self.code_of(outer)
        first = self.outers.setdefault(id(outer), [outer, code, None])
        first[2] = changed = with_inner(code, probe.code, probe.trampoline)
        self.give_code(outer, changed)

    def take_out(self, probe):
        """Answers whether all is as it was; what somebody else has changed meanwhile is left alone."""
        if probe.function is not None:
            if probe.function.__code__ is not probe.trampoline:
                return False
            probe.function.__code__ = probe.code
            return True
        swap_code(probe.trampoline, probe.code)
        outer, first, ours = self.outers[id(probe.outer)]
        is_last = all(each.outer is not outer for each in self.probes.values())
        code = self.code_of(outer)
        changed = first if is_last and code is ours else with_inner(code, probe.trampoline, probe.code)
        self.give_code(outer, changed)
        self.outers[id(outer)][2] = changed
        if is_last:
            del self.outers[id(outer)]
        return True

    def code_of(self, function):
        """The function's own code, hooked or not."""
        probe = self.probes.get(id(function))
        return function.__code__ if probe is None or probe.function is not function else probe.code

    def code_behind(self, code):
        """What was in its place before it was hooked."""
        return next((each.code for each in list(self.probes.values()) if each.trampoline is code), code)

    def give_code(self, function, code):
        """Changes the function's own code; who listens to it goes on listening."""
        probe = self.probes.get(id(function))
        if probe is None or probe.function is not function:
            function.__code__ = code
            return
        is_alike = Shape(code).names == probe.shape.names and kind_of(code) == probe.kind
        probe.original.__code__ = code
        probe.take_code(code)
        if not is_alike or code.co_firstlineno != probe.trampoline.co_firstlineno:
            is_in_place = function.__code__ is probe.trampoline
            probe.trampoline = make_trampoline(probe)
            if is_in_place:
                function.__code__ = probe.trampoline

    def is_own(self, code):
        return any(type(each) is TrampolineProbe for each in code.co_consts)

    def in_flight(self):
        """Whether calls wait somewhere that will come back to us: their frames hold the trampoline."""
        return bool(self.probes) or any(each() is not None for each in self.gone)

    def calibrated(self):
        """What the trampoline itself takes, which nothing that it calls can see: nanoseconds for a call."""

        def nothing():
            pass

        bare = fastest(nothing)
        found = Found(sys, "pyflight")
        found.function, found.code = nothing, nothing.__code__
        probe = TrampolineProbe(found)
        nothing.__code__, probe.trampoline = probe.trampoline, None
        return max((fastest(nothing) - bare) // CALIBRATION_CALLS, 0)


def swap_code(before, after):
    """In every function that has it."""
    for each in gc.get_referrers(before):
        if type(each) is Function and each.__code__ is before:
            each.__code__ = after


def with_inner(code, before, after):
    """The code with another one in the place of one within, at any depth."""
    constants = tuple(
        after if each is before else with_inner(each, before, after) if type(each) is Code else each
        for each in code.co_consts
    )
    same = all(new is old for new, old in zip(constants, code.co_consts))
    return code if same else with_constants(code, constants)


hooking = Hooking()
