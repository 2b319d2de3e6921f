"""Expressions about a call, compiled once: Python with the names of the module as they are at that moment, the parameters of the
function, and `target`, `return_obj`, `cost`, `args`, `kwargs`, `exc` and `func`. These go before parameters of the same name, which
are in `args` and `kwargs` nevertheless.
"""

VARIABLES = ("target", "return_obj", "cost", "args", "kwargs", "exc", "func")
EXPRESSION_FILE = "<expression>"
# With these it can see variables that it does not name.
SEEING = {"locals", "vars", "dir", "eval", "exec"}
# How a function of a call has them.
OF_CALL = {"target": "target", "args": "args", "kwargs": "kwargs", "return_obj": "call.value", "exc": "call.error"}
OF_CALL.update(cost="(call.ended - call.started) / 1e6", func="call.probe.function")


class Expression:
    """`function` takes those of the variables and parameters that it names, in the order of `names`."""

    __slots__ = ("function", "names")

    def __init__(self, text, module, parameters):
        text = text.strip()
        try:
            used = names_in(compile(text, EXPRESSION_FILE, "eval", dont_inherit=True))
            self.names = [name for name in VARIABLES if name in used or not SEEING.isdisjoint(used)]
            self.names += [name for name in parameters if name in used and name not in VARIABLES and name.isidentifier()]
            # A comment at its end must not swallow the bracket.
            code = "lambda %s: (%s\n)" % (", ".join(self.names), text)
            compiled = compile(code, EXPRESSION_FILE, "eval", dont_inherit=True)
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            raise raised(error)
        names = Module.__dict__["__dict__"].__get__(module)
        self.function = eval(compiled, names if "__builtins__" in names else dict(names, __builtins__=__builtins__))

    def of_calls(self, arguments, shape, has_target):
        """A function of a call. It is made for what the expression names: to gather all there is takes longer than most
        expressions do. `arguments(call)` is asked where the parameters are not simply the positional arguments.
        """
        takes = {name: "call.values[%d]" % at for at, name in enumerate(shape.names)}
        takes.update(OF_CALL)
        text = "function(%s)"
        if shape.is_simple:
            first = 1 if has_target and shape.names else 0
            takes.update(target="call.values[0]" if first else "None", args="call.values[%d:]" % first, kwargs="{}")
        elif not {"target", "args", "kwargs"}.isdisjoint(self.names):
            text = "(lambda target, args, kwargs: function(%s))(*arguments(call))"
        text = "lambda call: " + text % ", ".join([takes[name] for name in self.names])
        return eval(compile(text, OWN_FILE, "eval", dont_inherit=True), {"function": self.function, "arguments": arguments})


def names_in(code):
    """All names that it looks up, in comprehensions and functions within, too."""
    names = set(code.co_names)
    for each in code.co_consts:
        if type(each) is Code:
            names.update(names_in(each))
    return names


def handler_codes(modules=sys.modules):
    """What runs when a signal comes: code of functions, methods, partials and objects that can be called."""
    signals = modules.get("_signal")
    for number in range(1, signals.NSIG) if signals is not None else ():
        handler = signals.getsignal(number)
        if handler is not None and not isinstance(handler, int):
            called = getattr(handler, "func", handler)
            called = getattr(called, "__func__", called)
            yield getattr(called, "__code__", None) or getattr(getattr(type(called), "__call__", None), "__code__", None)


def is_from_outside(error, own=OWN_FILE, codes_of_handlers=handler_codes):
    """Whether it came over our code from a signal (Ctrl-C, or what a handler has raised) or from a thread that throws: that is
    the program's, and must reach it. What code raises that somebody has asked for is not, nor a fault of our own. It needs no
    names of the agent, which may be about to leave.
    """
    codes = list(codes_of_handlers())
    is_asked = False
    entry = error.__traceback__
    while entry is not None:
        code = entry.tb_frame.f_code
        if any(code is each for each in codes):
            return True
        is_asked = is_asked or code.co_filename != own
        entry = entry.tb_next
    return type(error) is KeyboardInterrupt or not (is_asked or isinstance(error, Exception))
