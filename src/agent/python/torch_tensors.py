"""The tensors that live, by shape and type of element, and where they hang. No code of the program runs for it."""

MOST_GROUPS = 1000
MOST_PLACES_OF_GROUP = 20
MOST_CONTAINED = 10000
DEEPEST_MODULE = 50
# Before, a frame keeps what it was asked for, and a function that runs for hours would keep tensors that it has let go of.
ARE_LOCALS_ASKABLE = sys.version_info >= (3, 13)


class TensorParts:
    """What tensors say of themselves by torch's own C code: a subclass may have code of the program in the place of each."""

    def __init__(self, torch):
        self.names = next(type_dict(each) for each in type_mro(torch.Tensor) if "device" in type_dict(each))
        # 1.13 has no other; later this one is gone.
        self.storage_name = "untyped_storage" if "untyped_storage" in self.names else "_storage"

    def of(self, tensor, name):
        return self.names[name].__get__(tensor)

    def storage_of(self, tensor):
        """Where its elements lie and how much is kept for them; a view has those of another. `None` for one that has no such memory."""
        try:
            storage = self.of(tensor, self.storage_name)()
            at, size = storage.data_ptr(), int(storage.nbytes())
        except Exception:
            return None
        # An empty tensor has none, and needs none.
        return (at, size) if at != 0 or size == 0 else None

    def shape_of(self, tensor):
        """A length may depend on a symbol; a nested tensor has no lengths of its own."""
        try:
            return tuple([length if type(length) is int else None for length in self.of(tensor, "shape")])
        except Exception:
            return (None,)

    def size_of_elements(self, tensor):
        """How many there are may depend on a symbol, and be nowhere."""
        try:
            size = self.of(tensor, "numel")() * self.of(tensor, "element_size")()
        except Exception:
            return 0
        return size if type(size) is int else 0


class TensorGroup:
    def __init__(self, shape, dtype):
        self.shape, self.dtype = shape, dtype
        self.count = self.size = 0
        self.storages = {}
        self.places = []

    def facts(self):
        # Names from modules come before those that begin with a class, `<SGD>`.
        shown = sorted(self.places, key=lambda place: (place[:1] == "<", place))[:MOST_PLACES_OF_GROUP]
        facts = {"shape": list(self.shape), "dtype": self.dtype, "count": self.count, "sizeBytes": self.size}
        facts.update(storageBytes=sum(self.storages.values()), places=shown, placed=len(self.places))
        return facts


class TensorCount:
    """Tensors in memory of the CPU by shape and type of element; those on other devices only by device."""

    def __init__(self, parts):
        self.parts = parts
        self.count = self.without = 0
        self.groups, self.storages, self.others = {}, {}, {}

    def add(self, tensor, name):
        device, size = self.parts.of(tensor, "device"), self.parts.size_of_elements(tensor)
        if device.type != "cpu":
            other = self.others.setdefault(str(device), {"count": 0, "sizeBytes": 0})
            other["count"] += 1
            other["sizeBytes"] += size
            return
        self.count += 1
        group = self.group_of(tensor)
        group.count += 1
        storage = self.parts.storage_of(tensor)
        if storage is None:
            self.without += 1
        elif storage[0] != 0:
            group.size += size
            group.storages[storage[0]] = self.storages[storage[0]] = storage[1]
        if name is not None:
            group.places.append(name)

    def group_of(self, tensor):
        shape, dtype = self.parts.shape_of(tensor), str(self.parts.of(tensor, "dtype")).rpartition(".")[2]
        group = self.groups.get((shape, dtype))
        if group is None:
            group = self.groups[shape, dtype] = TensorGroup(shape, dtype)
        return group

    def facts(self):
        rows = [each.facts() for each in self.groups.values()]
        rows.sort(key=lambda row: (-row["storageBytes"], -row["count"]))
        return {
            "count": self.count,
            "storageCount": len(self.storages),
            "storageBytes": sum(self.storages.values()),
            "withoutStorage": self.without,
            "groupCount": len(rows),
            "groups": rows[:MOST_GROUPS],
            "others": [dict(each, device=device) for device, each in sorted(self.others.items())],
        }


