"""Calls below a traced one by `sys.setprofile` (before CPython 3.12): a function for the thread that runs the traced call,
while it runs. Who was asked before is asked on, and is there again afterwards.
"""

# Instructions of CPython 3.6 to 3.11.
RETURN_VALUE, YIELD_VALUE, YIELD_FROM = 83, 86, 72
# The end of a `finally` before 3.8, for a `return` as for an exception: which of them is not known.
END_FINALLY = 88
LSPROF = "_lsprof"
# Where calls of a function had nothing but short calls below them, and many, it is enough to look at the first few.
MANY_CALLS, ENOUGH_CALLS = 16, 4
# All is looked at in the first calls, later only for the twentieth part of the time, and after a call that has taken so many times
# as long as others.
WATCHED_FIRST, REST_TIMES = 2, 20
SLOWER = 3
# A thread that has to wait for a processor makes a short call long for once.
MISSES = 3
NEVER = 1 << 60


class Habit:
    """What calls of a function have had below them so far: short calls only, and many."""

    def __init__(self, code):
        self.code = code
        self.watched = self.misses = 0
        self.usual_ns = None
        self.rests_until = 0

    def allows_cut(self, at):
        return self.watched >= WATCHED_FIRST and at < self.rests_until

    def learn(self, trace, root, at):
        """Answers whether it is one still."""
        least = ENOUGH_CALLS if trace.is_cut else MANY_CALLS
        if root.error is not None or root.children is not None or root.hidden < least:
            self.misses += 1
            return self.misses < MISSES
        self.misses = 0
        usual = self.usual_ns
        if not trace.is_cut:
            self.watched += 1
            self.rests_until = at + REST_TIMES * root.total
        elif usual is not None and root.total > SLOWER * usual and root.total - usual > trace.interval:
            self.rests_until = 0
        else:
            self.usual_ns = root.total if usual is None else min(usual, root.total)
        return True


class CallProfile:
    """The traces of threads, each with the function that its thread calls at each call and return."""

    def __init__(self):
        self.current = {}
        self.recorders = []

    def add(self, recorder):
        self.recorders.append(recorder)

    def discard(self, recorder):
        """Calls that are still under way have their function taken out when it is asked the next time."""
        if recorder in self.recorders:
            self.recorders.remove(recorder)
        for key, trace in list(self.current.items()):
            if trace.recorder is recorder:
                self.current.pop(key, None)
                trace.is_stopped = True
                # What runs on its thread finds nothing there, and takes itself out.
                del trace.stack[:]

    def begin(self, recorder, probe):
        """None below a traced call of the same command: that one has it."""
        key = profile_key()
        running = self.current.get(key)
        if is_traced_by(recorder, running):
            return None
        if has_been_left(running):
            running = None
        trace = Trace(recorder, probe, key)
        try:
            self.run(trace, running)
        except BaseException:
            self.rest(trace)
            raise
        return trace

    def run(self, trace, running):
        trace.previous, trace.is_running = running, True
        self.current[trace.key] = trace
        before = sys.getprofile()
        trace.before = before
        if running is None and is_foreign(before):
            trace.is_broken = True
            return
        trace.hook = trace_profiler(trace, before)
        if is_lsprof(before):
            before.disable()
        sys.setprofile(trace.hook)

    def rest(self, trace):
        # First, since a call that a signal takes away from here must leave no trace that the next ones would be below of.
        trace.is_running = False
        if self.current.get(trace.key) is trace:
            if trace.previous is None:
                del self.current[trace.key]
            else:
                self.current[trace.key] = trace.previous
        if trace.hook is None:
            return
        active = sys.getprofile()
        if active is None:
            # A signal handler has raised an exception within ours, or the program wanted none.
            trace.is_broken = True
        if active is None or active is trace.hook:
            restore_profile(trace.before)
        trace.hook = None

    def suspend(self, trace):
        if not trace.is_running:
            return
        self.rest(trace)
        trace.stop_root()

    def resume(self, trace):
        if trace.is_running:
            return
        trace.key = profile_key()
        trace.go_on_root()
        self.run(trace, self.current.get(trace.key))

    def end(self, trace, at, error=None):
        self.rest(trace)
        root = trace.finish(at, error)
        code, habits = trace.root.what, trace.recorder.habits
        if trace.is_cut:
            trace.cut_after[root.function] = ENOUGH_CALLS
        if not trace.is_broken and trace.interval > 0 and not code.co_flags & SUSPENDABLE:
            habit = habits.get(id(code)) or Habit(code)
            if habit.learn(trace, root, at):
                habits[id(code)] = habit
            else:
                habits.pop(id(code), None)
        return root


