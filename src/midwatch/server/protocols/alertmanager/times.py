"""Times as Alertmanager's API writes and reads them."""

import re
from datetime import UTC, datetime

_FRACTION = re.compile(r"[.,](\d{1,9})\d*")
_FIRST_YEAR = 1678
_LAST_YEAR = 2261
"""Years that 64 bits of nanoseconds hold whole."""


def written_time(ns: int) -> str:
    """RFC 3339 with milliseconds, in UTC."""
    moment = datetime.fromtimestamp(ns // 10**9, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ns % 10**9 // 10**6:03d}Z"


def read_time(text: str) -> int:
    """Nanoseconds; 0 for no time, which Go writes as the first second of year 1.

    Raises ValueError.
    """
    if not text:
        return 0
    fraction = _FRACTION.search(text)
    moment = datetime.fromisoformat(_FRACTION.sub("", text, count=1))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment.year == 1:
        return 0
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"expected a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    nanos = int(fraction[1].ljust(9, "0")) if fraction else 0
    whole = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (whole.days * 86400 + whole.seconds) * 10**9 + nanos