class TensorNames:
    """Names tensors by where they hang: the first name counts, and modules of the program come before those of torch."""

    def __init__(self, torch, parts):
        self.torch, self.parts = torch, parts
        self.names = {}
        self.seen = set()
        # Most values are of no interest: what is done with each type is looked up once.
        # By the id of the type, whose metaclass may hash by code of the program; with the type, so that no other gets the id.
        self.namers = {id(kind): (self.name_items, kind) for kind in (dict, list, tuple)}

    def name(self, value, name, depth=0):
        kind = type(value)
        if id(kind) not in self.namers:
            self.namers[id(kind)] = (self.namer_of(kind), kind)
        namer, _ = self.namers[id(kind)]
        if namer is not None:
            namer(value, name, depth)

    def namer_of(self, kind):
        if derives(kind, self.torch.Tensor):
            return self.name_tensor
        return self.name_module if derives(kind, self.torch.nn.Module) else None

    def name_tensor(self, tensor, name, _):
        self.names.setdefault(id(tensor), name)

    def name_module(self, module, name, depth):
        if depth > DEEPEST_MODULE or id(module) in self.seen:
            return
        self.seen.add(id(module))
        names = instance_dict(module) or {}
        for kind in ("_parameters", "_buffers", "_modules"):
            children = names.get(kind)
            for key, child in list(children.items()) if is_a(children, dict) else ():
                self.name(child, "%s.%s" % (name, key), depth + 1)
        for key, child in list(names.items()):
            if is_a(child, self.torch.Tensor):
                self.name(child, "%s.%s" % (name, key), depth + 1)

    def name_items(self, container, name, depth):
        if depth > 0 or len(container) > MOST_CONTAINED:
            return
        pairs = list(container.items()) if type(container) is dict else enumerate(list(container))
        for key, value in pairs:
            shown = quoted_key(key)
            if shown is not None:
                self.name(value, "%s[%s]" % (name, shown), 1)

    def name_globals(self):
        modules = [(key, value) for key, value in list(sys.modules.items()) if type(key) is str and is_a(value, Module)]
        modules.sort(key=lambda pair: (pair[0] != "__main__", pair[0].partition(".")[0] == "torch", pair[0].count(".")))
        for name, module in modules:
            for key, value in list(Module.__dict__["__dict__"].__get__(module).items()):
                self.name(value, "%s.%s" % (name, key))

    def name_locals(self):
        if not ARE_LOCALS_ASKABLE:
            return
        for ident, frame in sys._current_frames().items():
            while frame is not None and ident != get_ident():
                code = frame.f_code
                if code.co_filename != OWN_FILE and code.co_name != "<module>":
                    for key, value in list(frame.f_locals.items()):
                        self.name(value, "%s() %s" % (getattr(code, "co_qualname", code.co_name), key))
                frame = frame.f_back

    def name_rootless(self, modules):
        """Modules that hang elsewhere are known by their class, the outermost ones first."""
        inner = set()
        for module in modules:
            children = (instance_dict(module) or {}).get("_modules")
            inner.update(map(id, children.values() if is_a(children, dict) else ()))
        for module in sorted(modules, key=lambda each: id(each) in inner):
            self.name(module, "<%s>" % short_name(type(module)))

    def name_states(self, optimizers):
        for each in optimizers:
            states = (instance_dict(each) or {}).get("state")
            for parameter, state in list(states.items()) if is_a(states, dict) else ():
                of = self.names.get(id(parameter), "?")
                for key, value in list(state.items()) if is_a(state, dict) else ():
                    self.name(value, "<%s>.state[%s].%s" % (short_name(type(each)), of, key), 1)

    def name_gradients(self, tensors):
        of = self.parts.of
        for each in tensors:
            gradient = of(each, "grad") if of(each, "is_leaf") and of(each, "requires_grad") else None
            if gradient is not None:
                self.name(gradient, "%s.grad" % self.names.get(id(each), "?"))


def quoted_key(key):
    if type(key) is str:
        return quote_json(key[:100])
    return str(key) if type(key) is int else None


def objects_of(kinds):
    """Those that the collector tracks of a few classes: a list for each."""
    found = [[] for _ in kinds]
    places = {}
    for take in object_lists():
        for each in take():
            kind = type(each)
            if id(kind) not in places:
                places[id(kind)] = (next((index for index, wanted in enumerate(kinds) if derives(kind, wanted)), -1), kind)
            at, _ = places[id(kind)]
            if at >= 0:
                found[at].append(each)
    return found


@on("torch-tensors", in_worker=True)
def torch_tensors(request):
    torch = loaded_torch()
    tensors, modules, optimizers = objects_of((torch.Tensor, torch.nn.Module, torch.optim.Optimizer))
    parts = TensorParts(torch)
    with torch._C.DisableTorchFunction():
        names = TensorNames(torch, parts)
        names.name_globals()
        names.name_rootless(modules)
        names.name_states(optimizers)
        names.name_gradients(tensors)
        # What a call of torch works on has a better name, if it has one.
        names.name_locals()
        counted = TensorCount(parts)
        for each in tensors:
            counted.add(each, names.names.get(id(each)))
        return dict(counted.facts(), torch=str(torch.__version__))
