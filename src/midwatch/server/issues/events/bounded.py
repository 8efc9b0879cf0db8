"""Anything that JSON can hold, cut to what is kept: depth, lengths and counts."""

from typing import Any

DEPTH_MAX = 12
TEXT_CHARACTERS_MAX = 8192
ITEMS_MAX = 300
KEY_CHARACTERS_MAX = 200
CUT = "…"
TOO_DEEP = "[too deep]"


def bounded(value: Any, depth: int = DEPTH_MAX) -> Any:
    """A copy within bounds. NUL characters and lone surrogates are replaced, since no store takes them."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        if depth == 0:
            return TOO_DEEP
        items = list(value.items())[:ITEMS_MAX]
        return {text(str(key), KEY_CHARACTERS_MAX): bounded(one, depth - 1) for key, one in items}
    if isinstance(value, list):
        if depth == 0:
            return TOO_DEEP
        return [bounded(one, depth - 1) for one in value[:ITEMS_MAX]]
    return value


def text(value: Any, characters_max: int = TEXT_CHARACTERS_MAX) -> str:
    """A text of anything; None is empty."""
    if value is None:
        return ""
    found = value if isinstance(value, str) else str(value)
    if len(found) > characters_max:
        found = found[: characters_max - 1] + CUT
    if "\0" in found:
        found = found.replace("\0", "\ufffd")
    return found


def mapping(value: Any) -> dict[str, Any]:
    """It, where it is one, else an empty one."""
    return value if isinstance(value, dict) else {}


def pairs(value: Any) -> list[tuple[str, Any]]:
    """Tags and headers as SDKs write them: an object, or a list of pairs."""
    if isinstance(value, dict):
        return [(str(key), one) for key, one in value.items()]
    if not isinstance(value, list):
        return []
    return [(str(one[0]), one[1]) for one in value if isinstance(one, list | tuple) and len(one) == 2]


def listed(value: Any) -> list[Any]:
    """A list, or what `{"values": […]}` has."""
    if isinstance(value, dict):
        value = value.get("values", [value] if value else [])
    return value if isinstance(value, list) else []
