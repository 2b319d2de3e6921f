"""What goes wrong, as data. Nothing that is raised here or in an expression ever reaches the program."""

LONGEST_TRACEBACK = 65536
MOST_FRAMES = 50
OWN_FILE = "<pyflight agent>"


class Failure(Exception):
    """Something that was asked for cannot be done, with a code that the other side knows."""

    def __init__(self, code, message, traceback=None):
        Exception.__init__(self, message)
        self.code = code
        self.message = message
        self.traceback = traceback
        # Functions that could have been meant.
        self.functions = []


def raised(error):
    """The failure of code that was asked for: its traceback without our own frames."""
    text = describe_error(error)
    return Failure("raised", short_name(type(error)), text[-LONGEST_TRACEBACK:])


def describe_error(error):
    strip_own_frames(error)
    traceback = sys.modules.get("traceback")
    try:
        if traceback is not None:
            return "".join(traceback.format_exception(type(error), error, error.__traceback__))
        return "".join(error_lines(error))
    except BaseException as failure:
        return "%s (its traceback cannot be shown: %s)\n" % (short_name(type(error)), short_name(type(failure)))


def strip_own_frames(error):
    own = error.__traceback__
    while own is not None and own.tb_frame.f_code.co_filename == OWN_FILE:
        own = own.tb_next
    error.__traceback__ = own


def error_lines(error):
    """As Python prints it, without source lines, for a program that has not loaded `traceback`."""
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):\n"
    entry = error.__traceback__
    for _ in range(MOST_FRAMES):
        if entry is None:
            break
        code = entry.tb_frame.f_code
        yield '  File "%s", line %s, in %s\n' % (code.co_filename, entry.tb_lineno, code.co_name)
        entry = entry.tb_next
    if isinstance(error, SyntaxError):
        if type(error.filename) is str:
            yield '  File "%s", line %s\n' % (error.filename, error.lineno)
        if type(error.text) is str:
            yield "    %s\n" % error.text.strip()
        yield "%s: %s\n" % (full_name(type(error)), error.msg)
        return
    text = str(error)
    yield "%s: %s\n" % (full_name(type(error)), text) if text else "%s\n" % full_name(type(error))
