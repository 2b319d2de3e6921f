"""By which ways a function is called, and how often by each."""

MOST_PATHS = 1000


class Callers(Stream):
    def __init__(self, request, found):
        Stream.__init__(self, request, found)
        self.depth = request.number("depth", 20)
        self.paths = {}
        self.others = 0

    def show(self, call):
        frames = caller_frames(self.depth)
        key = tuple([(id(each.f_code), each.f_lineno) for each in frames])
        path = self.paths.get(key)
        if path is None:
            if len(self.paths) >= MOST_PATHS:
                self.others += 1
                return
            # The codes stay, so that no other gets their place.
            path = self.paths[key] = [0, 0, 0, [(each.f_code, each.f_lineno) for each in frames]]
        path[0] += 1
        path[1] += call.ended - call.started
        path[2] += call.error is not None

    def account(self, reason):
        answer = Stream.account(self, reason)
        paths = sorted(self.paths.values(), key=lambda path: -path[0])
        answer["others"] = self.others
        answer["paths"] = [
            {"calls": calls, "costNs": cost, "failed": failed, "frames": [place_of_code(*each) for each in places]}
            for calls, cost, failed, places in paths
        ]
        return answer


def place_of_code(code, line):
    return [code.co_filename, line or 0, getattr(code, "co_qualname", code.co_name)]


@on("callers")
def callers(request):
    return open_stream(request, Callers)
