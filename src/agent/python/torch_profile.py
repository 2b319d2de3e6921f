"""Calls under the profiler of torch: its events as a Chrome trace, its own sums of them by operator."""

MOST_OPERATORS = 1000
# Beside a busy program torch sums up some ten thousand in a second.
MOST_SUMMED_EVENTS = 100000


class ProfiledCalls(MeasuredCalls):
    """`torch.profiler.profile` would import `torch._inductor` and all that it needs into the program (2.x); the profiler that
    it is built on imports next to nothing.
    """

    def __init__(self, request, found):
        MeasuredCalls.__init__(self, request, found)
        if kind_of(found.code) in ("generator", "async generator"):
            text = "%s is a generator, which may be driven by several threads, and the profiler follows one; name the function that drives it"
            raise Failure("refused", text % found.label)
        self.profile = self.range = None
        self.has_cuda = False

    def begin(self):
        profiler = self.torch.autograd.profiler
        if self.torch._C._autograd._profiler_enabled() or getattr(profiler, "_is_profiler_enabled", False):
            raise Failure("torch-busy", "the program has a profiler of torch on, and there can be only one")
        before = set(sys.modules)
        self.has_cuda = self.torch.cuda.is_initialized()
        profile = profile_of(profiler, self.has_cuda)
        if self.has_cuda:
            self.torch.cuda.synchronize()
        profile.__enter__()
        try:
            # What `record_function` does for it counts as operators of the call itself in 1.13.
            self.range = self.torch._C._autograd._record_function_with_args_enter(self.found.label)
        except BaseException:
            profile.__exit__(None, None, None)
            raise
        self.profile = profile
        MODULES_ADDED.extend(sorted(set(sys.modules) - before))

    def end(self):
        profile, self.profile = self.profile, None
        try:
            self.torch._C._autograd._record_function_with_args_exit(self.range)
            if self.has_cuda:
                self.torch.cuda.synchronize()
        finally:
            profile.__exit__(None, None, None)
        return profile

    def hand_over(self):
        operators, unsummed = {}, 0
        results, self.results = self.results, []
        before = set(sys.modules)
        for number, profile in enumerate(results):
            send_exported(self.request, number, profile.export_chrome_trace)
            if len(profile.kineto_results.events()) > MOST_SUMMED_EVENTS:
                unsummed += 1
                continue
            for each in profile.key_averages():
                add_operator(operators, each)
        MODULES_ADDED.extend(sorted(set(sys.modules) - before))
        rows = sorted(operators.values(), key=lambda row: (-row["selfCpuUs"] - row["selfDeviceUs"], row["name"]))
        facts = {"operators": rows[:MOST_OPERATORS], "operatorCount": len(rows), "unsummed": unsummed}
        # Of all, as more of them than are told may have a part in it.
        for name in ("selfCpuUs", "selfDeviceUs"):
            facts[name] = sum(row[name] for row in rows)
        return dict(facts, hasCuda=self.has_cuda, files=len(results))


def profile_of(profiler, has_cuda):
    make = profiler.profile
    if not has_cuda:
        return make(use_kineto=True, record_shapes=True)
    names = make.__init__.__code__.co_varnames
    if "use_device" in names:
        profile = make(use_kineto=True, record_shapes=True, use_device="cuda")
        if profile.use_device is not None or "use_cuda" not in names:
            return profile
    return make(use_kineto=True, record_shapes=True, use_cuda=True)


def add_operator(operators, average):
    row = operators.get(average.key)
    if row is None:
        row = operators[average.key] = {"name": str(average.key), "calls": 0}
        row.update(selfCpuUs=0, cpuUs=0, selfDeviceUs=0, deviceUs=0)
    row["calls"] += average.count
    row["selfCpuUs"] += average.self_cpu_time_total
    row["cpuUs"] += average.cpu_time_total
    row["selfDeviceUs"] += device_time(average, "self_%s_time_total")
    row["deviceUs"] += device_time(average, "%s_time_total")


def device_time(average, name):
    """Torch called a device `cuda` before it knew others."""
    found = getattr(average, name % "device", None)
    return getattr(average, name % "cuda", 0) if found is None else found


@on("torch-profile")
def torch_profile(request):
    return open_stream(request, ProfiledCalls)
