"""Objects by type, counted and measured as `sys.getsizeof` does it: those that the collector tracks, and what these hold.

Only to list what the collector tracks keeps the GIL; all else is Python, between whose lines threads of the program get their
turns. The objects of a list stay alive until they are counted.
"""

HAVE_GC, MANAGED = 1 << 14, 3 << 3
GC_HEAD = sys.getsizeof([]) - list.__sizeof__([])
# What an instance has before itself for its dict and its weak references, where it has these there.
MANAGED_HEAD = 16
# What only code objects themselves know of their parts: they are no containers to the collector.
CODE_PARTS = [each for each in type_dict(Code).values() if type(each) is Member]


class Census:
    def __init__(self):
        self.seen = SeenPlaces()
        # By the id of the type, whose metaclass may hash by code of the program: how many, their bytes, what measures one where
        # `sys.getsizeof` would run such code, and the type.
        self.kinds = {}
        self.tracked = 0
        self.has_frozen = has_frozen()
        for own in (self.seen.regions, self.kinds, self.__dict__):
            self.seen.is_new(own)

    def count_all(self):
        for take in object_lists():
            for each in take():
                if self.seen.is_new(each):
                    self.tracked += 1
                    self.add(each)
                    self.add_unlisted(gc.get_referents(each))
        for frame in running_frames():
            self.add_unlisted(gc.get_referents(frame))
        if self.has_frozen:
            self.add_unlisted([sys.modules])

    def add_unlisted(self, values):
        """What is not in the collector's lists is found only by who holds it."""
        while values:
            value = values.pop()
            is_tracked = gc.is_tracked(value)
            if (self.has_frozen or not is_tracked) and self.seen.is_new(value):
                self.tracked += is_tracked
                self.add(value)
                values.extend(gc.get_referents(value))
                if type(value) is Code:
                    parts = [each.__get__(value) for each in CODE_PARTS]
                    values.extend([each for each in parts if type(each) in (str, bytes, tuple)])

    def add(self, value):
        kind = type(value)
        entry = self.kinds.get(id(kind))
        if entry is None:
            entry = self.kinds[id(kind)] = [0, 0, own_measure(kind), kind]
        entry[0] += 1
        measure = entry[2]
        entry[1] += sys.getsizeof(value) if measure is None else measure(value)

    def facts(self):
        types = {}
        for count, size, _, kind in self.kinds.values():
            row = types.setdefault(full_name(kind), {"count": 0, "sizeBytes": 0})
            row["count"] += count
            row["sizeBytes"] += size
        return {"types": [dict(row, name=name) for name, row in types.items()], "tracked": self.tracked}


def own_measure(kind):
    """Of a class whose `__sizeof__` is Python, or that has none: what it would be without. `None` for all others."""
    measure = class_attribute(kind, "__sizeof__")
    if type(measure) in MEASURES_IN_C:
        return None
    flags = type_flags(kind)
    head = (GC_HEAD if flags & HAVE_GC else 0) + (MANAGED_HEAD if flags & MANAGED else 0)
    inherited = [type_dict(each).get("__sizeof__") for each in type_mro(kind)]
    # A class that was never made ready has none yet; what `object` has is what it will have.
    plain = next((each for each in inherited if type(each) in MEASURES_IN_C), MEASURE_OF_OBJECT)
    return lambda value: plain(value) + head


MEASURE_OF_OBJECT = object.__dict__["__sizeof__"]
MEASURES_IN_C = (type(MEASURE_OF_OBJECT),)


@on("census", in_worker=True)
def census(_):
    counted = Census()
    counted.count_all()
    return counted.facts()
