"""The tree below one call of a traced function: calls that are open, and those that took long enough to be kept.

Nothing here may raise into the program. Calls that are shorter than the interval are counted where they end, so that a tree
is as great as what is shown of it.
"""

MOST_NODES = 10000
MOST_SUSPENDED = 1000
MOST_UNWATCHED = 50
NOT_WATCHED = "<frozen importlib"
PYTHON, NATIVE, AWAIT = "python", "c", "await"
SUSPENDABLE = CO_GENERATOR | CO_COROUTINE | CO_ITERABLE | CO_ASYNC_GENERATOR
AWAITED = CO_COROUTINE | CO_ITERABLE | CO_ASYNC_GENERATOR
AWAIT_FUNCTION = ("[await]", None, None)

class OpenCall:
    """A call that has not ended. `what` is its code, or what was called where that is no Python function."""

    __slots__ = ("what", "start", "info", "children", "hidden", "hidden_ns", "pause")

    def __init__(self, what, start, info=None):
        self.what = what
        self.start = start
        self.info = info
        self.children = None
        self.hidden = 0
        self.hidden_ns = 0
        self.pause = None


class Pause:
    """Of a generator or a coroutine: when it stopped and went on, below whom, and the time that was not its own."""

    __slots__ = ("parent", "since", "until", "outside_ns")

    def __init__(self):
        self.parent = None
        self.since = self.until = self.outside_ns = 0


class KeptCall:
    """A call that is shown, or several of the same function from the same line."""

    __slots__ = ("kind", "function", "place", "start", "total", "count", "least", "most", "error", "children", "hidden",
                 "hidden_ns")  # fmt: skip

    def __init__(self, kind, function, place, start, duration, error):
        self.kind = kind
        self.function = function
        self.place = place
        self.start = start
        self.total = self.least = self.most = duration
        self.count = 1
        self.error = error
        self.children = None
        self.hidden = 0
        self.hidden_ns = 0


    def add(self, call, duration):
        """One more of them, with nothing below."""
        self.count += 1
        self.total += duration
        self.hidden += call.hidden
        self.hidden_ns += call.hidden_ns
        if duration < self.least:
            self.least = duration
        elif duration > self.most:
            self.most = duration


    def copied(self):
        whole = KeptCall(*self.facts())
        left = [(self, whole)]
        while left:
            each, copy = left.pop()
            copy.total, copy.count, copy.least, copy.most = each.total, each.count, each.least, each.most
            copy.hidden, copy.hidden_ns = each.hidden, each.hidden_ns
            if each.children is not None:
                copy.children = {key: KeptCall(*child.facts()) for key, child in each.children.items()}
                left.extend((child, copy.children[key]) for key, child in each.children.items())
        return whole

    def facts(self):
        return self.kind, self.function, self.place, self.start, self.total, self.error


