"""What can be asked for: a table of operations. Those that run code of the program do it on a worker."""

OPERATIONS = {}
PROTOCOL = 3
# The answer of what goes on: another one comes when it ends.
LATER = object()
SPOKEN_FIRST = ("hello", "leave")
PARTS_ADDED = []


def on(op, in_worker=False):
    def add(handler):
        OPERATIONS[op] = (handler, in_worker)
        return handler

    return add


@on("hello")
def hello(request):
    connection = request.connection
    connection.name = request.text("name", "")[:200]
    agent = request.agent
    if request.number("protocol") != PROTOCOL:
        raise Failure("protocol", "protocol %d is spoken here" % PROTOCOL)
    connection.greeted = True
    facts = {"protocol": PROTOCOL, "version": agent.version, "pid": agent.pid, "threadId": agent.thread_id}
    facts["leaseSeconds"] = agent.lease
    facts["engine"] = "monitoring" if hasattr(sys, "monitoring") else "trampolines"
    facts["parts"] = list(PARTS_ADDED)
    return facts


@on("extend")
def extend(request):
    """Takes in a further part of our own program, which not every client needs."""
    name = request.text("part")
    if name not in PARTS_ADDED:
        exec(compile(request.text("text"), OWN_FILE, "exec", dont_inherit=True), globals())
        PARTS_ADDED.append(name)
    return {}


@on("ping")
def ping(_):
    return {}


@on("status")
def status(request):
    agent = request.agent
    clients = [each.facts() for each in agent.connections if each.greeted]
    for facts, each in zip(clients, [each for each in agent.connections if each.greeted]):
        facts["isOwn"] = each is request.connection
    return {
        "pid": agent.pid,
        "python": sys.version.split("\n")[0],
        "protocol": PROTOCOL,
        "version": agent.version,
        "seconds": monotonic() - agent.started,
        "leaseSeconds": agent.lease_now(),
        "threadId": agent.thread_id,
        "directory": agent.directory,
        "clients": clients,
        "hooks": agent.hooks.facts(),
        "workers": [worker.facts() for worker in agent.workers()],
        "modulesAdded": sorted(MODULES_ADDED),
        "records": None if agent.records is None else agent.records.facts(),
    }


@on("cancel")
def cancel(request):
    wanted = request.number("request")
    for stream in list(request.agent.streams):
        if stream.request.connection is request.connection and stream.request.id == wanted:
            stream.conclude("stopped")
            return {"isCancelled": True}
    worker = request.connection.workers.get(wanted)
    return {"isCancelled": worker is None or worker.cancel()}


@on("names")
def names(request):
    module = request.text("module")
    text = request.text("text", "")
    if module is None:
        return {"names": some_names([name for name in list(sys.modules) if type(name) is str], text)}
    return {"names": complete([attributes_of(find_module(module))], text)}


@on("reset")
def reset(request):
    pattern = request.text("pattern", "*")
    return request.agent.hooks.remove_where(lambda hook: matches_glob(pattern, hook.target))


@on("leave")
def leave(request):
    return request.agent.leave("detached", request.connection)


@on("evaluate", in_worker=True)
def evaluate(request):
    module_name = request.text("module", "__main__")
    module = find_module(module_name)
    target = find_attribute(module, module_name, request.text("path", ""))
    return diverted(request, lambda: shown(evaluated(request, module, {"target": target}, target), request))


def diverted(request, work):
    """What the code prints goes to who asked for it."""
    out, err = writers_of(request)
    diversion.begin(out, err, lambda value: None if value is None else out(repr(value) + "\n"))
    try:
        return work()
    finally:
        diversion.end()


def on_worker(request, work):
    """Goes on there with what the agent's thread has prepared."""
    return on_thread(request, lambda _: diverted(request, work), start_own_thread)


def on_thread(request, handler, start_thread):
    if len(request.agent.workers()) >= MOST_CONNECTIONS:
        raise Failure("bad-request", "too many requests")
    start_worker(request, handler, start_thread)
    return LATER


def evaluated(request, module, variables, default):
    """The value of the expression, in a copy of the module's names, so that it changes none of them by itself."""
    expression = request.text("expression")
    if expression is None:
        return default
    scope = dict(attributes_of(module))
    scope.update(variables)
    scope["__builtins__"] = __builtins__
    try:
        code = compile(expression.strip(), "<expression>", "eval", dont_inherit=True)
        return eval(code, scope)
    except BaseException as error:
        if request.worker.was_cancelled and isinstance(error, KeyboardInterrupt):
            raise Failure("cancelled", "it was cancelled")
        raise raised(error)


def shown(value, request):
    in_words, limits = request.flag("repr"), limits_of(request.wishes.get("budget"))
    try:
        return value_facts(value, in_words, limits)
    except BaseException as error:
        if request.worker.was_cancelled and isinstance(error, KeyboardInterrupt):
            raise
        raise raised(error)


@on("forceGc", in_worker=True)
def force_gc(_):
    began = monotonic()
    collected = [gc.collect(generation) for generation in range(3)]
    return {"collected": collected, "uncollectable": len(gc.garbage), "seconds": monotonic() - began}
