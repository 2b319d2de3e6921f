"""Where memory is allocated, by what the interpreter notes of each allocation (`tracemalloc`) for a while.

`_tracemalloc` is within the interpreter; `tracemalloc` would import half a dozen modules into the program.
"""

MOST_FRAMES_TRACED = 16
MOST_SITES = 1000
# Ends of the agent itself, of which its goodbye tells whoever waits for an answer.
SAID_BY_GOODBYE = ("exit", "detached")


class AllocationTrace(Hook, Waiting):
    """Is on for a time, or until somebody ends it, and then has a worker sum up what is there. As a hook it goes whenever
    hooks go: with its client, with the agent, in a child that is forked off.
    """

    def __init__(self, request):
        Hook.__init__(self, "alloc", "tracemalloc", request.connection, self.switch_off)
        Waiting.__init__(self)
        self.request = request
        load_module("_tracemalloc")
        self.tracer = sys.modules["_tracemalloc"]
        self.by = request.text("by", "line")
        if self.by not in SITE_OF:
            raise Failure("bad-request", "%s is no way to sum allocations up" % self.by)
        self.seconds = request.decimal("seconds")
        self.before = {}
        self.was_tracing = bool(self.tracer.is_tracing())
        self.is_ours = False

    def open(self):
        """Where the program traces already, what is there is summed up first, which is why a worker does it."""
        agent = self.request.agent
        agent.hooks.add(self)
        try:
            self.begin()
        except BaseException:
            self.end()
            raise
        # Before it is told, so that it can be called off.
        agent.streams.append(self)
        self.request.event({"tracing": self.tracer.get_traceback_limit()})

    def begin(self):
        if self.was_tracing:
            self.before = self.sites()
        else:
            self.is_ours = True
            self.tracer.start(MOST_FRAMES_TRACED if self.by == "traceback" else 1)
        self.began = monotonic()
        if self.reason is not None:
            # Its client has gone meanwhile, and found nothing to be switched off.
            raise Failure("cancelled", "its trace was ended")

    def milliseconds_left(self):
        return max((self.began + self.seconds - monotonic()) * 1000, 0)

    def conclude(self, reason):
        if self.reason is None:
            self.reason = reason
            self.request.agent.wake()

    def serve_alone(self):
        if monotonic() - self.began >= self.seconds:
            self.conclude("time")
        if self.reason is None:
            return
        self.is_over = True
        discard(self.request.agent.streams, self)
        if self.reason in SAID_BY_GOODBYE:
            self.end()
            return
        try:
            if self.reason not in ("time", "stopped"):
                raise Failure("cancelled", "its trace was ended")
            on_worker(self.request, self.summed_up)
        except Failure as failure:
            self.end()
            self.request.connection.finish(self.request.id, failure_answer(failure))

    def switch_off(self):
        """Frees all that was noted, unless the program wants it."""
        self.conclude("removed")
        # Once: the program may want it later.
        is_ours, self.is_ours = self.is_ours, False
        if is_ours:
            self.tracer.stop()
        return True

    def end(self):
        self.switch_off()
        discard(self.request.agent.hooks.active, self)

    def summed_up(self):
        seconds = monotonic() - self.began
        try:
            if not self.tracer.is_tracing():
                raise Failure("not-found", "the program has switched tracemalloc off meanwhile")
            own_bytes = self.tracer.get_tracemalloc_memory()
            limit = self.tracer.get_traceback_limit()
            after = self.sites()
        finally:
            self.end()
        changes = self.changes(after)
        return {
            "reason": self.reason,
            "seconds": seconds,
            "wasTracing": self.was_tracing,
            "frameLimit": limit,
            "ownBytes": own_bytes,
            "sizeBytes": sum([size for size, _ in after.values()]),
            "sizeChange": sum([change["sizeChange"] for change in changes]),
            "countChange": sum([change["countChange"] for change in changes]),
            "siteCount": len(changes),
            "sites": changes[:MOST_SITES],
        }

    def changes(self, after):
        changes = []
        for site in set(after) | set(self.before):
            size, count = after.get(site, (0, 0))
            size_before, count_before = self.before.get(site, (0, 0))
            if (size, count) != (size_before, count_before):
                change = {"frames": [list(frame) for frame in site], "sizeBytes": size, "count": count}
                change.update(sizeChange=size - size_before, countChange=count - count_before)
                changes.append(change)
        changes.sort(key=lambda change: (-abs(change["sizeChange"]), change["frames"]))
        return changes

    def sites(self):
        """Bytes and blocks of each site, without those that we have allocated ourselves."""
        site_of = SITE_OF[self.by]
        sites = {}
        for trace in self.tracer._get_traces():
            size, frames = trace[1], trace[2]
            if frames[0][0] != OWN_FILE:
                site = site_of(frames)
                found = sites.get(site)
                sites[site] = (size, 1) if found is None else (found[0] + size, found[1] + 1)
        return sites


# The frame that has allocated comes first.
SITE_OF = {
    "line": lambda frames: frames[:1],
    "file": lambda frames: ((frames[0][0], 0),),
    "traceback": lambda frames: frames,
}


@on("allocations", in_worker=True)
def allocations(request):
    AllocationTrace(request).open()
    return LATER
