"""Calls below a traced one by `sys.monitoring` (CPython 3.12 and later).

Events are put on the codes that have been met below a traced call, and on no others: what is never called from there pays
nothing. What is called is seen where it is called; what Python calls by itself, as properties and operators, is
found by looking at all beginnings during some of the traced calls.

A function that has returned fast many times is left alone for the rest of the traced call, and in those that follow soon: its time
stays in what called it.
"""

TRACE_TOOLS = (3, 4, 5)
TRACER = "pyflight trace"
MOST_WATCHED = 20000
# So many short calls are looked at. A call is short when five of them are not longer than the interval; one that is
# far shorter counts twice.
SHORT_CALLS = 32
SHORT_PART, TINY_PART = 5, 50
TINY_WEIGHT = 2
# What a call that is not short takes off the count.
SLOW_CALLS = 8 * SHORT_CALLS
FIRST_DISCOVERIES = 4
DISCOVERY_NS = 100 * 1000000
# What was left alone is looked at anew at the beginning of the first traced calls, later as seldom as beginnings are, and after
# a traced call that took so many times as long as others.
SLOWER = 3


class WatchedCode:
    __slots__ = ("code", "short", "count", "is_off", "sites", "is_dirty", "usual_ns")

    def __init__(self, code):
        self.code = code
        self.short = self.count = 0
        self.is_off = self.is_dirty = False
        # How many short calls of C functions came from an instruction, as they count.
        self.sites = {}
        # How long calls of a traced function take.
        self.usual_ns = None


class CallMonitor:
    """One in the process, for all commands that trace. They come and go on the agent's thread."""

    def __init__(self):
        self.recorders = []
        self.tool = None
        self.codes = {}
        self.altered = []
        self.looks = self.looked_at = 0
        # What is left alone below a traced function, by its code.
        self.unwatched = {}
        # The trace that runs on a thread, or in a greenlet.
        self.current = {}
        self.key_of = get_ident
        self.short_ns = self.tiny_ns = -1
        self.discoverer = None
        self.discoveries = 0
        self.discovered_at = 0
        self.local_events = self.global_events = 0

    def add(self, recorder):
        if self.tool is None:
            self.take_tool()
        self.recorders.append(recorder)
        self.choose_short()
        self.look_anew()
        self.looks = 0

    def discard(self, recorder):
        if recorder in self.recorders:
            self.recorders.remove(recorder)
            self.choose_short()
        for trace in list(self.current.values()):
            if trace.recorder is recorder:
                self.rest(trace)
        if not self.recorders and self.tool is not None:
            self.give_tool_back()

    def choose_short(self):
        shortest = min([each.interval if each.adapts else 0 for each in self.recorders] or [0])
        self.short_ns = shortest // SHORT_PART if shortest > 0 else -1
        self.tiny_ns = shortest // TINY_PART if shortest > 0 else -1

    def take_tool(self):
        monitoring = sys.monitoring
        for tool in TRACE_TOOLS:
            if monitoring.get_tool(tool) is None:
                break
        else:
            raise Failure("refused", "the numbers of sys.monitoring that are nobody's are all taken")
        monitoring.use_tool_id(tool, TRACER)
        self.tool = tool
        kinds = monitoring.events
        self.local_events = kinds.PY_START | kinds.PY_RETURN | kinds.PY_YIELD | kinds.PY_RESUME | kinds.CALL
        self.global_events = kinds.PY_UNWIND | kinds.PY_THROW
        for event, callback in trace_callbacks(self).items():
            monitoring.register_callback(tool, event, callback)
        monitoring.set_events(tool, self.global_events)
        greenlet = sys.modules.get("greenlet")
        self.key_of = get_ident if greenlet is None else greenlet.getcurrent

    def give_tool_back(self):
        monitoring, tool = sys.monitoring, self.tool
        self.tool = None
        monitoring.set_events(tool, 0)
        for event in trace_callbacks(self):
            monitoring.register_callback(tool, event, None)
        for each in self.codes.values():
            monitoring.set_local_events(tool, each.code, 0)
        monitoring.free_tool_id(tool)
        self.codes, self.altered, self.current, self.unwatched = {}, [], {}, {}
        self.discoverer, self.discoveries = None, 0

    def begin(self, recorder, probe):
        """None below a traced call of the same command: that one has it."""
        key = self.key_of()
        running = self.current.get(key)
        if is_traced_by(recorder, running):
            return None
        if has_been_left(running):
            running = None
        trace = Trace(recorder, probe, key)
        trace.root_frame = id(program_frame())
        trace.root.info = self.codes.get(id(probe.code)) or self.watch(probe.code)
        trace.is_look = self.looks < FIRST_DISCOVERIES or now() - self.looked_at > DISCOVERY_NS
        if trace.is_look and self.altered:
            self.look_anew()
        trace.unwatched.update(self.unwatched.get(id(probe.code), ()))
        try:
            self.run(trace, running)
        except BaseException:
            self.rest(trace)
            raise
        return trace

    def run(self, trace, running):
        trace.previous, trace.is_running = running, True
        if self.discoverer is None and (
            self.discoveries < FIRST_DISCOVERIES or now() - self.discovered_at > DISCOVERY_NS
        ):
            self.discoveries += 1
            self.discoverer = trace
            sys.monitoring.set_events(self.tool, self.global_events | sys.monitoring.events.PY_START)
        self.current[trace.key] = trace

    def rest(self, trace):
        """Nothing of the trace runs any more, for a while or for good."""
        trace.is_running = False
        if self.discoverer is trace:
            self.discoverer = None
            self.discovered_at = now()
            if self.tool is not None:
                sys.monitoring.set_events(self.tool, self.global_events)
        if self.current.get(trace.key) is trace:
            if trace.previous is None:
                del self.current[trace.key]
            else:
                self.current[trace.key] = trace.previous

    def suspend(self, trace):
        if not trace.is_running:
            return
        self.rest(trace)
        trace.stop_root()

    def resume(self, trace):
        if trace.is_running:
            return
        trace.key = self.key_of()
        trace.go_on_root()
        self.run(trace, self.current.get(trace.key))

    def end(self, trace, at, error=None):
        self.rest(trace)
        kept = trace.finish(at, error)
        self.learn(trace, kept.total)
        outer = self.current.get(trace.key)
        if outer is not None:
            outer.adopt(trace, kept, at)
        return kept

    def learn(self, trace, total):
        if trace.unwatched:
            self.unwatched[id(trace.root.what)] = trace.unwatched
        watched = trace.root.info
        if watched is None:
            return
        usual = watched.usual_ns
        if usual is None or total < usual:
            watched.usual_ns = total
        elif not trace.is_look and total > SLOWER * usual and total - usual > trace.interval:
            self.looked_at = 0

    def watch(self, code):
        name = code.co_filename
        if self.tool is None or len(self.codes) >= MOST_WATCHED or name == OWN_FILE or name.startswith(NOT_WATCHED):
            return None
        watched = self.codes[id(code)] = WatchedCode(code)
        sys.monitoring.set_local_events(self.tool, code, self.local_events)
        return watched

    def switch_off(self, watched):
        if any(call.what is watched.code for trace in list(self.current.values()) for call in trace.stack):
            watched.short = -SLOW_CALLS
            return
        watched.is_off = True
        self.altered.append(watched)
        sys.monitoring.set_local_events(self.tool, watched.code, 0)
        name = function_label(watched.code)
        self.tell(name, watched.count)

    def tell(self, name, count):
        for trace in list(self.current.values()):
            if len(trace.unwatched) < MOST_UNWATCHED:
                trace.unwatched[name] = trace.unwatched.get(name, 0) + count

    def leave_site(self, watched, name, count):
        """Some instruction of it is about to be left alone."""
        if not watched.is_dirty:
            watched.is_dirty = True
            self.altered.append(watched)
        if name is not None:
            self.tell(name, count)

    def look_anew(self):
        """What was left alone is watched again. Only our own events are touched, those of other tools stay."""
        self.looks += 1
        self.looked_at = now()
        self.unwatched = {}
        altered, self.altered = self.altered, []
        for watched in altered:
            if not watched.is_off:
                sys.monitoring.set_local_events(self.tool, watched.code, 0)
            watched.short = watched.count = 0
            watched.is_off = watched.is_dirty = False
            watched.sites.clear()
            sys.monitoring.set_local_events(self.tool, watched.code, self.local_events)


