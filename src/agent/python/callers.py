"""By which ways a function is called, and how often by each."""

MOST_PATHS = 1000
# All frames of all ways, which go into one answer.
MOST_PLACES = 50000
TELL_SECONDS = 1
# Telling may take a twentieth of the time.
REST_FOR_TELLING = 20


class Callers(PeriodicStream):
    def __init__(self, request, found):
        PeriodicStream.__init__(self, request, found, TELL_SECONDS)
        self.depth = request.number("depth", 20)
        self.most_paths = min(MOST_PATHS, MOST_PLACES // max(self.depth, 1))
        self.paths = {}
        self.others = 0
        self.told = 0

    def show(self, call):
        frames = caller_frames(self.depth)
        key = tuple([(id(each.f_code), each.f_lineno) for each in frames])
        path = self.paths.get(key)
        if path is None:
            if len(self.paths) >= self.most_paths:
                self.others += 1
                return
            # The codes stay, so that no other gets their place.
            path = self.paths[key] = [0, 0, 0, [(each.f_code, each.f_lineno) for each in frames]]
        path[0] += 1
        path[1] += call.ended - call.started
        path[2] += call.error is not None

    def serve_alone(self):
        """Says what is counted so far, for the case that the program is killed."""
        at = monotonic()
        if at >= self.due and self.reason is None:
            shown = self.shown.total()
            if self.told != shown and len(self.request.connection.outgoing) <= ROOM_BYTES:
                self.told = shown
                self.request.event(self.counts())
            self.due = at + max(self.every, (monotonic() - at) * REST_FOR_TELLING)
        PeriodicStream.serve_alone(self)

    def counts(self):
        paths = sorted(self.paths.values(), key=lambda path: -path[0])
        told = [
            {"calls": calls, "costNs": cost, "failed": failed, "frames": [place_of_code(*each) for each in places]}
            for calls, cost, failed, places in paths
        ]
        return {"others": self.others, "paths": told}

    def account(self, reason):
        answer = PeriodicStream.account(self, reason)
        answer.update(self.counts())
        return answer


def place_of_code(code, line):
    return [code.co_filename, line or 0, getattr(code, "co_qualname", code.co_name)]


@on("callers")
def callers(request):
    return open_stream(request, Callers)
