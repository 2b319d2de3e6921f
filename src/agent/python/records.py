"""Calls that are kept, to be looked at and made once more: by reference, within a budget of bytes, until somebody lets go of
them or the agent leaves.

The agent's thread alone puts them in and takes them out. The program's calls hand them over, and wait for nothing.
"""

FIRST_INDEX = 1000
RECORD_BYTES = 1024
DEFAULT_KEEP_BYTES = 64 << 20
MOST_MEASURED = 1000
SIMPLE_KINDS = {int, float, complex, bool, str, Json, bytes, bytearray, range, slice, memoryview, type(None), type(Ellipsis)}


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
        """From any thread. A record has its index at once, and is found by it when the agent's thread has taken it. Answers
        whether that should be soon.
        """
        record.index = next(self.numbers)
        before = self.rough
        self.rough = before + sum(map(flat_size, record.values()))
        self.incoming.append(record)
        return before <= self.budget // 2 < self.rough

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


UNMEASURED = (Function, Method, Builtin, Code, Module)


def flat_size(value):
    """Without what is in it: what the program's call can wait for."""
    kind = type(value)
    return sys.getsizeof(value) if type(kind) is type and (kind in SIMPLE_KINDS or kind in SIZED) else 0


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
        is_plain = type(kind) is type
        if id(each) in seen or is_plain and kind in UNMEASURED or derives(kind, type):
            continue
        seen.add(id(each))
        if is_plain and kind in SIMPLE_KINDS:
            items += sys.getsizeof(each)
            continue
        size, parts, length = composed_size(each, kind)
        containers += size
        waiting.extend(parts)
        unseen += max(length - len(parts), 0)
    return int(containers + items + (unseen + len(waiting)) * items / max(count, 1))


def composed_size(value, kind):
    """The bytes of it alone, some of what it holds, and how much it holds."""
    array = array_bytes(value)
    if array is not None:
        return object.__sizeof__(value) + array, [], 0
    base = base_in(SIZED, kind)
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

    def take_error(self, error, limits):
        self.error_facts = error_facts(error, limits)
        self.error = without_traceback(error)

    def summary(self):
        found = self.found
        facts = dict(self.moment.facts(), index=self.index, module=found.name, path=found.path, nested=found.nested)
        facts.update(label=found.label, kind=self.kind, replayOf=self.replay_of, isCopied=self.before is not None)
        facts["errorType"] = self.error_facts and self.error_facts["type"]
        return facts

    def passes(self, expression):
        values = parameter_values(self.shape, self.all_args, self.all_kwargs)
        names = dict(zip(self.shape.names, values))
        names.update(target=self.target, args=self.args, kwargs=dict(self.kwargs), func=self.function)
        names.update(return_obj=self.value, exc=self.error, cost=self.moment.cost_ns / 1e6)
        return expression.function(*[names[each] for each in expression.names])

    def details(self, request):
        """As trees, or in words of their own; those of the entry where there are some, and otherwise as they are now."""
        in_words, limits = request.flag("repr"), limits_of(request.wishes.get("budget"))
        answer = self.summary()
        is_past = self.before is not None and not in_words
        if is_past:
            answer.update(self.before)
        else:
            args, kwargs = self.deep or (self.args, self.kwargs)
            if self.found.first is not None:
                answer["target"] = facts_or_failure(self.target, in_words, limits)
            answer["args"] = facts_or_failure(args, in_words, limits)
            answer["kwargs"] = facts_or_failure(kwargs, in_words, limits)
        answer["asOf"] = "entry" if is_past or self.deep else "now"
        if self.error_facts is not None:
            answer["error"] = self.error_facts
        else:
            answer["value"] = self.after if is_past and self.after else facts_or_failure(self.value, in_words, limits)
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


def facts_or_failure(value, in_words, limits):
    facts, failure = outcome_of(value_facts, value, in_words, limits)
    return facts if failure is None else {"failure": failure}
