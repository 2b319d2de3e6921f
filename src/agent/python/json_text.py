"""JSON, so that the program's own `json`, or none, stays as it is."""

ESCAPES = {code: "\\u%04x" % code for code in list(range(32)) + [34, 92]}
DEEPEST_REQUEST = 32
WORDS = (("true", True), ("false", False), ("null", None))


class Json(str):
    """A part of a document that is text already."""

    __slots__ = ()


def encode_json(value):
    return json_of(value).encode("utf-8")


def json_of(value):
    parts = []
    write_json(value, parts)
    return "".join(parts)


def write_json(value, parts):
    kind = type(value)
    if kind is Json:
        parts.append(value)
    elif kind is str:
        parts.append(quote_json(value))
    elif kind is dict:
        write_object(value, parts)
    elif kind is list or kind is tuple:
        parts.append("[")
        for index, item in enumerate(value):
            if index > 0:
                parts.append(",")
            write_json(item, parts)
        parts.append("]")
    elif value is None:
        parts.append("null")
    elif kind is bool:
        parts.append("true" if value else "false")
    else:
        parts.append(repr(value))


def write_object(value, parts):
    parts.append("{")
    before = ""
    for key, item in value.items():
        parts.append('%s"%s":' % (before, key) if key.isidentifier() else "%s%s:" % (before, quote_json(key)))
        before = ","
        write_json(item, parts)
    parts.append("}")


def quote_json(text):
    # What is printable has no control characters and no lone surrogates.
    if text.isprintable() and '"' not in text and "\\" not in text:
        return '"%s"' % text
    text = text.translate(ESCAPES)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = "".join("\\u%04x" % ord(each) if "\ud800" <= each <= "\udfff" else each for each in text)
    return '"%s"' % text


def decode_json(data):
    text = data.decode("utf-8")
    value, at = read_json(text, past_blanks(text, 0), DEEPEST_REQUEST)
    if past_blanks(text, at) != len(text):
        raise ValueError("more than one value")
    return value


def past_blanks(text, at):
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def read_json(text, at, depth):
    if depth == 0:
        raise ValueError("too deep")
    first = text[at : at + 1]
    if first == '"':
        return read_string(text, at + 1)
    if first == "{":
        return read_object(text, past_blanks(text, at + 1), depth - 1)
    if first == "[":
        return read_list(text, past_blanks(text, at + 1), depth - 1)
    for word, value in WORDS:
        if text.startswith(word, at):
            return value, at + len(word)
    end = at
    while end < len(text) and text[end] in "+-0123456789.eE":
        end += 1
    number = text[at:end]
    return (int(number) if number.lstrip("-").isdigit() else float(number)), end


def read_string(text, at):
    parts = []
    while True:
        end = at
        while text[end] not in '"\\':
            end += 1
        parts.append(text[at:end])
        if text[end] == '"':
            break
        escape = text[end + 1]
        if escape == "u":
            parts.append(chr(int(text[end + 2 : end + 6], 16)))
            at = end + 6
        else:
            parts.append({"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}.get(escape, escape))
            at = end + 2
    return "".join(parts), end + 1


def read_object(text, at, depth):
    result = {}
    while text[at] != "}":
        if text[at] != '"':
            raise ValueError("a name is no string")
        key, at = read_string(text, at + 1)
        at = past_blanks(text, at)
        if text[at] != ":":
            raise ValueError("no colon")
        result[key], at = read_json(text, past_blanks(text, at + 1), depth)
        at = past_comma(text, at, "}")
    return result, at + 1


def read_list(text, at, depth):
    result = []
    while text[at] != "]":
        value, at = read_json(text, at, depth)
        result.append(value)
        at = past_comma(text, at, "]")
    return result, at + 1


def past_comma(text, at, end):
    at = past_blanks(text, at)
    if text[at] == ",":
        return past_blanks(text, at + 1)
    if text[at] != end:
        raise ValueError("no comma")
    return at
