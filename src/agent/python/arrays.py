"""Arrays of numpy and tensors of torch: what they are, and their first values. Nothing is computed, copied to another device
or waited for, and no code of the program runs: all is asked of the classes made in C, and not of those derived from them.
"""

MOST_NUMBERS = 6
DTYPES = {"b": "bool", "i": "int%d", "u": "uint%d", "f": "float%d", "c": "complex%d", "O": "object"}
DTYPES.update(S="bytes", U="str", M="datetime64", m="timedelta64")
# How a value of a tensor is laid out, in the letters of `struct`; two make a complex number.
TORCH_DTYPES = {"float64": "d", "float32": "f", "bfloat16": "f", "float16": "e", "bool": "?", "complex64": "ff", "complex128": "dd"}
TORCH_DTYPES.update(int64="q", int32="i", int16="h", int8="b", uint64="Q", uint32="I", uint16="H", uint8="B")


def array_view(renderer, value, depth):
    """None for what is no array, and for tensors that are not to be touched now."""
    kind = array_class(value)
    view = kind and ARRAY_VIEWS[full_name(kind)]
    return view and view(renderer, type_dict(kind), value, depth)


def array_class(value):
    """The class made in C that it is an array by; `object`, the last, is none."""
    for kind in type_mro(type(value))[:-1]:
        if not type_flags(kind) & HEAP_TYPE and full_name(kind) in ARRAY_VIEWS:
            return kind
    return None


def array_bytes(value):
    """What its values take; None for what is no array. Those of a tensor are in another's memory, or on a device, at times."""
    kind = array_class(value)
    try:
        return kind and type_dict(kind)["nbytes"].__get__(value)
    except (KeyError, RuntimeError):
        return 0


def ndarray_view(renderer, names, value, depth):
    shape, dtype = names["shape"].__get__(value), names["dtype"].__get__(value)
    word = DTYPES.get(dtype.kind, "void")
    dtype_name = (">" if dtype.byteorder == ">" else "") + (word % (dtype.itemsize * 8) if "%" in word else word)
    total = product_of(shape)
    # An array of objects may hold itself.
    if id(value) in renderer.path:
        return renderer.placeholder("cycle", value)
    renderer.path.add(id(value))
    try:
        shown = 0 if dtype.hasobject and depth <= 0 else min(total, MOST_NUMBERS)
        items = renderer.parts((names["item"](value, index) for index in range(shown)), depth - 1)
    finally:
        renderer.path.discard(id(value))
    return json_of_array(value, items, dtype=dtype_name, shape=shape, omitted=total - len(items))


def tensor_view(renderer, names, value, depth):
    """A class that answers for operations itself is left alone, and so is all while torch writes down what is done."""
    torch = sys.modules["torch._C"]
    dispatch = class_attribute(type(value), "__torch_dispatch__")
    if not (dispatch is None or type(dispatch) is Builtin) or torch._get_tracing_state() is not None:
        return None
    # Else a `__torch_function__`, of the class or of a `with` around the call, would be asked.
    with torch.DisableTorchFunction():
        if "is_nested" in names and names["is_nested"].__get__(value):
            return None
        shape, device = tuple(names["shape"].__get__(value)), names["device"].__get__(value)
        dtype = repr(names["dtype"].__get__(value)).rpartition(".")[2]
        total = product_of(shape)
        items = []
        if device.type == "cpu" and dtype in TORCH_DTYPES and is_plain(names, value):
            items = renderer.parts(first_numbers(names, value, shape, dtype), depth)
        where = device.type if device.index is None else "%s:%d" % (device.type, device.index)
    return json_of_array(value, items, dtype=dtype, device=where, shape=shape, omitted=total - len(items))


def is_plain(names, value):
    """Whether its memory has its values as they are: neither sparse nor the conjugate or negative of what is there."""
    return repr(names["layout"].__get__(value)) == "torch.strided" and not any(
        names[each](value) for each in ("is_conj", "is_neg", "_is_zerotensor") if each in names
    )


def first_numbers(names, value, shape, dtype):
    """Read as a file, which fails where memory is gone; to index a tensor would be an operation, which others may see."""
    letters, size = "<" + TORCH_DTYPES[dtype], names["element_size"](value)
    start, strides = names["data_ptr"](value), names["stride"](value)
    unpack, numbers, memory = sys.modules["_struct"].unpack, [], None
    try:
        memory = posix.open("/proc/thread-self/mem", posix.O_RDONLY | posix.O_CLOEXEC)
        for index in range(min(product_of(shape), MOST_NUMBERS)):
            place = sum(at * stride for at, stride in zip(place_of(index, shape), strides))
            data = posix.pread(memory, size, start + place * size)
            # A bfloat16 is the upper half of a float32.
            found = unpack(letters, b"\0\0" + data if dtype == "bfloat16" else data)
            numbers.append(found[0] if len(found) == 1 else complex(*found))
    except OSError:
        # Not every process may read its own memory as a file.
        pass
    finally:
        if memory is not None:
            posix.close(memory)
    return numbers


def product_of(shape):
    total = 1
    for length in shape:
        total *= length
    return total


def place_of(index, shape):
    """The indices of the element that stands at a place in C order."""
    place = []
    for length in reversed(shape):
        place.insert(0, index % length)
        index //= length
    return place


def json_of_array(value, items, **facts):
    head = {"kind": "array", "typeName": full_name(type(value)), "address": id(value)}
    return json_of(dict(head, items=list(map(Json, items)), **facts))


ARRAY_VIEWS = {"numpy.ndarray": ndarray_view, "torch._C.TensorBase": tensor_view, "torch._C._TensorBase": tensor_view}
