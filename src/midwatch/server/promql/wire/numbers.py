"""Numbers and times as texts, many at once."""

import math

import numpy as np
import orjson

from midwatch.server.promql.floats import Floats, plain

_SMALL, _LARGE = 1e-6, 1e21
"""Outside of these Prometheus writes an exponent, as JavaScript does."""
_SAME_FROM, _SAME_UNTIL = 1e-5, 1e16
"""Within these orjson writes as Prometheus does, but for the `.0` of whole numbers."""


def number(value: float) -> str:
    """A sample's value: the fewest digits that give it back."""
    if not math.isfinite(value) or value == 0 or _SMALL <= abs(value) < _LARGE:
        return plain(value)
    mantissa, _, exponent = repr(value).partition("e")
    return f"{mantissa}e{exponent[0]}{exponent[1:].lstrip('0')}"


def numbers(values: Floats) -> list[bytes]:
    """The same of an array: orjson's printer is some ten times faster than Python's."""
    if not len(values):
        return []
    # Unsafe to hand over as a view: orjson takes contiguous arrays only.
    text = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)
    found = text[1:-1].replace(b".0,", b",").removesuffix(b".0").split(b",")
    size = np.abs(values)
    other = ~((size >= _SAME_FROM) & (size < _SAME_UNTIL)) & (size != 0)
    for place in np.flatnonzero(other).tolist():
        found[place] = number(float(values[place])).encode()
    return found


def seconds(time_ms: int) -> str:
    """A time in seconds, with milliseconds where there are any."""
    sign, whole = ("-", -time_ms) if time_ms < 0 else ("", time_ms)
    return f"{sign}{whole // 1000}" + (f".{whole % 1000:03d}" if whole % 1000 else "")
