"""What goes to a client call by call, until it has had enough: limits, filters and the account that every stream ends with."""

MOST_PENDING = 1000
# With so many the agent's thread is woken before its time.
MANY_PENDING = 256
SEEK_SECONDS = 0.1
wall_clock = original("time", "time")


class Stream(Listener):
    """A listener that tells a client of calls. `finish` and what it calls run in the program's calls, all else on the
    agent's thread."""

    def __init__(self, request, found):
        Listener.__init__(self, request.op, found, request.connection)
        self.request = request
        self.began = monotonic()
        self.seconds = request.decimal("seconds")
        self.limit = request.number("limit", -1)
        self.rate = request.number("rate", 0)
        percent = request.decimal("maxOverhead")
        self.max_overhead = None if percent is None else percent / 100
        self.only_errors = request.flag("onlyErrors")
        self.limits = limits_of(request.wishes.get("budget"))
        self.matched, self.shown = Tally(), Tally()
        self.dropped = self.failures = 0
        self.second, self.shown_in_second = 0, 0
        # Of the calls that may be shown, and of those that were.
        self.tickets, self.used_tickets = itertools.count(1), itertools.count(1)
        self.pending = []
        self.is_answered = False
        self.lock = allocate_lock()
        self.take_shape(Shape(found.code))

    def take_shape(self, shape):
        self.filter = self.compiled("filter", shape)

    def compiled(self, name, shape, default=None):
        """The expression as a function of a call."""
        text = self.request.text(name, default)
        if text is None:
            return None
        return Expression(text, self.found.module, shape.names).of_calls(self.arguments, shape, self.found.first is not None)

    def open(self):
        """What is told of calls waits until the function itself was told."""
        agent = self.request.agent
        with self.lock:
            self.install()
            agent.hooks.add(self)
            agent.streams.append(self)
            self.request.event({"opened": self.found.facts()})

    def finish(self, call):
        if self.reason is not None or (self.is_selective and not self.accepts(call)):
            return
        self.hits.add()
        if self.only_errors and call.error is None:
            return
        if self.filter is not None and not self.passes(call):
            return
        self.matched.add()
        if self.may_show(call):
            self.show(call)
            self.note_shown()

    def note_shown(self):
        self.shown.add()
        if self.limit >= 0 and next(self.used_tickets) >= self.limit and self.reason is None:
            self.reason = "limit"

    def wake(self):
        self.request.agent.wake()

    def may_show(self, call):
        if self.rate > 0:
            second = call.ended // 1000000000
            if second != self.second:
                self.second, self.shown_in_second = second, 0
            if self.shown_in_second >= self.rate:
                self.dropped += 1
                return False
            self.shown_in_second += 1
        # Threads may come here at the same time.
        return self.limit < 0 or next(self.tickets) <= self.limit

    def passes(self, call):
        try:
            return self.filter is None or bool(self.filter(call))
        except BaseException as error:
            if is_from_outside(error):
                raise
            self.tell_failure("filter", error)
            return False

    def tell_failure(self, what, error):
        self.failures += 1
        if self.failures == 1:
            self.tell({"failed": what, "type": full_name(type(error)), "traceback": describe_error(error)[-4096:]})

    def tell(self, event):
        count = len(self.pending)
        if count >= MOST_PENDING:
            self.dropped += 1
            return
        self.pending.append(event)
        if count == MANY_PENDING or not (count or self.request.agent.is_gathering):
            self.wake()

    def said(self, event):
        """What is told, where it is made on the agent's thread."""
        return event

    def conclude(self, reason):
        """No further call is told; the agent's thread does the rest."""
        if self.reason is None:
            self.reason = reason
            self.wake()

    def uninstall(self):
        if self.reason is None:
            self.reason = "removed"
        return Listener.uninstall(self)

    def milliseconds_left(self):
        return None if self.seconds is None else max((self.began + self.seconds - monotonic()) * 1000, 0)

    def serve(self):
        """Sends what there is, and ends the stream when it has ended. At the exit of the program its main thread does it."""
        with self.lock:
            self.serve_alone()

    def serve_alone(self):
        self.watch_cost()
        if self.seconds is not None and monotonic() - self.began >= self.seconds:
            self.conclude("time")
        reason = self.reason
        if reason is not None:
            self.close()
        count = len(self.pending)
        batch = self.pending[:count]
        del self.pending[:count]
        if batch:
            self.request.agent.gather()
        for event in batch:
            if len(self.request.connection.outgoing) > ROOM_BYTES:
                self.dropped += 1
            else:
                self.request.event(self.said(event))
        if reason is not None and not self.is_answered:
            self.is_answered = True
            self.answer(reason)

    def answer(self, reason):
        self.request.connection.finish(self.request.id, {"ok": self.account(reason)})

    def watch_cost(self):
        """Where even looking away costs more than is allowed, it ends."""
        if self.max_overhead is None or self.probe is None:
            return
        at, skipped = monotonic(), self.skipped
        if at - self.looked_at < 1:
            return
        cost = (skipped - self.skipped_then) * hooking.dispatch_ns / 1e9 / (at - self.looked_at)
        self.looked_at, self.skipped_then = at, skipped
        if cost > self.max_overhead:
            self.conclude("overhead")

    looked_at = skipped_then = 0

    def close(self):
        agent = self.request.agent
        self.uninstall()
        discard(agent.hooks.active, self)
        discard(agent.streams, self)

    def account(self, reason):
        probe = self.probe
        seen = self.hits.total()
        return {
            "reason": reason,
            "seen": seen,
            "matched": self.matched.total(),
            "shown": self.shown.total(),
            "dropped": self.dropped,
            "skipped": self.skipped,
            "expressionFailures": self.failures,
            "ownFailures": probe.errors if probe else 0,
            "lastFailure": probe.last_error if probe else None,
            "abandoned": probe.abandoned if probe else 0,
            "costNs": int(self.cost_ns / seen) + hooking.dispatch_ns if seen else 0,
            "restored": self.is_restored is not False,
        }


