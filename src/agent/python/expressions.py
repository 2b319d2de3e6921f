"""Expressions about a call, compiled once: Python with the names of the module as they are at that moment, and
`target`, `return_obj`, `cost`, `args`, `kwargs`, `exc` and `func`, which are parameters, so that no name of the program can
disturb them.
"""

VARIABLES = "target, return_obj, cost, args, kwargs, exc, func"
EXPRESSION_FILE = "<expression>"


def compile_expression(text, module):
    text = text.strip()
    try:
        compile(text, EXPRESSION_FILE, "eval", dont_inherit=True)
        # A comment at its end must not swallow the bracket.
        code = compile("lambda %s: (%s\n)" % (VARIABLES, text), EXPRESSION_FILE, "eval", dont_inherit=True)
        names = Module.__dict__["__dict__"].__get__(module)
        return eval(code, names if "__builtins__" in names else dict(names, __builtins__=__builtins__))
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise raised(error)


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


def outcome_of(function, *arguments):
    """What code that a user has asked for makes of them: its value and None, or None and its failure in words."""
    try:
        return function(*arguments), None
    except BaseException as error:
        if is_from_outside(error):
            raise
        return None, {"type": full_name(type(error)), "traceback": describe_error(error)[-LONGEST_TRACEBACK:]}
