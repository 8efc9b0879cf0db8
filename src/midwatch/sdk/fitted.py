"""Nested values as JSON text that fits into one attribute.

Text, because stores read attributes down to a level or two (Midwatch's own reads one), and frames are lists of maps of
maps.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from midwatch.contract.redaction.said import safe_text

TEXT_BYTES_MAX = 31 << 10
"""Midwatch's server cuts attributes at 32 KiB, and JSON that is cut is none."""

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS

Removal = tuple[dict[str, Any], str]


def fitted(whole: list[dict[str, Any]], removals: Iterable[Removal]) -> str:
    """As text; what it can do without is taken out of it, in that order, until it fits."""
    size = len(_json(whole))
    for holder, key in removals:
        if size <= TEXT_BYTES_MAX:
            break
        if key in holder:
            size -= len(_json(holder.pop(key))) + len(key) + 4
    text = _json(whole)
    return text.decode() if len(text) <= TEXT_BYTES_MAX else "[]"


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value, safe_text, _OPTIONS)
    except TypeError:
        # Half surrogate pairs: nothing else in here is beyond JSON.
        return orjson.dumps(_sound(value), safe_text, _OPTIONS)


def _sound(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_sound(key): _sound(one) for key, one in value.items()}
    return [_sound(one) for one in value] if isinstance(value, list) else value
