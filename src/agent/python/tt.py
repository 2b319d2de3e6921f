"""Calls that are kept, to be looked at and made once more: by reference, within a budget of bytes, until somebody lets go of
them or the agent leaves.

The agent's thread alone puts them in and takes them out. The program's calls hand them over, and wait for nothing.
"""

FIRST_INDEX = 1000
RECORD_BYTES = 1024
DEFAULT_KEEP_BYTES = 64 << 20
MOST_LISTED = 5000
MOST_MEASURED = 1000
LONGEST_NAP = 0.02
ENDING_SECONDS = 1
PLAIN = {int, float, complex, bool, str, bytes, bytearray, range, slice, memoryview, type(None), type(Ellipsis)}


class Records:
    def __init__(self):
        self.numbers = itertools.count(FIRST_INDEX)
        self.by_index = {}
        self.incoming = []
        self.lock = allocate_lock()
        self.budget = DEFAULT_KEEP_BYTES
        self.seconds = 0
        self.bytes = self.rough = self.dropped = 0
        # What records refer to is measured once: how many refer to it and its size, by its identity.
        self.held = {}

    def hand_over(self, record):
        """From any thread. A record has its index at once, and is found by it when the agent's thread has taken it."""
        record.index = next(self.numbers)
        self.rough += sum(map(flat_size, record.values()))
        self.incoming.append(record)

    def has_room(self):
        return self.rough <= self.budget

    def settle(self):
        # At the exit of the program its main thread comes here as well.
        if self.lock.acquire(False):
            try:
                self.settle_alone()
            finally:
                self.lock.release()

    def settle_alone(self):
        count = len(self.incoming)
        for record in sorted(self.incoming[:count], key=lambda record: record.index):
            self.keep(record)
        del self.incoming[:count]
        self.rough = 0
        while self.bytes > self.budget and self.by_index:
            self.remove(next(iter(self.by_index)))
            self.dropped += 1

    def keep(self, record):
        for value in record.values():
            entry = self.held.get(id(value))
            if entry is None:
                entry = self.held[id(value)] = [0, size_of(value)]
                self.bytes += entry[1]
            entry[0] += 1
        record.size = RECORD_BYTES + size_of(record.before) + size_of(record.deep) + size_of(record.after)
        self.bytes += record.size
        self.by_index[record.index] = record

    def remove(self, index):
        record = self.by_index.pop(index, None)
        if record is None:
            return False
        self.bytes -= record.size
        for value in record.values():
            entry = self.held.get(id(value))
            if entry is None:
                continue
            entry[0] -= 1
            if not entry[0]:
                self.bytes -= entry[1]
                del self.held[id(value)]
        return True

    def forget(self):
        """Lets go of all; whoever still hands something over keeps it to himself."""
        self.by_index, self.incoming, self.held = {}, [], {}
        self.bytes = self.rough = 0

    def lease(self):
        return self.seconds if self.by_index or self.incoming else 0

    def facts(self):
        self.settle()
        return {"count": len(self.by_index), "bytes": self.bytes, "budget": self.budget, "dropped": self.dropped}


def flat_size(value):
    """Without what is in it: what the program's call can wait for."""
    kind = type(value)
    return sys.getsizeof(value) if kind in PLAIN or kind in SIZED else 0


def size_of(value):
    """Estimated bytes of a value with what it holds; another thread may change it meanwhile."""
    try:
        return measured(value)
    except Exception:
        return 0


def measured(value):
    """No code of the program runs for it. Classes, functions and modules are the program's own, and a long container is
    measured by its beginning.
    """
    containers = items = count = unseen = 0
    seen, waiting = set(), [value]
    while waiting and count < MOST_MEASURED:
        each = waiting.pop()
        kind = type(each)
        count += 1
        if id(each) in seen or kind in (Function, Method, Builtin, Code, Module) or type in type_mro(kind):
            continue
        seen.add(id(each))
        if kind in PLAIN:
            items += sys.getsizeof(each)
            continue
        size, parts, length = composed_size(each, kind)
        containers += size
        waiting.extend(parts)
        unseen += max(length - len(parts), 0)
    return int(containers + items + (unseen + len(waiting)) * items / max(count, 1))


