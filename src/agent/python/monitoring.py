"""Calls by `sys.monitoring` (CPython 3.12 and later): events of the codes that are asked for, and of no others. Functions,
their code and the frames stay as they are.

An exception that leaves a function is no event of one code before 3.15: while anything is hooked, our function for
it is called for all, and finds nothing there for most.
"""

TOOLS = (4, 3)
OURS = "pyflight"
VALUE_OF_GENERATOR = "async_generator_wrapped_value"
events = sys.monitoring.events
getframe = sys._getframe
MONITORED = {}


def on_start(code, _):
    began = now()
    probe = MONITORED.get(id(code))
    if probe is None:
        return
    try:
        if began < probe.rests_until:
            probe.skipped += 1
            return
        frame = getframe(1)
        names = frame.f_locals
        values = tuple([names[name] for name in probe.shape.names])
        cells = [names.get(name) for name in probe.cell_names] if probe.cell_names else None
        calls, key = probe.calls, id(frame)
        if key in calls:
            # A generator that was let go of: 3.13 has no event for that.
            probe.abandoned += 1
        calls[key] = probe.begin(values, began, cells)
    except BaseException as error:
        if not probe.forgives(error):
            raise


def on_return(code, _, value):
    began = now()
    probe = MONITORED.get(id(code))
    if probe is None:
        return
    try:
        call = probe.calls.pop(id(getframe(1)), None)
        if call is not None:
            call.value = value
            probe.end(call, began)
    except BaseException as error:
        if not probe.forgives(error):
            raise


def on_unwind(code, _, error):
    probe = MONITORED.get(id(code))
    if probe is None:
        return
    began = now()
    try:
        call = probe.calls.pop(id(getframe(1)), None)
        if call is not None:
            call.error = error
            probe.end(call, began)
    except BaseException as failure:
        if not probe.forgives(failure):
            raise


def on_yield(code, _, value):
    probe = MONITORED.get(id(code))
    if probe is None:
        return
    try:
        call = probe.calls.get(id(getframe(1)))
        if call is not None:
            is_yield = probe.kind == "generator"
            if probe.kind == "async generator" and type(value).__name__ == VALUE_OF_GENERATOR:
                # What it yields is in an envelope, which it does not show in another way.
                is_yield, value = True, gc.get_referents(value)[0]
            probe.suspend(call, value, is_yield)
    except BaseException as error:
        if not probe.forgives(error):
            raise


def on_resume(code, *_):
    probe = MONITORED.get(id(code))
    if probe is None:
        return
    try:
        call = probe.calls.get(id(getframe(1)))
        if call is not None:
            probe.resume(call)
    except BaseException as error:
        if not probe.forgives(error):
            raise


CALLBACKS = {
    events.PY_START: on_start,
    events.PY_RETURN: on_return,
    events.PY_UNWIND: on_unwind,
    events.PY_YIELD: on_yield,
    events.PY_RESUME: on_resume,
    events.PY_THROW: on_resume,
}
PLAIN_EVENTS = events.PY_START | events.PY_RETURN
PASSING_EVENTS = PLAIN_EVENTS | events.PY_YIELD | events.PY_RESUME
GLOBAL_EVENTS = events.PY_UNWIND | events.PY_THROW


class Hooking:
    def __init__(self):
        self.tool = None
        self.lock = allocate_lock()
        self.dispatch_ns = 0

    def add(self, listener):
        code = listener.found.code
        with self.lock:
            self.take_tool()
            probe = MONITORED.get(id(code))
            if probe is None:
                probe = Probe(listener.found)
                probe.add(listener)
                self.monitor(code, probe)
            else:
                probe.add(listener)
        return probe

    def remove(self, listener):
        with self.lock:
            probe = listener.probe
            if probe is None:
                return True
            probe.discard(listener)
            if not probe.listeners and MONITORED.pop(id(probe.code), None) is not None:
                sys.monitoring.set_local_events(self.tool, probe.code, 0)
            if not MONITORED:
                self.give_tool_back()
            return True

    def monitor(self, code, probe):
        wanted = PLAIN_EVENTS if probe.kind == "function" else PASSING_EVENTS
        MONITORED[id(code)] = probe
        try:
            sys.monitoring.set_local_events(self.tool, code, wanted | GLOBAL_EVENTS)
        except ValueError:
            sys.monitoring.set_local_events(self.tool, code, wanted)
            sys.monitoring.set_events(self.tool, GLOBAL_EVENTS)

    def take_tool(self):
        if self.tool is not None:
            return
        for tool in TOOLS:
            if sys.monitoring.get_tool(tool) is None:
                sys.monitoring.use_tool_id(tool, OURS)
                self.tool = tool
                for event, callback in CALLBACKS.items():
                    sys.monitoring.register_callback(tool, event, callback)
                self.dispatch_ns = self.dispatch_ns or self.calibrated()
                return
        names = " and ".join(str(sys.monitoring.get_tool(tool)) for tool in TOOLS)
        raise Failure("refused", "both numbers of sys.monitoring that are nobody's are taken, by %s" % names)

    def give_tool_back(self):
        tool, self.tool = self.tool, None
        if tool is None:
            return
        sys.monitoring.set_events(tool, 0)
        for event in CALLBACKS:
            sys.monitoring.register_callback(tool, event, None)
        sys.monitoring.free_tool_id(tool)

    def calibrated(self):
        """What the interpreter takes to call us, which nothing that runs here can see: nanoseconds for a call."""

        def nothing():
            pass

        bare = fastest(nothing)
        sys.monitoring.set_local_events(self.tool, nothing.__code__, PLAIN_EVENTS)
        called = fastest(nothing)
        sys.monitoring.set_local_events(self.tool, nothing.__code__, 0)
        return max((called - bare) // CALIBRATION_CALLS, 0)

    def code_of(self, function):
        return function.__code__

    def code_behind(self, code):
        return code

    def give_code(self, function, code):
        """Changes the function's code; who listens to it goes on listening."""
        with self.lock:
            before, function.__code__ = function.__code__, code
            probe = MONITORED.pop(id(before), None)
            if probe is None:
                return
            sys.monitoring.set_local_events(self.tool, before, 0)
            probe.take_code(code)
            self.monitor(code, probe)

    def is_own(self, _):
        return False

    def in_flight(self):
        """Nothing comes back to us when nothing is hooked any more."""
        return bool(MONITORED)


hooking = Hooking()
