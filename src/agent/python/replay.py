"""Making a recorded call again: here, or in the event loop where it ran."""

LONGEST_NAP = 0.02
ENDING_SECONDS = 1


@on("tt-replay")
def tt_replay(request):
    record = record_of(request)
    return on_worker(request, lambda: replayed(request, record))


class Again:
    """A call of ours."""

    def __init__(self, request):
        self.request = request
        self.started = self.ended = self.ran = 0
        self.value = self.error = self.moment = None
        self.is_done = False

    def end(self, value=None, error=None):
        self.ended = now()
        # A coroutine has counted it.
        self.ran = self.ran or self.ended - self.started
        self.value, self.error = value, error
        self.moment = Moment(self)
        self.is_done = True


def replayed(request, record):
    function, notes = record.callee()
    args, kwargs, more = record.originals()
    notes = notes + more
    again = Again(request)
    if record.kind == "coroutine":
        notes += call_in_loop(again, record, lambda: function(*args, **kwargs))
    else:
        again.started = now()
        try:
            again.end(function(*args, **kwargs))
        except BaseException as error:
            again.end(None, error)
        if record.kind != "function":
            notes.append("the call makes a generator, which does not run until somebody takes its values: nobody did")
    if request.worker.was_cancelled:
        raise Failure("cancelled", "it was cancelled")
    made = Record(record.found, again.moment)
    made.shape = record.shape
    made.function, made.replay_of, made.loop, made.cells = record.function, record.index, record.loop, record.cells
    made.all_args, made.all_kwargs = args, kwargs
    made.target, made.value = record.target, again.value
    made.args, made.kwargs = args[len(record.all_args) - len(record.args) :], kwargs
    if again.error is not None:
        made.take_error(again.error, limits_of(request.wishes.get("budget")))
        again.error = None
    call_records_of(request.agent).hand_over(made)
    request.agent.wake()
    return dict(made.details(request), notes=notes)


class Steps:
    """Awaits a coroutine, and adds up the time in which it runs."""

    def __init__(self, again, awaited, clock=now):
        self.again, self.awaited, self.clock = again, awaited, clock

    def __await__(self):
        again, clock = self.again, self.clock
        steps = self.awaited.__await__()
        step, value = steps.send, None
        while True:
            resumed = clock()
            try:
                waits_for = step(value)
            except StopIteration as end:
                return end.value
            finally:
                again.ran += clock() - resumed
            try:
                step, value = steps.send, (yield waits_for)
            except BaseException as error:
                step, value = steps.throw, error


async def driven(again, make, clock=now):
    """Nothing may leave it: KeyboardInterrupt would end the program's loop."""
    again.started = clock()
    value = error = None
    try:
        value = await Steps(again, make())
    except BaseException as raised_error:
        error = raised_error
    try:
        again.end(value, error)
    except Exception:
        # The agent has left meanwhile.
        again.is_done = True


def call_in_loop(again, record, make):
    """In the loop where it ran at first, if that runs; otherwise in one of its own. Answers what is to be said of that."""
    loop = record.loop
    if loop is None:
        raise Failure("no-replay", "%s did not run in a loop of asyncio, and cannot be run in one" % record.found.label)
    if not loop.is_closed() and loop.is_running():
        call_in_running(again, loop, make)
        return ["it ran in the event loop where it had run; what it printed went where the program prints"]
    call_in_new(again, make)
    return ["the event loop where it had run is not running any more: it ran in one of its own"]


def call_in_running(again, loop, make):
    tasks = []

    def begin():
        try:
            tasks.append(loop.create_task(driven(again, make)))
        except BaseException as error:
            again.end(None, error)

    loop.call_soon_threadsafe(begin)
    nap = 0.001
    try:
        while not again.is_done:
            if loop.is_closed():
                raise Failure("no-replay", "the event loop was closed meanwhile")
            sleep(nap)
            nap = min(nap * 1.5, LONGEST_NAP)
    except KeyboardInterrupt:
        deadline = monotonic() + ENDING_SECONDS
        if not loop.is_closed():
            loop.call_soon_threadsafe(lambda: [task.cancel() for task in tasks])
        while not again.is_done and monotonic() < deadline:
            sleep(LONGEST_NAP)
        raise Failure("cancelled", "it was cancelled")


def call_in_new(again, make):
    loop = sys.modules["asyncio"].new_event_loop()

    def beat():
        # Otherwise a cancellation would wait as long as the loop does.
        loop.call_later(0.05, beat)

    task = None
    try:
        task = loop.create_task(driven(again, make))
        beat()
        loop.run_until_complete(task)
    except KeyboardInterrupt:
        if task is not None and not task.done():
            task.cancel()
            loop.run_until_complete(task)
        raise Failure("cancelled", "it was cancelled")
    finally:
        loop.close()
