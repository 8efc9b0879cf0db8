"""The functions that every template has; `and` and `or` are the evaluator's, since they stop early."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

from midwatch.server.gotemplate.errors import CallFailed
from midwatch.server.gotemplate.printing import sprint, sprintf, sprintln
from midwatch.server.gotemplate.values import NO_VALUE, Fielded, text_of, truth, type_name

SHORT_CIRCUIT = frozenset({"and", "or"})
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;", "\0": "\ufffd"}
_JS = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}


def escape_html(text: str) -> str:
    """As Go's `HTMLEscapeString`."""
    return "".join(_HTML.get(one, one) for one in text)


def _joined(values: tuple[Any, ...]) -> str:
    return values[0] if len(values) == 1 and isinstance(values[0], str) else sprint(*values)


def _html(*values: Any) -> str:
    return escape_html(_joined(values))


def _js(*values: Any) -> str:
    return "".join(_JS.get(one) or (f"\\u{ord(one):04X}" if one < " " else one) for one in _joined(values))


def _urlquery(*values: Any) -> str:
    return quote_plus(_joined(values), safe="", errors="replace")


def _not(value: Any) -> bool:
    return not truth(value)


def _len(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, Mapping | Sequence):
        return len(value)
    raise CallFailed(f"len of type {type_name(value)}")


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(key, "") if isinstance(key, str | int | float) else ""
        elif isinstance(value, Sequence):
            if isinstance(key, bool) or not isinstance(key, int):
                raise CallFailed(f"cannot index slice/array with type {type_name(key)}")
            if not 0 <= key < _len(value):
                raise CallFailed(f"index out of range: {key}")
            value = value.encode("utf-8", "surrogatepass")[key] if isinstance(value, str) else value[key]
        elif value is None or value is NO_VALUE:
            raise CallFailed("index of untyped nil")
        else:
            raise CallFailed(f"can't index item of type {type_name(value)}")
    return value


def _slice(value: Any, *bounds: Any) -> Any:
    if not isinstance(value, Sequence):
        raise CallFailed(f"can't slice item of type {type_name(value)}")
    if len(bounds) > (2 if isinstance(value, str) else 3):
        raise CallFailed(f"too many slice indexes: {len(bounds)}")
    length = _len(value)
    for bound in bounds:
        if isinstance(bound, bool) or not isinstance(bound, int):
            raise CallFailed(f"cannot index slice/array with type {type_name(bound)}")
        if not 0 <= bound <= length:
            raise CallFailed(f"index out of range: {bound}")
    begin, end = (*bounds, 0, length)[:2] if not bounds else (bounds[0], bounds[1] if len(bounds) > 1 else length)
    if begin > end:
        raise CallFailed(f"invalid slice index: {begin} > {end}")
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")[begin:end].decode("utf-8", "replace")
    return value[begin:end]


def _basic(value: Any) -> str:
    """The kind by which Go lets values be compared."""
    if value is None or value is NO_VALUE:
        return "nil"
    for kind, name in ((bool, "bool"), (int, "int"), (float, "float"), (str, "string")):
        if isinstance(value, kind):
            return name
    if isinstance(value, Fielded):
        return value.go_type
    raise CallFailed(f"non-comparable type {text_of(value)}: {type_name(value)}")


def _eq(first: Any, *others: Any) -> bool:
    if not others:
        raise CallFailed("missing argument for comparison")
    kind = _basic(first)
    found = False
    for other in others:
        its = _basic(other)
        if "nil" not in (kind, its) and kind != its:
            raise CallFailed(f"incompatible types for comparison: {type_name(first)} and {type_name(other)}")
        found = found or (kind == its and (kind == "nil" or first == other))
    return found


def _ne(first: Any, second: Any) -> bool:
    return not _eq(first, second)


def _lt(first: Any, second: Any) -> bool:
    kind, its = _basic(first), _basic(second)
    if kind != its:
        raise CallFailed(f"incompatible types for comparison: {type_name(first)} and {type_name(second)}")
    if kind not in ("int", "float", "string"):
        raise CallFailed(f"invalid type for comparison: {type_name(first)}")
    return bool(first < second)


def _le(first: Any, second: Any) -> bool:
    return _lt(first, second) or _eq(first, second)


def _gt(first: Any, second: Any) -> bool:
    return not _le(first, second)


def _ge(first: Any, second: Any) -> bool:
    return not _lt(first, second)


def _call(function: Any, *arguments: Any) -> Any:
    if not callable(function):
        raise CallFailed(f"non-function of type {type_name(function)}")
    return function(*arguments)


BUILTINS: Mapping[str, Callable[..., Any]] = {
    "call": _call,
    "eq": _eq,
    "ge": _ge,
    "gt": _gt,
    "html": _html,
    "index": _index,
    "js": _js,
    "le": _le,
    "len": _len,
    "lt": _lt,
    "ne": _ne,
    "not": _not,
    "print": sprint,
    "printf": sprintf,
    "println": sprintln,
    "slice": _slice,
    "urlquery": _urlquery,
}
