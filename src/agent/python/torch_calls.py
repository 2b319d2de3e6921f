"""Calls that torch measures: while one runs its profiler is on, or what records its CUDA allocations.

One call is measured at a time. Those that begin meanwhile, within it or on other threads, are not measured for themselves.
"""

# Ends of a stream after which somebody is there for what was measured, and there is time to say it.
SAID_ENDS = ("limit", "time", "stopped")


class MeasuredCalls(Stream):
    """`begin()` and `end()` run on the thread of the call, `hand_over()` on a worker when no further call is wanted."""

    hears_starts = True

    def __init__(self, request, found):
        Stream.__init__(self, request, found)
        self.torch = loaded_torch()
        self.turn = allocate_lock()
        self.running = self.result = None
        self.results = []
        self.failure = None

    def start(self, call):
        if self.reason is not None or not self.accepts(call) or not self.turn.acquire(False):
            return
        self.running = call
        if self.reason is not None:
            # Whoever has ended it meanwhile has left the rest to us, if this call was seen.
            self.running = None
            Stream.uninstall(self)
            return
        try:
            self.begin()
        except BaseException as error:
            self.running = None
            self.fail(error)

    def finish(self, call):
        if call is not self.running:
            return
        try:
            self.result = self.end()
        except BaseException as error:
            self.running = None
            self.fail(error)
        self.running = None
        if self.reason is not None:
            # Whoever has ended it meanwhile has left this to us.
            Stream.uninstall(self)
            return
        try:
            Stream.finish(self, call)
        finally:
            self.result = None
            self.turn.release()

    def show(self, call):
        self.results.append(self.result)

    def fail(self, error):
        """Ends the stream with what has gone wrong, of which the call must not know. What is the program's own goes on to be."""
        if is_from_outside(error):
            if self.reason is not None:
                Stream.uninstall(self)
            else:
                self.turn.release()
            raise error
        self.failure = error if type(error) is Failure else Failure("torch-failed", describe_error(error).strip()[-4096:])
        self.conclude("removed")

    def uninstall(self):
        """A call that is measured goes on to be seen where only its own thread can end the measuring."""
        self.conclude("removed")
        if self.running is not None:
            if not self.give_up():
                return True
            self.running = None
        return Stream.uninstall(self)

    def give_up(self):
        """Ends the measuring from another thread; answers whether that can be done."""
        return False

    def answer(self, reason):
        try:
            if self.failure is not None:
                raise self.failure
            if self.results and reason in SAID_ENDS:
                on_worker(self.request, lambda: self.said_at_the_end(reason))
                return
            self.results = []
            answer = {"ok": self.said_at_the_end(reason)}
        except Failure as failure:
            answer = failure_answer(failure)
        self.request.connection.finish(self.request.id, answer)

    def said_at_the_end(self, reason):
        account = self.account(reason)
        account.update(self.hand_over(), torch=str(self.torch.__version__), goesOn=self.running is not None)
        return account
