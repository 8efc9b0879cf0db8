"""Functions of one number, over whole blocks; and the calendar."""

from collections.abc import Callable

import numpy as np

from midwatch.server.promql.floats import Floats

Elementwise = Callable[[Floats], Floats]
Moments = np.ndarray


def _sign(values: Floats) -> Floats:
    return np.where(values < 0, -1.0, np.where(values > 0, 1.0, values))


ELEMENTWISE: dict[str, Elementwise] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "ln": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "rad": lambda values: values * np.pi / 180,
    "deg": lambda values: values * 180 / np.pi,
    "sgn": _sign,
}


def clamp(values: Floats, low: Floats, high: Floats) -> Floats:
    return np.maximum(low, np.minimum(high, values))


def round_to(values: Floats, nearest: Floats) -> Floats:
    """Ties go up."""
    inverse = 1.0 / nearest
    return np.floor(values * inverse + 0.5) / inverse


_SECONDS_MAX = 9.2233720368547e18
"""What 64 bits hold; Prometheus reads anything beyond as the one moment below, and so do we."""
_BEYOND = {"minute": 30, "hour": 15, "day_of_week": 0, "day_of_month": 4, "day_of_year": 339, "days_in_month": 31}
_BEYOND |= {"month": 12, "year": 292_277_026_596}


def _moments(seconds: Floats) -> Moments:
    whole: Moments = np.trunc(np.where(np.abs(seconds) < _SECONDS_MAX, seconds, 0.0)).astype("datetime64[s]")
    return whole


def _since(moments: Moments, unit: str, within: str) -> Floats:
    start = moments.astype(f"datetime64[{within}]")
    return _number(moments.astype(f"datetime64[{unit}]") - start.astype(f"datetime64[{unit}]"))


def _number(spans: Moments) -> Floats:
    numbers: Floats = spans.astype(np.int64).astype(np.float64)
    return numbers


def _days_in_month(moments: Moments) -> Floats:
    month = moments.astype("datetime64[M]")
    return _number((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]"))


_CALENDAR: dict[str, Callable[[Moments], Floats]] = {
    "minute": lambda moments: _since(moments, "m", "h"),
    "hour": lambda moments: _since(moments, "h", "D"),
    "day_of_week": lambda moments: (_number(moments.astype("datetime64[D]")) + 4) % 7,
    "day_of_month": lambda moments: _since(moments, "D", "M") + 1,
    "day_of_year": lambda moments: _since(moments, "D", "Y") + 1,
    "days_in_month": _days_in_month,
    "month": lambda moments: _since(moments, "M", "Y") + 1,
    "year": lambda moments: _number(moments.astype("datetime64[Y]")) + 1970,
}


def _of_seconds(name: str) -> Elementwise:
    part, beyond = _CALENDAR[name], float(_BEYOND[name])
    return lambda seconds: np.where(np.abs(seconds) < _SECONDS_MAX, part(_moments(seconds)), beyond)


CALENDAR: dict[str, Elementwise] = {name: _of_seconds(name) for name in _CALENDAR}
