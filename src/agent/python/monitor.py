"""How often a function is called, how it fails and how long it takes, over intervals of time."""

MOST_COSTS = 100000


class Monitor(PeriodicStream):
    hears_starts = True

    def __init__(self, request, found):
        PeriodicStream.__init__(self, request, found, request.decimal("every"))
        self.since = self.due - self.every
        self.flying = {}
        self.costs = []
        self.failed = {}
        # Calls that were told of.
        self.counted = 0

    def start(self, call):
        if self.accepts(call):
            self.flying[id(call)] = None

    def finish(self, call):
        self.flying.pop(id(call), None)
        Stream.finish(self, call)

    def may_show(self, _):
        return True

    def show(self, call):
        costs = self.costs
        if len(costs) < MOST_COSTS:
            costs.append(call.ended - call.started)
        else:
            # So many that every second one tells as much.
            del costs[::2]
        if call.error is not None:
            name = full_name(type(call.error))
            self.failed[name] = self.failed.get(name, 0) + 1

    def note_shown(self):
        """What is shown are intervals."""

    def serve_alone(self):
        at = monotonic()
        if at >= self.due or (self.reason is not None and self.reason != "limit" and not self.is_answered):
            self.tell(self.interval(at))
            self.due = at + self.every
            self.shown.add()
            if 0 <= self.limit <= self.shown.total():
                self.conclude("limit")
        Stream.serve_alone(self)

    def interval(self, at):
        costs, self.costs = self.costs, []
        failed, self.failed = self.failed, {}
        matched = self.matched.total()
        counted, self.counted = matched - self.counted, matched
        costs.sort()
        event = {"time": wall_clock(), "seconds": at - self.since, "calls": counted, "inFlight": len(self.flying)}
        event["failures"] = [{"type": name, "count": count} for name, count in sorted(failed.items())]
        event["costs"] = None
        if costs:
            event["costs"] = {"meanNs": sum(costs) // len(costs), "mostNs": costs[-1]}
            for name, share in (("p50Ns", 0.5), ("p95Ns", 0.95), ("p99Ns", 0.99)):
                event["costs"][name] = costs[min(int(len(costs) * share), len(costs) - 1)]
        self.since = at
        return event


@on("monitor")
def monitor(request):
    return open_stream(request, Monitor)