class Trace:
    """One call of the traced function, from its beginning to its end."""

    def __init__(self, recorder, probe, key):
        self.recorder = recorder
        self.key = key
        self.interval = recorder.interval
        self.deepest = recorder.deepest
        self.fold = recorder.fold
        self.nodes = 0
        self.omitted = 0
        self.suspended = {}
        self.unwatched = {}
        self.functions = {}
        self.leaf = None
        # The calls that waited when the root did, the innermost first.
        self.waiting = ()
        self.last_yielded = None
        self.is_left = self.is_running = False
        self.is_broken = self.is_stopped = self.is_cut = False
        # Whether all that is below it was looked at, which takes time of its own.
        self.is_look = True
        # Functions whose calls were not all looked at, as they had been short.
        self.cut_after = {}
        self.previous = None
        self.raised = []
        self.instructions = {}
        self.root_frame = self.hook = self.before = None
        self.trampoline = getattr(probe, "trampoline", None)
        self.root = OpenCall(probe.code, now())
        self.root.pause = Pause()
        self.stack = [self.root]

    def close(self, call, end, error, frame, own_frame=None):
        """Keeps a call that has just been taken from the stack, or counts it where it called from. `frame` has called it."""
        pause = call.pause
        duration = end - call.start - (pause.outside_ns if pause is not None else 0)
        if self.suspended:
            self.close_suspended(call)
        parent = self.stack[-1]
        if self.recorder.is_unseen(call.what, frame):
            self.hoist(call, parent)
            return
        if duration < self.interval or len(self.stack) >= self.deepest:
            parent.hidden += 1 + call.hidden
            parent.hidden_ns += duration
            return
        kind = PYTHON if type(call.what) is Code else NATIVE
        place = None if frame is None else calling_line(frame)
        function = self.function_of(call.what, frame)
        if call.children is None and self.fold and parent.children is not None:
            other = parent.children.get((function, place, error))
            if other is not None:
                other.add(call, duration)
                return
        kept = KeptCall(kind, function, place, call.start - self.root.start, duration, error)
        kept.children, kept.hidden, kept.hidden_ns = call.children, call.hidden, call.hidden_ns
        if own_frame is not None and len(self.raised) < MOST_SUSPENDED:
            self.raised.append((id(own_frame), kept))
        self.keep(parent, kept)

    def hoist(self, call, parent):
        """What is no call of the program's own is not shown; what it has called is."""
        parent.hidden += call.hidden
        parent.hidden_ns += call.hidden_ns
        for kept in list(call.children.values()) if call.children is not None else ():
            self.nodes -= 1
            self.keep(parent, kept)

    def adopt(self, inner, kept, at):
        """The call that another command has traced below this one, whose tree only that one has seen."""
        stack, root = self.stack, inner.root
        call = stack.pop() if len(stack) > 1 and stack[-1].what is root.what else OpenCall(root.what, root.start)
        copied = kept.copied()
        call.children, call.hidden, call.hidden_ns = copied.children, copied.hidden, copied.hidden_ns
        self.nodes += inner.nodes
        self.close(call, at, kept.error, None)

    def keep(self, parent, kept):
        if parent.children is None:
            parent.children = {}
        key = (kept.function, kept.place, kept.error) if self.fold else self.nodes + self.omitted
        other = parent.children.get(key)
        if other is not None:
            self.fold_into(other, kept)
        elif self.nodes < MOST_NODES:
            self.nodes += 1
            parent.children[key] = kept
        else:
            self.omitted += 1
            parent.hidden += kept.count + kept.hidden
            parent.hidden_ns += kept.total

    def fold_into(self, other, kept):
        """Adds calls to those of the same function from the same line; the calls below them too."""
        left = [(other, kept)]
        while left:
            other, kept = left.pop()
            other.count += kept.count
            other.total += kept.total
            other.least = min(other.least, kept.least)
            other.most = max(other.most, kept.most)
            other.hidden += kept.hidden
            other.hidden_ns += kept.hidden_ns
            if kept.children is None:
                continue
            if other.children is None:
                other.children = {}
            for key, child in kept.children.items():
                same = other.children.get(key)
                if same is None:
                    other.children[key] = child
                else:
                    self.nodes -= 1
                    left.append((same, child))

    def suspend(self, call, frame_id, at):
        """A generator or coroutine stops, or the step of one that ends so; `call` has just been taken from the stack."""
        pause = call.pause
        if pause is None:
            pause = call.pause = Pause()
        pause.parent = self.stack[-1]
        pause.since = at
        if self.last_yielded is None or self.last_yielded.pause.parent is not call:
            self.leaf = call
        self.last_yielded = call
        if len(self.suspended) < MOST_SUSPENDED:
            self.suspended[frame_id] = call

    def resume(self, frame_id, at):
        """The call that goes on below the one that runs; None when it is another or was not seen before."""
        call = self.suspended.pop(frame_id, None)
        if call is None:
            return None
        pause = call.pause
        parent = self.stack[-1]
        if pause.parent is not parent:
            self.end_suspended(call)
            return None
        if parent.pause is None or parent.pause.until < pause.since:
            # The caller went on meanwhile: it is a generator that gives one thing after the other.
            pause.outside_ns += at - pause.since
        pause.until = at
        self.stack.append(call)
        return call

    def end_suspended(self, call, frame_id=None):
        """One that does not go on below the call that it began in has ended there when it stopped last, or when what it
        waited for threw an exception through it, of which there is no event.
        """
        pause = call.pause
        parent = pause.parent
        end = max(pause.since, self.root.pause.until) if call in self.waiting else pause.since
        duration = end - call.start - pause.outside_ns
        if duration < self.interval:
            parent.hidden += 1 + call.hidden
            parent.hidden_ns += duration
            return
        kept = KeptCall(PYTHON, self.function_of(call.what, None), None, call.start - self.root.start, duration, None)
        kept.children, kept.hidden, kept.hidden_ns = call.children, call.hidden, call.hidden_ns
        if len(self.raised) < MOST_SUSPENDED:
            self.raised.append((frame_id, kept))
        self.keep(parent, kept)

    def close_suspended(self, parent):
        for frame_id, call in list(self.suspended.items()):
            if call.pause.parent is parent:
                del self.suspended[frame_id]
                self.close_suspended(call)
                self.end_suspended(call, frame_id)

    def stop_root(self):
        """The traced coroutine or generator stops: what runs on this thread now is none of its calls."""
        at = now()
        self.cut(at)
        last = self.last_yielded
        if last is None or last.pause.parent is not self.root:
            self.leaf = self.root
        self.root.pause.since = at
        self.last_yielded = None
        self.waiting, call = [], self.leaf
        while call is not self.root and len(self.waiting) < MOST_SUSPENDED:
            self.waiting.append(call)
            call = call.pause.parent

    def go_on_root(self):
        pause = self.root.pause
        pause.until = at = now()
        duration = at - pause.since
        if not self.root.what.co_flags & AWAITED:
            pause.outside_ns += duration
        elif duration >= self.interval and self.leaf is not None:
            start = pause.since - self.root.start
            self.keep(self.leaf, KeptCall(AWAIT, AWAIT_FUNCTION, None, start, duration, None))

    def cut(self, at):
        """Ends what is left on the stack above the root: calls whose end was not seen."""
        while len(self.stack) > 1:
            call = self.stack.pop()
            if type(call.what) is not Code or call.what.co_filename != OWN_FILE:
                self.close(call, at, None, None)

    def close_to(self, what, at):
        """Ends the calls above the innermost one of `what`, whose ends were not seen. Answers whether there is one."""
        stack = self.stack
        for index in range(len(stack) - 1, 0, -1):
            if stack[index].what is what:
                while len(stack) > index + 1:
                    self.close(stack.pop(), at, None, None)
                return True
        return False

    def function_of(self, what, caller):
        """Name, file and first line. `caller` may know the module of what it has called."""
        found = self.functions.get(id(what)) if type(what) is Code else None
        if found is None:
            found = function_label(what)
            if type(what) is Code:
                # The code is kept, so that no other one can have its number.
                self.functions[id(what)] = found
                self.functions[found] = what
        return found

    def finish(self, end, error=None):
        """The root as a call that is kept. What ended it has a type that the calls below, which it went through, have too."""
        self.cut(end)
        self.close_suspended(self.root)
        root = self.root
        duration = end - root.start - root.pause.outside_ns
        name = None if error is None else full_name(type(error))
        kept = KeptCall(PYTHON, self.function_of(root.what, None), None, 0, duration, name)
        kept.children, kept.hidden, kept.hidden_ns = root.children, root.hidden, root.hidden_ns
        if error is not None and self.raised:
            self.name_raised(error, name)
        return kept

    def name_raised(self, error, name):
        frames, entry = set(), error.__traceback__
        while entry is not None and len(frames) < MOST_SUSPENDED:
            frames.add(id(entry.tb_frame))
            entry = entry.tb_next
        for frame, kept in self.raised:
            if frame in frames and kept.count == 1:
                kept.error = name


