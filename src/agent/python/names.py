"""Names of the program: found in what is loaded, never imported, and listed without running code of it."""

MOST_NAMES = 2000


def find_module(name):
    module = sys.modules.get(name)
    if module is None:
        raise Failure("not-found", "module %s is not loaded" % name)
    return module


def is_loading(module):
    spec = attributes_of(module).get("__spec__")
    return getattr(spec, "_initializing", False) is True


def find_attribute(module, name, path):
    """Follows a dotted path; what a property or a module's `__getattr__` raises is told as it is."""
    value = module
    walked = name
    for part in path.split(".") if path else ():
        try:
            value = getattr(value, part)
        except AttributeError:
            raise Failure("not-found", "%s has no attribute %s" % (walked, part))
        except BaseException as error:
            raise raised(error)
        walked = "%s.%s" % (walked, part)
    return value


def names_of(value):
    """What stands behind a dot, as far as dicts and slots tell."""
    names = set()
    for each in type_mro(value if is_a(value, type) else type(value)):
        names.update(type_dict(each))
    if not is_a(value, type):
        names.update(attributes_of(value))
    return [name for name in names if type(name) is str]


def static_attribute(value, name):
    """The value behind a name, where no code has to run for it."""
    if is_a(value, type):
        return class_attribute(value, name)
    found = attributes_of(value)
    return found[name] if name in found else class_attribute(type(value), name)


def complete(scopes, text):
    """Completes the last part of a dotted name; the first is looked for in dicts, one after the other."""
    first, *rest = text.split(".")
    if not rest:
        names = {name for scope in scopes for name in list(scope) if type(name) is str}
        return some_names(names, first)
    for scope in scopes:
        if first in scope:
            value = scope[first]
            for part in rest[:-1]:
                value = static_attribute(value, part)
            return some_names(names_of(value), rest[-1])
    return []


def some_names(names, prefix):
    """Those that begin so. Private ones only when nothing else does, or an underscore asks for them, as at Python's own prompt."""
    found = [name for name in names if name.startswith(prefix)]
    private = {"": "_", "_": "__"}.get(prefix)
    public = [name for name in found if private is None or not name.startswith(private)]
    return sorted(public or found)[:MOST_NAMES]
