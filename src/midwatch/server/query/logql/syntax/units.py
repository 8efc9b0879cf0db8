"""Numbers with units as LogQL writes them: Go's durations and sizes in bytes."""

import re

DURATION_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
    "y": 31536000.0,
}
BYTES = {
    "b": 1.0,
    **{f"{prefix}b": 1000.0**power for power, prefix in enumerate("kmgtpe", start=1)},
    **{f"{prefix}ib": 1024.0**power for power, prefix in enumerate("kmgtpe", start=1)},
}
"""By unit in lower case: `kB` is a thousand, `KiB` 1024."""
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|[smhdwy])")
_SIZE = re.compile(r"(\d+(?:\.\d*)?)\s*([A-Za-z]+)")


def seconds_of(text: str) -> float | None:
    """`1h30m`, `1.5s` in seconds; None for what is no duration."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * DURATION_SECONDS[unit] for number, unit in parts)


def bytes_of(text: str) -> float | None:
    """`10KB`, `1.5MiB` in bytes; None for what is no size."""
    found = _SIZE.fullmatch(text)
    factor = BYTES.get(found[2].lower()) if found else None
    return float(found[1]) * factor if found and factor is not None else None
