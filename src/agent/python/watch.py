"""What a function is called with and what comes of it, as values of an expression, call by call."""

DEFAULT_EXPRESSION = "args,kwargs"
MOST_CALLERS = 50


class Watch(Stream):
    def __init__(self, request, found):
        Stream.__init__(self, request, found)
        self.in_words = request.flag("repr")
        self.hears_starts = request.flag("atEntry")
        self.hears_passes = request.flag("yields")
        self.with_stack = request.flag("stack")

    def take_shape(self, shape):
        Stream.take_shape(self, shape)
        self.expression = self.compiled("expression", shape, DEFAULT_EXPRESSION)

    def start(self, call):
        call.started = call.ended = now()
        if self.reason is None and self.accepts(call):
            if call.kept is None:
                call.kept = {}
            call.kept[self] = self.shown_value(call)

    def suspend(self, call, value, is_yield):
        if not is_yield or self.reason is not None or not self.accepts(call):
            return
        call.ended, call.value = now(), value
        if self.passes(call) and self.may_show(call):
            self.tell((Moment(call), {"at": "yield", "value": self.shown_value(call)}))
            self.note_shown()

    def show(self, call):
        facts = {"at": "exit", "value": self.shown_value(call)}
        moment = Moment(call)
        if self.hears_starts:
            facts["before"] = call.kept and call.kept.get(self)
        if call.error is not None:
            facts["error"] = error_facts(call.error, self.limits)
        if self.with_stack:
            frames = caller_frames(MOST_CALLERS)
            facts["stack"] = [[each.f_code.co_filename, each.f_lineno, each.f_code.co_name] for each in frames]
        self.tell((moment, facts))

    def said(self, event):
        if type(event) is not tuple:
            return event
        moment, facts = event
        return dict(moment.facts(), **facts)

    def shown_value(self, call):
        try:
            return value_facts(self.expression(call), self.in_words, self.limits)
        except BaseException as error:
            if is_from_outside(error):
                raise
            self.failures += 1
            return {"failure": {"type": full_name(type(error)), "traceback": describe_error(error)[-4096:]}}


@on("watch")
def watch(request):
    return open_stream(request, Watch)
