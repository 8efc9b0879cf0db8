"""Operators over arrays of floats, and over single histograms."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from midwatch.server.promql.floats import Bools, Floats
from midwatch.server.promql.histogram import FloatHistogram, Hint
from midwatch.server.promql.histogram.arithmetic import minus, plus
from midwatch.server.promql.histogram.trim import trimmed


def _power(left: Floats, right: Floats) -> Floats:
    return np.power(left, right)


ARITHMETIC: dict[str, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": _power,
    "atan2": np.arctan2,
}
COMPARE: dict[str, Callable[[Floats, Floats], Bools]] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}


def scalar(operator: str, left: Floats, right: Floats) -> Floats:
    """Numbers with numbers; comparisons give 0 and 1."""
    if operator in COMPARE:
        return COMPARE[operator](left, right).astype(np.float64)
    return ARITHMETIC[operator](left, right)


def floats(operator: str, left: Floats, right: Floats) -> tuple[Floats, Bools]:
    """Values and which are kept; a comparison keeps the left side's."""
    shape = np.broadcast_shapes(left.shape, right.shape)
    if operator in COMPARE:
        return np.broadcast_to(left, shape), COMPARE[operator](left, right)
    if operator in ARITHMETIC:
        return ARITHMETIC[operator](left, right), np.ones(shape, dtype=bool)
    return np.full(shape, np.nan), np.zeros(shape, dtype=bool)


@dataclass(frozen=True, slots=True)
class Mixed:
    """Of one pair with a histogram in it; None where the operator does not go with these types."""

    histogram: FloatHistogram | None
    kept: bool = True
    collided: str = ""
    reconciled: str = ""


def with_histograms(operator: str, left: FloatHistogram | float, right: FloatHistogram | float) -> Mixed | None:
    """Raises: IncompatibleSchemasError"""
    if isinstance(left, FloatHistogram):
        if isinstance(right, FloatHistogram):
            return _both(operator, left, right)
        return _by_float(operator, left, right)
    if operator == "*" and isinstance(right, FloatHistogram):
        return Mixed(right.scaled(left).compact())
    return None


def _by_float(operator: str, left: FloatHistogram, right: float) -> Mixed | None:
    match operator:
        case "*":
            return Mixed(left.scaled(right).compact())
        case "/":
            return Mixed(left.divided(right).compact())
        case "</" | ">/":
            return Mixed(trimmed(left, right, upper=operator == "</"))
    return None


def _both(operator: str, left: FloatHistogram, right: FloatHistogram) -> Mixed | None:
    match operator:
        case "+" | "-":
            adds = operator == "+"
            outcome = plus(left, right) if adds else minus(left, right)
            result = outcome.histogram if adds else outcome.histogram.with_hint(Hint.GAUGE)
            word = "addition" if adds else "subtraction"
            return Mixed(
                result.compact(),
                collided=word if outcome.collided else "",
                reconciled=word if outcome.reconciled else "",
            )
        case "==":
            return Mixed(left, kept=left.same(right))
        case "!=":
            return Mixed(left, kept=not left.same(right))
    return None