def trace_profiler(trace, before, put=sys.setprofile):
    """What a thread calls at each call and return. It is closed over all it needs, and takes itself out when nobody wants it."""
    clock, stack, root, own = now, trace.stack, trace.root, OWN_FILE
    root_code, trampoline, interval = root.what, trace.trampoline, trace.interval
    opened, is_outside, restore = OpenCall, is_from_outside, restore_profile
    habit = trace.recorder.habits.get(id(root_code))
    enough = ENOUGH_CALLS if habit is not None and habit.allows_cut(root.start) else NEVER

    def hook(frame, event, arg):
        try:
            if event == "c_call":
                if stack[-1].what is frame.f_code:
                    stack.append(opened(arg, clock()))
                return
            at = clock()
            call = stack[-1]
            if event == "call":
                code = frame.f_code
                if code.co_filename == own or code is trampoline:
                    return
                if code is root_code and is_root_frame(trace, frame):
                    return
                if code.co_flags & SUSPENDABLE and trace.resume(id(frame), at) is not None:
                    return
                stack.append(opened(code, at))
                return
            if event == "return":
                if call.what is not frame.f_code or call.pause is not None or at - call.start >= interval:
                    end_call(trace, frame, arg, at)
                    return
                if frame.f_code.co_flags & SUSPENDABLE:
                    end_call(trace, frame, arg, at)
                    return
            elif call.what is not arg:
                return
            elif at - call.start >= interval:
                stack.pop()
                trace.close(call, at, "" if event == "c_exception" else None, frame)
                return
            stack.pop()
            parent = stack[-1]
            parent.hidden += 1 + call.hidden
            parent.hidden_ns += at - call.start
            if parent.hidden >= enough and parent is root and parent.children is None:
                trace.is_cut = True
                trace.hook = None
                restore(before)
        except BaseException as error:
            if is_outside(error):
                raise
            trace.is_broken = True
            trace.hook = None
            restore(before)

    asked = before if callable(before) else None
    key, key_of = trace.key, None if "greenlet" not in sys.modules else sys.modules["greenlet"].getcurrent

    def careful_hook(frame, event, arg):
        if asked is not None:
            asked(frame, event, arg)
        if trace.is_stopped:
            put(asked)
        elif trace.is_running and (key_of is None or key_of() is key):
            # It may outlast its call, where another greenlet's came between.
            hook(frame, event, arg)

    return careful_hook if asked is not None or key_of is not None else hook


def end_call(trace, frame, arg, at):
    """Of a call that is long, or may only be suspended, or was not seen to begin."""
    stack, code = trace.stack, frame.f_code
    if code.co_filename == OWN_FILE:
        return
    call = stack[-1]
    if id(frame) == trace.root_frame:
        trace.is_left = not code.co_flags & SUSPENDABLE
        return
    if call.what is not code or len(stack) == 1:
        if not trace.close_to(code, at):
            return
        call = stack[-1]
    stack.pop()
    if code.co_flags & SUSPENDABLE and is_yield(trace, frame):
        trace.suspend(call, id(frame), at)
        return
    last = RETURN_VALUE if arg is not None else instruction(trace, frame, 0)
    error = "" if last not in (RETURN_VALUE, END_FINALLY) else None
    caller = frame.f_back
    while caller is not None and hooking.is_own(caller.f_code):
        caller = caller.f_back
    trace.close(call, at, error, caller, frame if last != RETURN_VALUE else None)


def is_root_frame(trace, frame):
    """The traced call's own frame comes and goes; the same code in another one is a call of itself."""
    if trace.root_frame is None:
        trace.root_frame = id(frame)
    return trace.root_frame == id(frame)


def is_yield(trace, frame):
    return instruction(trace, frame, 0) == YIELD_VALUE or instruction(trace, frame, 2) == YIELD_FROM


def instruction(trace, frame, further):
    code = frame.f_code
    found = trace.instructions.get(id(code))
    if found is None:
        found = trace.instructions[id(code)] = (code, code.co_code)
    at = frame.f_lasti + further
    return found[1][at] if 0 <= at < len(found[1]) else None


def profile_key():
    greenlet = sys.modules.get("greenlet")
    return get_ident() if greenlet is None else greenlet.getcurrent()


def is_lsprof(profiler):
    return any(each.__module__ == LSPROF and each.__name__ == "Profiler" for each in type_mro(type(profiler)))


def is_foreign(profiler):
    """A profiler in C that nothing in Python could put back: yappi shows as none at all."""
    if profiler is None:
        yappi = sys.modules.get("_yappi")
        return yappi is not None and yappi.is_running()
    return not is_lsprof(profiler) and not callable(profiler)


def restore_profile(profiler, put=sys.setprofile):
    """Needs no names of the agent, which may have left."""
    if profiler is not None and not callable(profiler):
        put(None)
        profiler.enable()
    else:
        put(profiler)


tracing = CallProfile()
