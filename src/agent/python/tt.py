"""Recording calls, and what can be asked of those that are recorded."""

MOST_LISTED = 5000


class Tunnel(Stream):
    def __init__(self, request, found):
        Stream.__init__(self, request, found)
        self.records = call_records_of(request.agent)
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
            entry.before = {"args": value_facts(args, False, self.limits), "kwargs": value_facts(kwargs, False, self.limits)}
            if self.found.first is not None:
                entry.before["target"] = value_facts(target, False, self.limits)
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
        moment = Moment(call)
        record = call.kept.pop(self, None) if call.kept else None
        if record is None:
            record = Record(self.found, moment)
        record.moment = moment
        record.target, record.args, record.kwargs = self.arguments(call)
        record.shape = call.probe.shape
        record.all_args, record.all_kwargs = record.shape.arguments(call.values)
        record.value = call.value
        if call.error is not None:
            record.take_error(call.error, self.limits)
        elif self.copies:
            record.after = value_facts(call.value, False, self.limits)
        if record.kind == "coroutine":
            record.loop = running_loop()
        is_urgent = self.records.hand_over(record)
        self.tell(record)
        if is_urgent:
            self.wake()

    def said(self, event):
        if type(event) is not Record:
            return event
        # It may have come since the others were taken in.
        self.records.settle()
        return event.summary()

    def serve_alone(self):
        self.records.settle()
        Stream.serve_alone(self)

    def account(self, reason):
        return dict(Stream.account(self, reason), records=self.records.facts())


def call_records_of(agent):
    if agent.records is None:
        agent.records = Records()
    return agent.records


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


def record_of(request):
    records = call_records_of(request.agent)
    records.settle()
    index = request.number("index")
    record = records.by_index.get(index)
    if record is None:
        raise Failure("not-found", "no call is recorded under %s" % index)
    return record


@on("tt-list")
def tt_list(request):
    records = call_records_of(request.agent)
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
    return {"isDeleted": call_records_of(request.agent).remove(request.number("index"))}


@on("tt-clear")
def tt_clear(request):
    records = call_records_of(request.agent)
    count = records.facts()["count"]
    records.forget()
    return {"count": count}
