"""A Python prompt: statements one at a time, all on one thread. What that prints goes to the client; everything
else that the program prints goes where it always went.
"""


class ThreadAware:
    """Stands in for a standard stream while statements run. It works on for who has kept it."""

    def __init__(self):
        self.stream = None
        self.writers = {}
        # The agent's own names are gone when it has left.
        self.get_ident = get_ident

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def write(self, text):
        writer = self.writers.get(self.get_ident())
        if writer is None:
            return self.stream.write(text)
        writer(text)
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        if self.get_ident() not in self.writers:
            self.stream.flush()


class Display:
    """Stands in for sys.displayhook: the ordinary one would change `builtins._`, which is the program's."""

    def __init__(self):
        self.hook = None
        self.writers = {}
        self.get_ident = get_ident

    def __call__(self, value):
        writer = self.writers.get(self.get_ident())
        if writer is None:
            return self.hook(value)
        writer(value)


class Diversion:
    """Puts the stand-ins into `sys` while at least one statement runs, and takes them out when they are still there."""

    def __init__(self):
        self.lock = allocate_lock()
        self.out = self.err = self.display = None

    def begin(self, out, err, display):
        ident = get_ident()
        with self.lock:
            if self.out is None:
                self.out, self.err, self.display = lasting_stand_ins()
            self.out.writers[ident], self.err.writers[ident] = out, err
            self.display.writers[ident] = display
            if sys.stdout is not self.out:
                self.out.stream, sys.stdout = sys.stdout, self.out
            if sys.stderr is not self.err:
                self.err.stream, sys.stderr = sys.stderr, self.err
            if sys.displayhook is not self.display:
                self.display.hook, sys.displayhook = sys.displayhook, self.display

    def end(self):
        """May be called once more than `begin`, as when a cancellation has struck in between."""
        ident = get_ident()
        with self.lock:
            if self.out is None:
                return
            for each in (self.out, self.err, self.display):
                each.writers.pop(ident, None)
            if self.out.writers:
                return
            if sys.stdout is self.out:
                sys.stdout = self.out.stream
            if sys.stderr is self.err:
                sys.stderr = self.err.stream
            if sys.displayhook is self.display:
                sys.displayhook = self.display.hook


def lasting_stand_ins():
    """Those of this process, which are never freed: to 3.13 a print() of another thread goes on with the object that it has
    found as sys.stdout, without a reference of its own.
    """
    guard = find_guard()
    stand_ins = getattr(guard, "stand_ins", None)
    if stand_ins is None:
        stand_ins = guard.stand_ins = (ThreadAware(), ThreadAware(), Display())
        if not hasattr(os, "register_at_fork"):
            # Nothing else holds that class in CPython 3.6, so that it and they would be freed.
            atexit.register(guard.stay_for_good)
    for each in stand_ins:
        each.writers.clear()
    return stand_ins


diversion = Diversion()


def writers_of(request):
    """What hands to a client that which its code prints."""

    def write(stream, text):
        request.event({"stream": stream, "text": str(text)})
        request.connection.wait_for_room()

    return (lambda text: write("out", text)), (lambda text: write("err", text))


class ConsoleNames(dict):
    """The console's own names, and behind them those of `__main__` as they are now."""

    def __missing__(self, name, modules=sys.modules):
        return modules["__main__"].__dict__[name]


def leave_console(code=None):
    """The ordinary `exit` would close the program's standard input."""
    raise SystemExit(code)


def no_input(*_):
    raise RuntimeError("nothing can be typed here but statements")


class Console:
    def __init__(self):
        before = set(sys.modules)
        import codeop

        MODULES_ADDED.extend(sorted(set(sys.modules) - before))
        self.compile = codeop.CommandCompiler()
        self.names = ConsoleNames(__name__="__console__", __builtins__=__builtins__)
        self.names.update(exit=leave_console, quit=leave_console, input=no_input)
        # Libraries keep things for each thread: a language, a transaction, a connection to a database.
        self.thread = WorkingThread()
        self.worker = None

    def free_thread(self):
        """Another one when a statement that was called off goes on in a call of C."""
        if self.worker is not None and self.worker.active:
            self.thread.end(0)
            self.thread = WorkingThread()
        return self.thread

    def run(self, request):
        out, err = writers_of(request)

        def display(value):
            if value is not None:
                self.names["_"] = value
                out(repr(value) + "\n")

        try:
            code = self.compile(request.text("source", ""), "<console>", "single")
        except (SyntaxError, ValueError, OverflowError) as error:
            # Its traceback is of codeop, which is none of the statement's.
            err(describe_error(error.with_traceback(None))[-LONGEST_TRACEBACK:])
            return {"state": "failed"}
        if code is None:
            return {"state": "incomplete"}
        return self.run_code(code, (out, err, display))

    def run_code(self, code, writers):
        state = "done"
        diversion.begin(*writers)
        try:
            exec(code, self.names)
        except SystemExit as error:
            return {"state": "ended", "code": None if error.code is None else str(error.code)[:1000]}
        except BaseException as error:
            state = "failed"
            text = describe_error(error)[-LONGEST_TRACEBACK:]
            writers[1]("KeyboardInterrupt\n" if isinstance(error, KeyboardInterrupt) else text)
        finally:
            diversion.end()
        return {"state": state}


@on("console-open")
def console_open(request):
    number = request.id
    if len(request.connection.consoles) >= MOST_CONNECTIONS:
        raise Failure("bad-request", "too many consoles")
    request.connection.consoles[number] = Console()
    return {"console": number, "banner": "Python %s on %s" % (sys.version, sys.platform)}


@on("console-run")
def console_run(request):
    console = find_console(request)
    answer = on_thread(request, console.run, console.free_thread().start)
    console.worker = request.worker
    return answer


@on("console-names")
def console_names(request):
    names = find_console(request).names
    main = sys.modules["__main__"].__dict__
    builtins = sys.modules["builtins"].__dict__
    return {"names": complete([names, main, builtins], request.text("text", ""))}


@on("console-close")
def console_close(request):
    console = request.connection.consoles.pop(request.number("console"), None)
    if console is not None:
        console.thread.end(request.connection.patience())
    return {}


def find_console(request):
    console = request.connection.consoles.get(request.number("console"))
    if console is None:
        raise Failure("bad-request", "no such console")
    return console
