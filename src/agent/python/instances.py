"""Instances of a class and its subclasses."""


@on("instances", in_worker=True)
def instances(request):
    module_name = request.text("module", "__main__")
    module = find_module(module_name)
    kind = find_attribute(module, module_name, request.text("path", ""))
    if not is_a(kind, type):
        raise Failure("not-found", "%s of %s is no class" % (request.text("path", ""), module_name))
    found, total = instances_of(kind, request.number("limit", 10))
    answer = diverted(request, lambda: shown(evaluated(request, module, {"instances": found}, found), request))
    answer["total"] = total
    return answer


def instances_of(kind, limit):
    """Those that the garbage collector knows, of the class and its subclasses: some of them, and how many there are."""
    found, total = [], 0
    for each in tracked_objects():
        if is_a(each, kind):
            total += 1
            if limit < 0 or len(found) < limit:
                found.append(each)
    return found, total


def tracked_objects():
    if not has_frozen():
        for take in object_lists():
            for each in take():
                yield each
        return
    seen = SeenPlaces()
    for own in (seen.regions, seen.__dict__):
        seen.is_new(own)
    for take in object_lists():
        for each in take():
            if seen.is_new(each):
                yield each
                for other in newly_held(gc.get_referents(each), seen):
                    yield other
    for frame in running_frames():
        for other in newly_held(gc.get_referents(frame), seen):
            yield other
    for other in newly_held([sys.modules], seen):
        yield other


def newly_held(values, seen):
    """What is frozen is found only by who holds it."""
    while values:
        value = values.pop()
        if seen.is_new(value):
            values.extend(gc.get_referents(value))
            if gc.is_tracked(value):
                yield value