def program_frame():
    """The innermost frame that is not ours."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename == OWN_FILE:
        frame = frame.f_back
    return frame


def trace_callbacks(monitor):
    """What is called for each event. All that is needed for a short call is at hand here, without a look into the module."""
    clock, kinds, disable, frame_at = now, sys.monitoring.events, sys.monitoring.DISABLE, sys._getframe
    codes, current, key_of = monitor.codes, monitor.current, monitor.key_of

    def fail(trace, error):
        if is_from_outside(error):
            return False
        trace.is_broken = True
        monitor.current.pop(trace.key, None)
        return True

    def on_begin(code, _):
        trace = current.get(key_of())
        if trace is None:
            return
        try:
            watched = codes.get(id(code))
            if watched is None:
                if len(trace.stack) >= trace.deepest:
                    return
                watched = monitor.watch(code)
                if watched is None:
                    return
            elif watched.is_off or (code is trace.root.what and id(frame_at(1)) == trace.root_frame):
                return
            trace.stack.append(OpenCall(code, clock(), watched))
        except BaseException as error:
            if not fail(trace, error):
                raise

    def on_return(code, _, value):
        at = clock()
        trace = current.get(key_of())
        if trace is None:
            return
        try:
            stack = trace.stack
            call = stack[-1]
            if call.what is not code:
                if not trace.close_to(code, at):
                    if trace.root.what is code:
                        trace.is_left = True
                    return
                call = stack[-1]
            if len(stack) == 1:
                trace.is_left = True
                return
            stack.pop()
            duration = at - call.start
            if duration < trace.interval and call.children is None and call.pause is None:
                parent = stack[-1]
                parent.hidden += 1 + call.hidden
                parent.hidden_ns += duration
                watched = call.info
                watched.count += 1
                if duration > monitor.short_ns:
                    watched.short = -SLOW_CALLS
                    return
                watched.short += 1 if duration > monitor.tiny_ns else TINY_WEIGHT
                if watched.short >= SHORT_CALLS:
                    monitor.switch_off(watched)
                return
            if duration >= trace.interval and not code.co_flags & CO_GENERATOR:
                call.info.short = -SLOW_CALLS
            trace.close(call, at, None, frame_at(1).f_back)
        except BaseException as error:
            if not fail(trace, error):
                raise

    def on_unwind(code, _, raised):
        trace = current.get(key_of())
        if trace is None:
            return
        at = clock()
        try:
            if trace.stack[-1].what is not code and not trace.close_to(code, at):
                if trace.root.what is code:
                    trace.is_left = True
                return
            if len(trace.stack) == 1:
                trace.is_left = True
                return
            name = None if type(raised) is GeneratorExit else full_name(type(raised))
            trace.close(trace.stack.pop(), at, name, frame_at(1).f_back)
        except BaseException as error:
            if not fail(trace, error):
                raise

    def on_yield(code, _, value):
        at = clock()
        trace = current.get(key_of())
        if trace is None:
            return
        try:
            frame_id = id(frame_at(1))
            if frame_id == trace.root_frame or (trace.stack[-1].what is not code and not trace.close_to(code, at)):
                return
            if len(trace.stack) == 1:
                return
            call = trace.stack.pop()
            trace.suspend(call, frame_id, at)
            watched = call.info
            watched.count += 1
            if at - max(call.start, call.pause.until) > monitor.short_ns:
                watched.short = -SLOW_CALLS
            elif not code.co_flags & AWAITED:
                watched.short += 1
                if watched.short >= SHORT_CALLS:
                    monitor.switch_off(watched)
        except BaseException as error:
            if not fail(trace, error):
                raise

    def on_resume(code, *_):
        trace = current.get(key_of())
        if trace is None:
            return
        try:
            at = clock()
            watched = codes.get(id(code))
            frame_id = id(frame_at(1))
            if watched is None or watched.is_off or frame_id == trace.root_frame:
                return
            if trace.resume(frame_id, at) is None:
                trace.stack.append(OpenCall(code, at, watched))
        except BaseException as error:
            if not fail(trace, error):
                raise

    def on_call(code, offset, callee, _):
        trace = current.get(key_of())
        if trace is None:
            return
        try:
            if type(callee) is Function:
                watched = codes.get(id(callee.__code__))
                if watched is None:
                    if len(trace.stack) < trace.deepest:
                        monitor.watch(callee.__code__)
                elif watched.is_off and code is not watched.code:
                    caller = codes.get(id(code))
                    if caller is not None:
                        monitor.leave_site(caller, None, 0)
                        return disable
                return
            top = trace.stack[-1]
            if top.what is not code or top.info is None:
                return
            if top.info.sites.get(offset, 0) >= SHORT_CALLS:
                monitor.leave_site(top.info, (native_name(callee), None, None), SHORT_CALLS // TINY_WEIGHT)
                return disable
            trace.stack.append(OpenCall(callee, clock(), offset))
        except BaseException as error:
            if not fail(trace, error):
                raise

    def on_native_return(code, offset, callee, _):
        at = clock()
        trace = current.get(key_of())
        if trace is None:
            return
        try:
            stack = trace.stack
            call = stack[-1]
            if call.what is not callee:
                if type(callee) is Function or not trace.close_to(callee, at):
                    return
                call = stack[-1]
            stack.pop()
            duration = at - call.start
            if duration < trace.interval and call.children is None:
                parent = stack[-1]
                parent.hidden += 1 + call.hidden
                parent.hidden_ns += duration
                if duration <= monitor.short_ns:
                    sites = parent.info.sites
                    sites[offset] = sites.get(offset, 0) + (1 if duration > monitor.tiny_ns else TINY_WEIGHT)
                return
            trace.close(call, at, None, frame_at(1))
        except BaseException as error:
            if not fail(trace, error):
                raise

    def on_native_raise(code, offset, callee, _):
        at = clock()
        trace = current.get(key_of())
        if trace is None:
            return
        try:
            if trace.stack[-1].what is callee or (type(callee) is not Function and trace.close_to(callee, at)):
                trace.close(trace.stack.pop(), at, "", frame_at(1))
        except BaseException as error:
            if not fail(trace, error):
                raise

    return {
        kinds.PY_START: on_begin,
        kinds.PY_RETURN: on_return,
        kinds.PY_UNWIND: on_unwind,
        kinds.PY_YIELD: on_yield,
        kinds.PY_RESUME: on_resume,
        kinds.PY_THROW: on_resume,
        kinds.CALL: on_call,
        kinds.C_RETURN: on_native_return,
        kinds.C_RAISE: on_native_raise,
    }


tracing = CallMonitor()
