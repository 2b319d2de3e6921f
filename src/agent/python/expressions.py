"""Expressions about a call, compiled once: Python with the names of the module as they are at that moment, the parameters of the
function, and `target`, `return_obj`, `cost`, `args`, `kwargs`, `exc` and `func`. These go before parameters of the same name, which
are in `args` and `kwargs` nevertheless.
"""

VARIABLES = ("target", "return_obj", "cost", "args", "kwargs", "exc", "func")
EXPRESSION_FILE = "<expression>"


class Expression:
    """`function` takes the variables, and behind them the parameters in `places`, if it names any."""

    __slots__ = ("function", "places")

    def __init__(self, text, module, parameters):
        text = text.strip()
        try:
            used = names_in(compile(text, EXPRESSION_FILE, "eval", dont_inherit=True))
            more = [name for name in parameters if name in used and name not in VARIABLES and name.isidentifier()]
            # A comment at its end must not swallow the bracket.
            code = "lambda %s: (%s\n)" % (", ".join(VARIABLES + tuple(more)), text)
            compiled = compile(code, EXPRESSION_FILE, "eval", dont_inherit=True)
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            raise raised(error)
        names = Module.__dict__["__dict__"].__get__(module)
        self.function = eval(compiled, names if "__builtins__" in names else dict(names, __builtins__=__builtins__))
        self.places = [parameters.index(name) for name in more]

    def __call__(self, variables, values):
        if self.places:
            return self.function(*variables, *[values[place] for place in self.places])
        return self.function(*variables)


def names_in(code):
    """All names that it looks up, in comprehensions and functions within, too."""
    names = set(code.co_names)
    for each in code.co_consts:
        if type(each) is Code:
            names.update(names_in(each))
    return names


def is_from_outside(error):
    """Whether it came over our code from a signal: Ctrl-C, or what a handler of the program has raised. That is the
    program's, and must reach it.
    """
    if type(error) is KeyboardInterrupt:
        return True
    signals = sys.modules.get("_signal")
    if signals is None:
        return False
    handlers = [signals.getsignal(number) for number in range(1, signals.NSIG)]
    codes = [getattr(each, "__code__", None) or getattr(getattr(each, "__func__", None), "__code__", None) for each in handlers]
    entry = error.__traceback__
    while entry is not None:
        if any(entry.tb_frame.f_code is code for code in codes):
            return True
        entry = entry.tb_next
    return False
