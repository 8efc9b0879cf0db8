"""What a blob may be called."""

import re

NAME_BYTES_MAX = 400
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


def checked(name: str) -> str:
    """Raises ValueError: names are made by us, so a wrong one is our own mistake."""
    if len(name) > NAME_BYTES_MAX or not _NAME.fullmatch(name):
        raise ValueError(f"cannot use {name[:80]!r} as the name of a blob")
    return name