class Recorder:
    """What one command wants to know of the calls that it traces."""

    def __init__(self, interval, deepest=None, fold=True, adapts=True):
        self.interval = interval if deepest is None else 0
        self.deepest = deepest if deepest is not None else 1 << 60
        self.fold = fold
        # Whether calls that are always short may be left alone.
        self.adapts = adapts
        self.habits = {}

    def is_unseen(self, what, frame):
        """A frame of our own, or a call by which the interpreter comes to another one."""
        if type(what) is Code:
            return what.co_filename == OWN_FILE or hooking.is_own(what)
        return type(what) is Method or (frame is not None and frame.f_code.co_filename == OWN_FILE)


def is_traced_by(recorder, trace):
    """Whether a call below is in the tree of that command already; what is around a root that was left is not looked at."""
    while trace is not None and not trace.is_left:
        if trace.recorder is recorder:
            return True
        trace = trace.previous
    return False


def has_been_left(trace):
    """Whether this root, or one around it, has ended without our having heard of it."""
    while trace is not None:
        if trace.is_left:
            return True
        trace = trace.previous
    return False


def calling_line(frame):
    filename = frame.f_code.co_filename
    return None if filename.startswith(NOT_WATCHED) else (filename, frame.f_lineno)


def function_label(what):
    if type(what) is Code:
        return (getattr(what, "co_qualname", what.co_name), what.co_filename, what.co_firstlineno)
    return (native_name(what), None, None)


def flattened(root, trace):
    """The tree as rows: how deep it is, and a number for each function, which come beside."""
    numbers, functions, rows = {}, [], []
    left = [(0, root)]
    while left:
        depth, kept = left.pop()
        number = numbers.setdefault(kept.function, len(numbers))
        if number == len(functions):
            functions.append(kept.function)
        children = [] if kept.children is None else list(kept.children.values())
        own = kept.total - kept.hidden_ns - sum(child.total for child in children)
        row = {"depth": depth, "function": number, "kind": kept.kind, "start": kept.start, "total": kept.total}
        row.update(own=max(own, 0), hidden=kept.hidden, hiddenNs=kept.hidden_ns)
        if kept.count > 1:
            row.update(count=kept.count, least=kept.least, most=kept.most)
        if kept.error is not None:
            row["error"] = kept.error
        if kept.place is not None:
            row["place"] = kept.place
        rows.append(row)
        left.extend((depth + 1, child) for child in reversed(children))
    return functions, rows
