"""The calls below each call of a function, as a tree."""

CALIBRATION_NS = 1000000000
MOST_NAMED = 20000
HAS_QUALIFIED_CODES = hasattr(Code, "co_qualname")


class TraceCalls(Stream):
    hears_starts = hears_passes = True

    def __init__(self, request, found):
        Stream.__init__(self, request, found)
        interval = request.decimal("interval")
        self.least_ns = int((request.decimal("entranceTime") or 0) * MS)
        self.recorder = Recorder(
            int((0.1 if interval is None else interval) * MS), request.number("depth"), not request.flag("unfolded")
        )
        self.call_cost_ns = 0
        self.has_told_path = False
        self.names = QualifiedNames()

    def install(self):
        self.call_cost_ns = calibrated_trace()
        tracing.add(self.recorder)
        try:
            Stream.install(self)
        except BaseException:
            tracing.discard(self.recorder)
            raise

    def uninstall(self):
        restored = Stream.uninstall(self)
        tracing.discard(self.recorder)
        return restored

    def start(self, call):
        if self.reason is not None or not self.accepts(call):
            return
        trace = tracing.begin(self.recorder, call.probe)
        if trace is not None:
            if call.kept is None:
                call.kept = {}
            call.kept[self] = trace

    def suspend(self, call, value, is_yield):
        trace = call.kept and call.kept.get(self)
        if trace is not None:
            tracing.suspend(trace)

    def resume(self, call):
        trace = call.kept and call.kept.get(self)
        if trace is not None:
            tracing.resume(trace)

    def finish(self, call):
        """Calls of the function below itself are in the tree of the outermost one."""
        trace = call.kept and call.kept.get(self)
        if trace is None:
            return
        trace.root.start = call.started
        root = tracing.end(trace, call.ended, call.error)
        cost = (trace.nodes + root.hidden) * self.call_cost_ns
        self.cost_ns += cost
        call.probe.window_cost += cost
        if call.ended - call.started >= self.least_ns:
            call.kept[self] = (trace, root)
            Stream.finish(self, call)
        elif self.reason is None:
            self.hits.add()
        del call.kept[self]

    def show(self, call):
        trace, root = call.kept[self]
        self.tell((Moment(call), trace, root))

    def said(self, event):
        if type(event) is not tuple:
            return event
        moment, trace, root = event
        functions, rows = flattened(root, trace)
        unwatched = [list(function) + [count] for function, count in list(trace.unwatched.items())]
        if not HAS_QUALIFIED_CODES:
            functions = [self.names.qualified(each) for each in functions]
        said = moment.facts()
        said.update(functions=[list(each) for each in functions], rows=rows, unwatched=unwatched)
        cut = [list(function) + [count] for function, count in trace.cut_after.items()]
        said.update(cut=cut, omitted=trace.omitted, complete=not trace.is_broken)
        if not self.has_told_path:
            self.has_told_path = True
            said["path"] = [each for each in list(sys.path) if type(each) is str]
        return said


class QualifiedNames:
    """Before 3.11 code does not know which class it is of. The functions of its module do, and those of the classes there."""

    def __init__(self):
        self.by_file = {}

    def qualified(self, function):
        name, filename, line = function
        if filename is None:
            return function
        names = self.by_file.get(filename)
        if names is None:
            names = self.by_file[filename] = self.names_in(filename)
        return (names.get((name, line), name), filename, line)

    def names_in(self, filename):
        names = {}
        for name, module in list(sys.modules.items()):
            if attributes_of(module).get("__file__") == filename:
                left = list(attributes_of(module).values())
                for each in left:
                    if is_a(each, type) and len(left) < MOST_NAMED and type_module(each) == name:
                        left.extend(type_dict(each).values())
                    function = getattr(each, "__func__", each) if type(each) in (staticmethod, classmethod) else each
                    if type(each) is property:
                        function = each.fget
                    if type(function) is Function:
                        code = function.__code__
                        names.setdefault((code.co_name, code.co_firstlineno), function.__qualname__)
        return names


CALIBRATION_TEXT = """
def nothing():
    pass

def many():
    for _ in range(%d):
        nothing()
""" % CALIBRATION_CALLS


class CalibrationProbe:
    """Stands for the probe of a function of ours."""

    def __init__(self, code):
        self.code = code


def calibrated_trace():
    """What a call below a traced one takes longer, in nanoseconds."""
    names = {}
    exec(compile(CALIBRATION_TEXT, "<pyflight calibration>", "exec", dont_inherit=True), names)
    many = names["many"]
    recorder = Recorder(CALIBRATION_NS, adapts=False)
    tracing.add(recorder)
    try:
        bare = min(timed(many) for _ in range(CALIBRATION_ROUNDS))
        traced = []
        for _ in range(CALIBRATION_ROUNDS):
            trace = tracing.begin(recorder, CalibrationProbe(many.__code__))
            traced.append(timed(many))
            tracing.end(trace, now())
    finally:
        tracing.discard(recorder)
    return max((min(traced) - bare) // CALIBRATION_CALLS, 0)


def timed(function):
    began = now()
    function()
    return now() - began


@on("trace")
def trace(request):
    return open_stream(request, TraceCalls)