class PeriodicStream(Stream):
    """A stream that also tells something from time to time, whether calls end or not."""

    def __init__(self, request, found, every):
        Stream.__init__(self, request, found)
        self.every = every
        self.due = monotonic() + every

    def milliseconds_left(self):
        due = max((self.due - monotonic()) * 1000, 0)
        left = Stream.milliseconds_left(self)
        return due if left is None else min(due, left)


class Seeker(Waiting):
    """Waits for a module to be loaded, for a stream on a function of it."""

    def __init__(self, request, make):
        Waiting.__init__(self)
        self.request, self.make = request, make
        self.began = monotonic()
        self.seconds = request.decimal("seconds")

    def milliseconds_left(self):
        return SEEK_SECONDS * 1000

    def conclude(self, reason):
        self.reason = reason

    def serve_alone(self):
        request = self.request
        if self.seconds is not None and monotonic() - self.began >= self.seconds:
            self.conclude("time")
        try:
            if self.reason is not None:
                raise Failure("not-found", "the module was not loaded meanwhile")
            # It is there as soon as it begins to be loaded, and whole when it ends.
            if any(map(is_loading, modules_named(request.words("words")))):
                return
            found = find_function(request)
            self.end()
            self.make(request, found).open()
        except Failure as failure:
            if self.reason is None and is_not_loaded(failure):
                return
            self.end()
            request.connection.finish(request.id, failure_answer(failure))

    def end(self):
        self.is_over = True
        discard(self.request.agent.streams, self)


def is_not_loaded(failure):
    return failure.code == "not-found" and getattr(failure, "names", None) is None


def modules_named(words):
    """Those that the words begin with, as far as they are there."""
    parts = (words[0] if words else "").partition(":")[0].split(".")
    names = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return [sys.modules[name] for name in names if name in sys.modules]


def open_stream(request, make):
    """Begins a stream, whose answer comes when it ends."""
    try:
        make(request, find_function(request)).open()
    except Failure as failure:
        if not request.flag("lazy") or not is_not_loaded(failure):
            raise
        request.agent.streams.append(Seeker(request, make))
        request.event({"waiting": failure.message})
    return LATER


class Moment:
    """When a call has ended, how long it has taken, and the thread and the task that it was in."""

    __slots__ = ("time", "cost_ns", "ran_ns", "thread", "task")

    def __init__(self, call):
        self.time = wall_clock()
        self.cost_ns = call.ended - call.started
        self.ran_ns = call.ran
        ident, native_id = get_ident(), native_thread_id()
        # Where gevent is, and where `threading` is not loaded, nobody has a name for it.
        name = thread_name(ident) or ("MainThread" if native_id == posix.getpid() else None)
        self.thread = (ident, native_id, name)
        self.task = task_name()

    def facts(self):
        ident, native_id, name = self.thread
        return {
            "time": self.time,
            "costNs": self.cost_ns,
            "ranNs": self.ran_ns,
            "thread": {"id": ident, "nativeId": native_id, "name": name},
            "task": self.task,
        }


def thread_name(ident):
    """As `threading` knows it, which is not asked: it would note a thread that it does not know."""
    active = getattr(sys.modules.get("threading"), "_active", None)
    thread = active.get(ident) if type(active) is dict else None
    if thread is None:
        return None
    try:
        # Past what a subclass may have for it.
        name = object.__getattribute__(thread, "_name")
    except AttributeError:
        return None
    return name if type(name) is str else None


def task_name():
    """Of asyncio's task that runs now; the name of its coroutine where tasks have no names (before 3.8)."""
    events, tasks = sys.modules.get("asyncio.events"), sys.modules.get("asyncio.tasks")
    if events is None or tasks is None:
        return None
    try:
        loop = events._get_running_loop()
        if loop is None:
            return None
        find = tasks.current_task if hasattr(tasks, "current_task") else tasks.Task.current_task
        task = find(loop)
        if task is None:
            return None
        return task.get_name() if hasattr(task, "get_name") else task._coro.__qualname__
    except Exception:
        return None


def error_facts(error, limits):
    """An exception without its own `__str__`: its class, arguments, and the lines that it has passed."""
    args = BaseException.args.__get__(error)
    text = args[0] if len(args) == 1 and type(args[0]) is str else None
    frames = []
    entry = error.__traceback__
    while entry is not None and len(frames) < MOST_FRAMES:
        code = entry.tb_frame.f_code
        if code.co_filename != OWN_FILE and not hooking.is_own(code):
            frames.append([code.co_filename, entry.tb_lineno, code.co_name])
        entry = entry.tb_next
    shown = text if text is None else text[:1000]
    return {"type": full_name(type(error)), "text": shown, "args": view_of(args, limits), "frames": frames}
