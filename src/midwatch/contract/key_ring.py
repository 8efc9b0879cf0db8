"""Keys as settings name them, the newest first: `k2:SECRET,k1:OLDER`."""

import re

_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,15}):(\S+)")


def read_keys(text: str, expected: str) -> list[tuple[str, str]]:
    """Ids and secrets.

    Raises:
        ValueError: says what was expected, and never what it got.
    """
    found = [_KEY.fullmatch(part) for part in re.split(r"[,\s]+", text.strip())]
    keys = [(one[1], one[2]) for one in found if one]
    if len(keys) < len(found):
        raise ValueError(f"expected {expected}")
    if len({name for name, _ in keys}) < len(keys):
        raise ValueError("expected another id for each key")
    return keys
