"""Stored text and its types → the values that were sent."""

import json
import math
from collections.abc import Callable
from typing import Any

_PARSED: dict[int, Callable[[str], Any]] = {
    2: lambda text: text == "true",
    3: int,
    4: float,
    5: json.loads,
    6: json.loads,
}


def typed(attributes: dict[str, str], types: list[int]) -> dict[str, Any]:
    """Attribute values with the types they were sent with; types stand in map order."""
    return {
        key: typed_value(text, kind)
        for (key, text), kind in zip(attributes.items(), [*types, *([1] * len(attributes))], strict=False)
    }


def typed_value(text: str, kind: int) -> Any:
    """One value; text that does not read as its type (it was cut or removed) stays text."""
    parse = _PARSED.get(kind)
    if parse is None:
        return text
    try:
        value = parse(text)
    except ValueError:
        return text
    return text if isinstance(value, float) and not math.isfinite(value) else value
