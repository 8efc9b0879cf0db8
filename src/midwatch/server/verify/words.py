"""Figures and lists as findings say them."""

from collections.abc import Iterable

LISTED_MAX = 5


def listed(names: Iterable[str]) -> str:
    """A few of them, and how many there are more."""
    some = [one or "(none)" for one in names]
    more = f" and {len(some) - LISTED_MAX} more" if len(some) > LISTED_MAX else ""
    return ", ".join(some[:LISTED_MAX]) + more or "nobody"


def counted(count: float, one: str, many: str) -> str:
    return f"{count:,.0f} {one if count == 1 else many}"


def share(part: float, whole: float) -> str:
    """`12 %`; what is not nothing is never 0 %, and what is not all never 100 %."""
    if not whole:
        return "0 %"
    percent = part / whole * 100
    if 0 < percent < 0.01:
        return "under 0.01 %"
    if 99.99 < percent < 100:
        return "over 99.99 %"
    return f"{percent:.3g} %"
