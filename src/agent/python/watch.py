"""What a function is called with and what comes of it, as values of an expression, call by call."""

DEFAULT_EXPRESSION = "args,kwargs"
MOST_CALLERS = 50


class Watch(Stream):
    def __init__(self, request, found):
        Stream.__init__(self, request, found)
        self.expression = self.compiled("expression", DEFAULT_EXPRESSION)
        self.in_words = request.flag("repr")
        self.hears_starts = request.flag("atEntry")
        self.hears_passes = request.flag("yields")
        self.with_stack = request.flag("stack")

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
            event = where_of(call)
            event.update(at="yield", value=self.shown_value(call))
            self.tell(event)
            self.note_shown()

    def show(self, call):
        event = where_of(call)
        event["at"] = "exit"
        if self.hears_starts:
            event["before"] = call.kept and call.kept.get(self)
        event["value"] = self.shown_value(call)
        if call.error is not None:
            event["error"] = error_facts(call.error, Renderer(self.budget))
        if self.with_stack:
            frames = caller_frames(MOST_CALLERS)
            event["stack"] = [[each.f_code.co_filename, each.f_lineno, each.f_code.co_name] for each in frames]
        self.tell(event)

    def shown_value(self, call):
        try:
            value = self.value_of(self.expression, call)
            if not self.in_words:
                return {"type": full_name(type(value)), "view": Renderer(self.budget).view(value)}
            text = repr(value)
        except BaseException as error:
            if is_from_outside(error):
                raise
            self.failures += 1
            return {"failure": {"type": full_name(type(error)), "traceback": describe_error(error)[-4096:]}}
        limit = limit_of(self.budget, "maxCharacters", 1000000)
        return {"type": full_name(type(value)), "repr": text[:limit], "omitted": max(len(text) - limit, 0)}


@on("watch")
def watch(request):
    return open_stream(request, Watch)
