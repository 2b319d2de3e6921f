"""What is installed on functions of the program: who has put it there, how often it was called, what it has cost."""


# What installs hooks on functions; a bundle that is sent when one is wanted brings it.
hooking = None


class Tally:
    """Counts what threads do at the same time: of `count += 1` some get lost before 3.10, and where there is no GIL."""

    __slots__ = ("add", "reads")

    def __init__(self):
        self.add = itertools.count(1).__next__
        self.reads = 0

    def total(self):
        """By who reads it alone: to read is to count."""
        self.reads += 1
        return self.add() - self.reads


class Hook:
    """One hook on one function. `remove` takes it out; it answers whether the function is as it was before."""

    def __init__(self, kind, target, owner, remove):
        self.kind = kind
        self.target = target
        self.owner = owner
        self.remove = remove
        self.hits = Tally()
        self.cost_ns = 0

    def facts(self):
        return {
            "id": id(self),
            "kind": self.kind,
            "target": self.target,
            "hits": self.hits.total(),
            "costNs": self.cost_ns,
        }


class Waiting:
    """What the agent's thread looks after until it is over: at the exit of the program its main thread does, while the other one
    still may."""

    pending = ()
    reason = None
    is_over = False

    def __init__(self):
        self.lock = allocate_lock()

    def serve(self):
        with self.lock:
            if not self.is_over:
                self.serve_alone()


def discard(items, item):
    """Takes it out of a list, unless another thread was faster."""
    try:
        items.remove(item)
    except ValueError:
        pass


class Hooks:
    def __init__(self):
        self.active = []

    def add(self, hook):
        self.active.append(hook)

    def facts(self):
        return [hook.facts() for hook in list(self.active)]

    def remove_where(self, is_wanted):
        """Answers the targets of what was removed, and of what somebody else has changed since and is left alone."""
        removed, kept = [], []
        for hook in list(self.active):
            if not is_wanted(hook):
                continue
            try:
                restored = hook.remove()
            except Exception:
                restored = False
            (removed if restored else kept).append(hook.target)
            discard(self.active, hook)
        return {"removed": removed, "kept": kept}


def matches_glob(pattern, text):
    """`*` stands for any characters, `?` for one."""
    at, star, resumed = 0, None, 0
    index = 0
    while index < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resumed = at, index
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[index]):
            at += 1
            index += 1
        elif star is not None:
            resumed += 1
            at, index = star + 1, resumed
        else:
            return False
    return pattern[at:].strip("*") == ""
