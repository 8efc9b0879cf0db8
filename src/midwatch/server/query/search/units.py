"""Numbers as people write them in a search: `500`, `1.5s`, `200ms`, `10MB`."""

import re

_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*([A-Za-zµ]*)")
_DURATION_NS = {"ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "min": 60e9, "h": 3600e9, "d": 86400e9}
_SIZES = {"b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 2**10, "mib": 2**20, "gib": 2**30, "k": 1e3}
_DURATION_MS = {unit: factor / 1e6 for unit, factor in _DURATION_NS.items()}


def number_of(text: str, *, duration: bool) -> float | None:
    """The number; durations in nanoseconds (a bare number is milliseconds). None when it is none."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    unit = match[2].lower()
    if duration:
        factor: float | None = _DURATION_NS.get(unit or "ms")
    elif not unit:
        factor = 1.0
    else:
        factor = _SIZES.get(unit) or _DURATION_MS.get(unit)
    return float(match[1]) * factor if factor is not None else None
