"""A threshold that stored history never came near, or was beyond all the time: no error, and hardly what was meant.

That an alert did not fire in two weeks is how it should be. So `never` is told only where it is next to impossible: a
share over 1, a quantile beyond the last bucket, or a value that is always there and would have to become a hundred
times what it ever was. What is mostly zero, or an age, is calm until the day for which the rule is there.
"""

import math

from midwatch.server.promql.floats import plain
from midwatch.server.promql.lint.finding import Change, Finding, mended
from midwatch.server.promql.syntax.ast import Binary, Expr, NumberLiteral, Unary, unwrap
from midwatch.server.rules.lint.compared import Compared
from midwatch.server.rules.lint.quantities import Unit, is_age, is_quotient, is_share, other_units
from midwatch.server.rules.lint.seen import DAY_MS, Seen
from midwatch.server.rules.observed import with_threshold

FAR = 100.0
"""So many times the largest value is out of reach, unless that value was as many times the usual one."""
_NEAR_UNIT = 10.0
"""A threshold in another unit is believed where it comes to within so many times of what was seen."""
_WRITTEN_MAX = 10_000
_RARE = 0.999, 0.99
"""Quantiles that are proposed: of what never held, and of what always did."""


def judged(query: str, one: Compared, seen: Seen) -> Finding | None:
    """`query` is that of the whole rule, as `one` was parsed of it."""
    if not seen.enough or not len(seen.finite):
        return None
    if seen.held.all():
        return None if one.guard or not seen.all_along else _always(query, one, seen)
    if not seen.held.any():
        return _never(query, one, seen)
    return None


def _always(query: str, one: Compared, seen: Seen) -> Finding:
    looks = f"{len(seen.held):,}"
    nearest = float(seen.finite.min() if one.upward else seen.finite.max())
    least = "the least value was" if one.upward else "the largest value was"
    message = f"{_over(seen)} `{_condition(one)}` held each of the {looks} times looked at"
    if not (one.upward or one.downward):
        return Finding("always_held", "warning", f"{message}: it tells nothing apart", one.node.span)
    message += f", {least} {_told(nearest)}: it tells nothing apart"
    return _with_instead(query, one, seen, "always_held", message, _RARE[1])


def _never(query: str, one: Compared, seen: Seen) -> Finding | None:
    if one.upward:
        reason = _unreachable(one, seen)
        most = f"the largest value was {_told(float(seen.finite.max()))}"
    elif one.downward and _far_below(one, seen):
        reason = "nor came near"
        most = f"the least value was {_told(float(seen.finite.min()))}"
    else:
        return None
    if reason is None:
        return None
    message = f"{_over(seen)} {most}: `{_condition(one)}` never held, {reason}"
    return _with_instead(query, one, seen, "never_held", message, _RARE[0])


def _unreachable(one: Compared, seen: Seen) -> str | None:
    threshold, most = one.threshold, float(seen.finite.max())
    usual = seen.quantile(0.5)
    if most <= 1 < threshold <= 100 and is_share(one.of):
        return "and cannot while this is a share from 0 to 1"
    if seen.bucket_max is not None:
        beyond = threshold > seen.bucket_max or (threshold == seen.bucket_max and one.operator == ">")
        return f"and cannot: the last bucket ends at {_told(seen.bucket_max)}" if beyond else None
    if usual <= 0 or is_age(one.of) or (threshold <= 1 and is_quotient(one.of)):
        return None
    return "nor came near" if threshold / most >= max(FAR, most / usual) else None


def _far_below(one: Compared, seen: Seen) -> bool:
    """Only beside another unit: that there is far more than enough is how it should be."""
    unit = _other_unit(one, seen)
    return unit is not None and float(seen.finite.min()) >= one.threshold * min(FAR, unit[1] / 2)


def _with_instead(query: str, one: Compared, seen: Seen, check: str, message: str, share: float) -> Finding:
    """With the threshold as it was probably meant: in another unit, or as what is rare so far."""
    unit = _other_unit(one, seen)
    if unit is not None:
        name, factor = unit
        message += f". If {_told(one.threshold)} {name} are meant" if name[0] != "a" else f". If {name} is meant"
        return Finding(check, "warning", message, one.node.span, _instead(query, one, one.threshold * factor))
    rare = _rounded(seen.quantile(share if one.upward else 1 - share), up=one.upward)
    if not _tells(one, seen, rare):
        return Finding(check, "warning", message, one.node.span)
    side = "at most" if one.upward else "at least"
    message += f". {share:.1%} of the values were {side} {_told(rare)}".replace(".0%", "%") + "; to be told of the rest"
    return Finding(check, "warning", message, one.node.span, _instead(query, one, rare))


def _tells(one: Compared, seen: Seen, threshold: float) -> bool:
    """Whether another threshold would tell some of the values from others."""
    beyond = seen.finite > threshold if one.upward else seen.finite < threshold
    return float(seen.finite.min()) < float(seen.finite.max()) and not beyond.all()


def _other_unit(one: Compared, seen: Seen) -> Unit | None:
    usual, least, most = seen.quantile(0.5), float(seen.finite.min()), float(seen.finite.max())
    low, high = (usual / _NEAR_UNIT, most * _NEAR_UNIT) if one.upward else (least / _NEAR_UNIT, usual)
    for unit in other_units(one.of):
        # A person writes 14 days or 500 MiB, and no billion of them; nor half a millisecond.
        written = one.threshold < _WRITTEN_MAX if unit[1] > 1 else one.threshold > 1
        if written and low <= one.threshold * unit[1] <= high:
            return unit
    return None


def _instead(query: str, one: Compared, threshold: float) -> str:
    expr = with_threshold(one.node, threshold)
    assert isinstance(expr, Binary)
    return mended(query, Change(_number(one.node), _number(expr)))


def _number(node: Binary) -> Expr:
    """The side with the number, its sign included."""
    return node.right if isinstance(_signless(node.right), NumberLiteral) else node.left


def _signless(expr: Expr) -> Expr:
    inner = unwrap(expr)
    return unwrap(inner.expr) if isinstance(inner, Unary) else inner


def _condition(one: Compared) -> str:
    return f"{one.operator} {plain(one.threshold)}"


def _over(seen: Seen) -> str:
    days = seen.span_ms / DAY_MS
    return f"over the last {days:.0f} days" if days >= 1.95 else "over the last day"


def _rounded(value: float, *, up: bool) -> float:
    """To two digits, to the side on which it is rarer."""
    if value == 0 or not math.isfinite(value):
        return value
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return float(f"{(math.ceil if up else math.floor)(value / step - (1e-9 if up else -1e-9)) * step:.12g}")


def _told(value: float) -> str:
    """Three digits, as a person writes them."""
    return plain(float(f"{value:.3g}"))
