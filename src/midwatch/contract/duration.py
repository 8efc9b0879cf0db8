"""Durations and sizes as people write them: `7d`, `1h30m`, `64MiB`."""

import re

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
DURATION_EXPECTED = "a duration such as 30s, 12h, 7d or 1h30m"
DURATION_SECONDS_MAX = 300 * SECONDS["y"]
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w|y))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w|y)")

BYTES = {"": 1, "B": 1}
for _power, _letter in enumerate("KMGT", start=1):
    BYTES |= {f"{_letter}B": 1000**_power, f"{_letter}iB": 1024**_power, _letter: 1024**_power}
SIZE_EXPECTED = "a size such as 512MiB or 2GiB"
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?(?:i?B)?)")


def parse_duration(text: str) -> float:
    """Seconds; `0` needs no unit.

    Raises ValueError that says what was expected.
    """
    stripped = text.strip()
    if stripped == "0":
        return 0.0
    if not _DURATION.fullmatch(stripped):
        raise ValueError(f"expected {DURATION_EXPECTED}")
    seconds = sum(float(number) * SECONDS[unit] for number, unit in _DURATION_PART.findall(stripped))
    if seconds > DURATION_SECONDS_MAX:
        raise ValueError("expected at most 300y")
    return seconds


def format_duration(seconds: float) -> str:
    """The shortest exact text: `7d`, `36h`, `90s`."""
    if seconds == 0:
        return "0"
    for unit in ("d", "h", "m", "s"):
        if seconds % SECONDS[unit] == 0:
            return f"{seconds / SECONDS[unit]:.0f}{unit}"
    return f"{seconds * 1000:g}ms"


def parse_bytes(text: str) -> int:
    """Bytes; a bare number is bytes.

    Raises ValueError that says what was expected.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found or found[2] not in BYTES:
        raise ValueError(f"expected {SIZE_EXPECTED}")
    return int(float(found[1]) * BYTES[found[2]])


def format_bytes(count: int) -> str:
    """The shortest exact text in binary units: `1GiB`, `1536MiB`, `1000B`."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if count and count % BYTES[unit] == 0:
            return f"{count // BYTES[unit]}{unit}"
    return f"{count}B"
