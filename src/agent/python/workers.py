"""Threads that run code which was asked for, one for each request, so that the agent answers meanwhile."""


class Worker:
    def __init__(self, request):
        self.request = request
        self.started = monotonic()
        self.ident = None
        self.active = True
        self.cancelling = False
        self.was_cancelled = False
        self.is_unwanted = False

    def start(self, handler, start_thread):
        start_thread(self.run, (handler,))

    def run(self, handler):
        self.ident = get_ident()
        request = self.request
        try:
            try:
                if self.is_unwanted:
                    raise Failure("cancelled", "it was cancelled")
                answer = {"ok": handler(request)}
            except Failure as failure:
                answer = failure_answer(failure)
            except BaseException as error:
                if self.was_cancelled and isinstance(error, KeyboardInterrupt):
                    raise
                answer = {"error": {"code": "raised", "message": short_name(type(error))}}
                answer["error"]["traceback"] = describe_error(error)[-LONGEST_TRACEBACK:]
        except BaseException:
            # Cancelled once more, or out of memory.
            answer = {"error": {"code": "cancelled", "message": "it was cancelled"}}
        self.finish(answer)

    def finish(self, answer):
        """A late cancellation may strike at each of these lines, which is why each can be done again."""
        is_sent = False
        for _ in range(100):
            try:
                self.active = False
                while self.cancelling:
                    sleep(0.001)
                if self.was_cancelled:
                    raise_in_thread(self.ident, None)
                    self.was_cancelled = False
                diversion.end()
                if not is_sent:
                    is_sent = True
                    self.request.connection.finish(self.request.id, answer)
                return
            except BaseException:
                pass

    def cancel(self):
        """Raises KeyboardInterrupt in it, at its next line of Python. Answers whether that could be done."""
        self.cancelling = self.is_unwanted = True
        try:
            if not self.active or self.ident is None:
                # It has ended, or hears of it when it begins.
                return True
            self.was_cancelled = True
            return raise_in_thread(self.ident, KeyboardInterrupt)
        finally:
            self.cancelling = False

    def facts(self):
        return {"op": self.request.op, "seconds": monotonic() - self.started}


def start_worker(request, handler, start_thread):
    request.worker = request.connection.workers[request.id] = Worker(request)
    request.worker.start(handler, start_thread)


def start_own_thread(function, arguments):
    start_new_thread(run_and_forget, (function, arguments))


def run_and_forget(function, arguments, forget=forget_this_thread):
    """What comes last needs no names of the agent, which may have left meanwhile."""
    function(*arguments)
    forget()


class WorkingThread:
    """Takes one piece of work after the other, each of which finds what those before it have left to their thread."""

    def __init__(self):
        self.pid = os.getpid()
        self.waiting = []
        self.wanted = allocate_lock()
        self.wanted.acquire()
        self.ended = allocate_lock()
        self.ended.acquire()
        start_new_thread(self.serve, ())

    def start(self, function, arguments):
        """Only the agent's thread asks, so that nobody else opens the lock in between."""
        self.waiting.append((function, arguments))
        if self.wanted.locked():
            self.wanted.release()

    def serve(self, process=os.getpid, forget=forget_this_thread):
        is_over = False
        while not is_over:
            self.wanted.acquire()
            while self.waiting:
                function, arguments = self.waiting.pop(0)
                if function is None:
                    is_over = True
                    continue
                function(*arguments)
                if process() != self.pid:
                    # A child that the work has forked off has no agent that would end this.
                    return
        forget()
        self.ended.release()

    def end(self, seconds):
        """When it has done what it was asked for. It is waited for so long, and no longer."""
        self.start(None, ())
        self.ended.acquire(True, seconds)


def failure_answer(failure):
    error = {"code": failure.code, "message": failure.message}
    if failure.traceback is not None:
        error["traceback"] = failure.traceback
    if failure.functions:
        error["functions"] = failure.functions
    return {"error": error}


def raise_in_thread(ident, exception):
    """Python code reaches this only through ctypes, which is imported here, for the first cancellation, if nobody has.

    The function is taken with brackets: that one is ours alone, while the attribute is shared with the program.
    """
    try:
        ctypes = sys.modules.get("ctypes") or import_ctypes()
        raise_it = ctypes.pythonapi["PyThreadState_SetAsyncExc"]
        raise_it(ctypes.c_ulong(ident), None if exception is None else ctypes.py_object(exception))
        return True
    except Exception:
        return False


def import_ctypes():
    """While the code that shall be cancelled keeps the GIL, each file of the import would wait for it 5 ms or more."""
    before = set(sys.modules)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    try:
        import ctypes
    finally:
        sys.setswitchinterval(interval)
    MODULES_ADDED.extend(sorted(set(sys.modules) - before))
    return ctypes
