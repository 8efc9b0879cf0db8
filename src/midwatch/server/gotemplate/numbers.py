"""Number constants as Go writes them."""

import re

_INTEGER = re.compile(
    r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])+|0|[1-9](?:_?[0-9])*)"
)
_FLOAT = re.compile(r"[+-]?(?:[0-9](?:_?[0-9])*)?(?:\.(?:[0-9](?:_?[0-9])*)?)?(?:[eE][+-]?[0-9]+)?")
_INT_MIN, _INT_MAX = -(1 << 63), (1 << 63) - 1


def number_of(text: str) -> int | float:
    """Raises ValueError."""
    if _INTEGER.fullmatch(text):
        digits = text.lstrip("+-").replace("_", "").lower()
        if len(digits) > 1 and digits[0] == "0" and digits[1] in "01234567":
            digits = "0o" + digits[1:]
        value = int(digits, 0) * (-1 if text.startswith("-") else 1) if len(digits) < 70 else _INT_MAX + 1
        if not _INT_MIN <= value <= _INT_MAX:
            raise ValueError(f"integer overflow: {text[:40]!r}")
        return value
    if _FLOAT.fullmatch(text) and any(one.isdigit() for one in text):
        value_ = float(text.replace("_", ""))
        if value_ in (float("inf"), float("-inf")):
            raise ValueError(f"number out of range: {text[:40]!r}")
        return value_
    raise ValueError(f"bad number syntax: {text[:40]!r}")