def composed_size(value, kind):
    """The bytes of it alone, some of what it holds, and how much it holds."""
    if "numpy" in sys.modules and is_ndarray(kind):
        return object.__sizeof__(value) + type_dict(kind)["nbytes"].__get__(value), [], 0
    base = next((each for each in type_mro(kind) if each in SIZED), None)
    size = sys.getsizeof(value) if kind is base else object.__sizeof__(value)
    parts = list(attributes_of(value).values())[:MOST_MEASURED] if kind is not base else []
    if base is None:
        names = instance_dict(value)
        return size + (sys.getsizeof(names) if type(names) is dict else 0), parts, len(parts)
    length = base.__len__(value)
    if base is dict:
        for pair in first_items(lambda each: iter(dict.items(each)), value, MOST_MEASURED // 2):
            parts.extend(pair)
        return size, parts, length * 2
    return size, parts + first_items(base.__iter__, value, MOST_MEASURED), length


class Record:
    """A call: what it was called with and what came of it. An exception is kept without its traceback, which would keep
    every variable of every frame."""

    def __init__(self, found, moment):
        self.found = found
        self.moment = moment
        self.function = found.function
        self.shape = None
        self.kind = kind_of(found.code)
        self.target, self.args, self.kwargs = None, (), {}
        self.all_args, self.all_kwargs = (), {}
        self.value = self.error = self.error_facts = None
        # Trees of target and arguments at the entry, and of the result; copies of the arguments, or why there are none.
        self.before = self.after = self.deep = self.deep_failure = None
        # What a function within a function had around it, where the function itself is not known.
        self.cells = self.loop = self.replay_of = None
        self.index = self.size = 0

    def values(self):
        return [self.target] + list(self.args) + list(self.kwargs.values()) + [self.value]

    def take_error(self, error, budget):
        self.error_facts = error_facts(error, Renderer(budget))
        self.error = without_traceback(error)

    def summary(self):
        found = self.found
        facts = dict(self.moment, index=self.index, module=found.name, path=found.path, nested=found.nested)
        facts.update(label=found.label, kind=self.kind, replayOf=self.replay_of, isCopied=self.before is not None)
        facts["errorType"] = self.error_facts and self.error_facts["type"]
        return facts

    def passes(self, expression):
        cost = self.moment["costNs"] / 1e6
        variables = (self.target, self.value, cost, self.args, dict(self.kwargs), self.error, self.function)
        return expression(variables, parameter_values(self.shape, self.all_args, self.all_kwargs))

    def details(self, request):
        """As trees, or in words of their own; those of the entry where there are some, and otherwise as they are now."""
        in_words, budget = request.flag("repr"), request.wishes.get("budget")
        answer = self.summary()
        is_past = self.before is not None and not in_words
        if is_past:
            answer.update(self.before)
        else:
            args, kwargs = self.deep or (self.args, self.kwargs)
            if self.found.first is not None:
                answer["target"] = value_facts(self.target, in_words, budget)
            answer.update(args=value_facts(args, in_words, budget), kwargs=value_facts(kwargs, in_words, budget))
        answer["asOf"] = "entry" if is_past or self.deep else "now"
        if self.error_facts is not None:
            answer["error"] = self.error_facts
        else:
            answer["value"] = self.after if is_past and self.after else value_facts(self.value, in_words, budget)
        return answer

    def callee(self):
        """The function that ran, and what is to be said of it."""
        if self.function is not None:
            return self.function, []
        code, cells = self.found.code, self.cells or {}
        if any(name not in cells for name in code.co_freevars):
            raise Failure("no-replay", "%s was made by the function around it, and cannot be made again" % self.found.label)
        alive = [each for each in gc.get_referrers(code) if type(each) is Function and has_cells(each, code, cells)]
        if len(alive) == 1:
            return alive[0], []
        closure = tuple(Cell(cells[name]) for name in code.co_freevars)
        made = Function(code, self.found.outer.__globals__, code.co_name, None, closure or None)
        return made, ["the function is gone, or one of several: it was made again of the variables around it at its entry"]

    def originals(self):
        """What to call it with, and what is to be said of that."""
        if self.deep is not None:
            args, kwargs = sys.modules["copy"].deepcopy(self.deep)
            count = len(self.all_args) - len(self.args)
            return self.all_args[:count] + args, kwargs, ["with copies of the arguments as they were"]
        if self.deep_failure is not None:
            words = "the arguments could not be copied (%s), and are the original objects, as they are now"
            return self.all_args, self.all_kwargs, [words % self.deep_failure]
        return self.all_args, self.all_kwargs, ["the arguments are the original objects, as they are now"]


def has_cells(function, code, cells):
    if function.__code__ is not code:
        return False
    return all(is_same_cell((name, cell), cells[name]) for name, cell in zip(code.co_freevars, function.__closure__ or ()))


def without_traceback(error):
    """A twin of the same class, arguments and attributes, of which no constructor of the program knows."""
    kind = type(error)
    made_in_c = next(each for each in type_mro(kind) if not type_flags(each) & HEAP_TYPE)
    try:
        args = BaseException.args.__get__(error)
        twin = made_in_c.__new__(kind, *args)
        made_in_c.__init__(twin, *args)
        names, own = instance_dict(twin), instance_dict(error)
        if names is not None and own:
            dict.update(names, own)
        return twin
    except Exception:
        return None


def parameter_values(shape, args, kwargs):
    """As the function has them, from what `shape.arguments` has made of them."""
    count, more = len(shape.positional), dict(kwargs)
    values = list(args[:count]) + [more.pop(name) for name in shape.keyword_only]
    return values + ([args[count:]] if shape.rest is not None else []) + ([more] if shape.more is not None else [])


def outcome_of(function, *arguments):
    """What code of the program makes of them: its value and None, or None and its failure in words."""
    try:
        return function(*arguments), None
    except BaseException as error:
        if is_from_outside(error):
            raise
        return None, {"type": full_name(type(error)), "traceback": describe_error(error)[-4096:]}


def value_facts(value, in_words, budget):
    if not in_words:
        return {"type": full_name(type(value)), "view": Renderer(budget).view(value)}
    text, failure = outcome_of(repr, value)
    if failure is not None:
        return {"failure": failure}
    limit = limit_of(budget, "maxCharacters", 1000000)
    return {"type": full_name(type(value)), "repr": str(text)[:limit], "omitted": max(len(text) - limit, 0)}


class Tunnel(Stream):
    def __init__(self, request, found):
        Stream.__init__(self, request, found)
        self.records = records_of(request.agent)
        keep_bytes = request.number("keepBytes")
        if keep_bytes is not None:
            self.records.budget = keep_bytes
        self.records.seconds = request.decimal("keepSeconds") or self.records.seconds
        self.is_deep = request.flag("deepCopy")
        self.copies = request.flag("copy") or self.is_deep
        self.hears_starts = self.copies or found.function is None
        if self.is_deep:
            load_module("copy")

    def start(self, call):
        if self.reason is not None or not self.accepts(call):
            return
        entry = Record(self.found, None)
        if self.found.function is None:
            entry.function, entry.cells = function_within(self.found.code)
        target, args, kwargs = self.arguments(call)
        if self.copies:
            entry.before = {"args": value_facts(args, False, self.budget), "kwargs": value_facts(kwargs, False, self.budget)}
            if self.found.first is not None:
                entry.before["target"] = value_facts(target, False, self.budget)
        if self.is_deep:
            copied, failure = outcome_of(sys.modules["copy"].deepcopy, (args, kwargs))
            entry.deep, entry.deep_failure = copied, failure and failure["type"]
        if call.kept is None:
            call.kept = {}
        call.kept[self] = entry

    def may_show(self, call):
        if len(self.pending) >= MOST_PENDING or not self.records.has_room():
            self.dropped += 1
            return False
        return Stream.may_show(self, call)

    def show(self, call):
        moment = where_of(call)
        record = call.kept.pop(self, None) if call.kept else None
        if record is None:
            record = Record(self.found, moment)
        record.moment = moment
        record.target, record.args, record.kwargs = self.arguments(call)
        record.shape = call.probe.shape
        record.all_args, record.all_kwargs = record.shape.arguments(call.values)
        record.value = call.value
        if call.error is not None:
            record.take_error(call.error, self.budget)
        elif self.copies:
            record.after = value_facts(call.value, False, self.budget)
        if record.kind == "coroutine":
            record.loop = running_loop()
        self.records.hand_over(record)
        self.tell(record)

    def serve_alone(self):
        self.records.settle()
        for at, each in enumerate(self.pending[:]):
            if type(each) is Record:
                self.pending[at] = each.summary()
        Stream.serve_alone(self)

    def account(self, reason):
        return dict(Stream.account(self, reason), records=self.records.facts())


def records_of(agent):
    if agent.records is None:
        agent.records = Records()
    return agent.records


def load_module(name):
    before = set(sys.modules)
    __import__(name)
    MODULES_ADDED.extend(sorted(set(sys.modules) - before))


def running_loop():
    events = sys.modules.get("asyncio.events")
    return events and events._get_running_loop()


def function_within(code):
    """Of the call that has just begun: the function, which a trampoline has at hand, or the variables around it."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename == OWN_FILE:
        frame = frame.f_back
    names = frame.f_locals
    made = names.get("_original")
    if hooking.is_own(frame.f_code):
        return (made if type(made) is Function else None), None
    return None, {name: names[name] for name in code.co_freevars if name in names}


@on("tt")
def tt(request):
    return open_stream(request, Tunnel)


def on_worker(request, work):
    """Goes on there with what the agent's thread has prepared."""
    if len(request.agent.workers()) >= MOST_CONNECTIONS:
        raise Failure("bad-request", "too many requests")
    request.worker = request.connection.workers[request.id] = Worker(request)
    request.worker.start(lambda _: diverted(request, work))
    return LATER


def record_of(request):
    records = records_of(request.agent)
    records.settle()
    index = request.number("index")
    record = records.by_index.get(index)
    if record is None:
        raise Failure("not-found", "no call is recorded under %s" % index)
    return record


@on("tt-list")
def tt_list(request):
    records = records_of(request.agent)
    state = records.facts()
    pattern = request.text("method", "*").replace(".None.", ".")
    found = [each for each in list(records.by_index.values()) if matches_glob(pattern, each.found.label)]
    text = request.text("filter")
    return on_worker(request, lambda: listed(found, text, state))


def listed(found, text, state):
    compiled, failures, first = {}, 0, None
    kept = []
    for record in found:
        if text is not None:
            key = id(record.found.module), record.shape.names
            if key not in compiled:
                compiled[key] = Expression(text, record.found.module, record.shape.names)
            passes, failure = outcome_of(lambda: bool(record.passes(compiled[key])))
            failures += failure is not None
            first = first or failure
            if not passes:
                continue
        kept.append(record.summary())
    return {"records": kept[-MOST_LISTED:], "matched": len(kept), "failures": failures, "failure": first, "state": state}


@on("tt-show")
def tt_show(request):
    record = record_of(request)
    return on_worker(request, lambda: dict(record.details(request), notes=[]))


@on("tt-delete")
def tt_delete(request):
    record_of(request)
    return {"isDeleted": records_of(request.agent).remove(request.number("index"))}


@on("tt-clear")
def tt_clear(request):
    records = records_of(request.agent)
    count = records.facts()["count"]
    records.forget()
    return {"count": count}


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
        self.ran = self.ended - self.started
        self.value, self.error = value, error
        self.moment = where_of(self)
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
        made.take_error(again.error, request.wishes.get("budget"))
        again.error = None
    records_of(request.agent).hand_over(made)
    request.agent.wake()
    return dict(made.details(request), notes=notes)


async def driven(again, make, clock=now):
    """Nothing may leave it: KeyboardInterrupt would end the program's loop."""
    again.started = clock()
    value = error = None
    try:
        value = await make()
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
