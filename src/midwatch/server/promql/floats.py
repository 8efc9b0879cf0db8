"""Floats as Prometheus writes and adds them."""

import math
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Objects = NDArray[np.object_]

STALE_BITS = 0x7FF0000000000002
"""The one NaN that says that a series has ended."""
STALE = float(np.array(STALE_BITS, dtype=np.uint64).view(np.float64))


def is_stale(values: Floats) -> Bools:
    """By bit pattern, since any other NaN is a value."""
    stale: Bools = np.ascontiguousarray(values).view(np.uint64) == STALE_BITS
    return stale


def plain(value: float) -> str:
    """Without exponent, in the fewest digits that give the value back."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def short(value: float, *, digits: int | None = None) -> str:
    """As Go's %g: the fewest digits, with an exponent outside 1e-4 to 1e6; or with so many significant digits."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if digits is not None:
        return f"{value:.{digits}g}"
    mantissa, _, exponent = f"{Decimal(repr(value)).normalize():e}".lower().partition("e")
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    power = int(exponent)
    return f"{mantissa}e{power:+03d}" if power < -4 or power >= 6 else plain(value)


def open_metrics(value: float) -> str:
    """As label values have numbers: whole ones with `.0`."""
    text = short(value)
    return text if any(character in text for character in ".eIN") else f"{text}.0"


def add(total: Any, carry: Any, item: Any) -> tuple[Any, Any]:
    """One step of Neumaier's sum over arrays; where the sum is infinite nothing is carried."""
    new = total + item
    lost = np.where(np.abs(total) >= np.abs(item), (total - new) + item, (item - new) + total)
    return new, np.where(np.isinf(new), 0.0, carry + lost)


def settle(total: Any, carry: Any) -> Any:
    """A sum with what was lost on the way."""
    return np.where(np.isinf(total), total, total + carry)
