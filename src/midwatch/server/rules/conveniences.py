"""Conditions that are often meant, written as what they mean; each is compiled to PromQL, which is shown and evaluated.

They stand in place of `expr` in a rule of our plan. What they are made of is PromQL itself, so that nothing of the
language is closed to them, and `promql()` of each is what a person would have written.
"""

from dataclasses import replace
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from midwatch.contract.plan.section import Model
from midwatch.server.model.band import LABEL, LOWER, UPPER, BandWanted
from midwatch.server.promql.errors import ParameterError, ParseError
from midwatch.server.promql.floats import plain
from midwatch.server.promql.labels import is_legacy_name
from midwatch.server.promql.syntax import parse, to_text
from midwatch.server.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    Paren,
    Subquery,
    Unary,
    VectorSelector,
)
from midwatch.server.promql.syntax.text import format_duration, parse_duration, quote

WEEK_MS = 604_800_000
WEEKS_MAX = 12
_WEEK = "week"
TEXT_MAX = 10_000
DAY_MS = 86_400_000
DEVIATIONS_MAX = 100


class NotWritable(ValueError):
    """A part is no PromQL that the convenience can use: which key, where in its text, and why."""

    def __init__(self, key: str, offset: int, message: str) -> None:
        super().__init__(message)
        self.key, self.offset = key, offset


def _share(value: Any) -> float:
    """`5%` or 0.05."""
    text = str(value).strip()
    try:
        return float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise ValueError("expected a share such as 5% or 0.05") from None


def _number(value: Any) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise ValueError("expected a number") from None


def _duration(value: Any) -> int:
    try:
        found = parse_duration(str(value))
    except ParameterError:
        found = 0
    if found <= 0:
        raise ValueError("expected a duration such as 10m or 1w, more than 0")
    return found


_SCHEMA = WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]})
Share = Annotated[float, BeforeValidator(_share), _SCHEMA]
Number = Annotated[float, BeforeValidator(_number), _SCHEMA]
Window = Annotated[int, BeforeValidator(_duration), WithJsonSchema({"type": "string"})]
Query = Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]
Names = Annotated[tuple[str, ...], Field(max_length=20)]


class _Bounded(Model):
    """One side or both."""

    above: Number | None = None
    below: Number | None = None

    @model_validator(mode="after")
    def _some(self) -> "_Bounded":
        if self.above is None and self.below is None:
            raise ValueError("expected `above`, `below` or both")
        return self

    def bounded(self, left: str, right: str = "") -> str:
        """`left` beyond the bounds, each of them times `right` where that is given."""
        times = f" * {right}" if right else ""
        sides = [
            f"{left} {sign} {plain(bound)}{times}"
            for sign, bound in ((">", self.above), ("<", self.below))
            if bound is not None
        ]
        return sides[0] if len(sides) == 1 else f"({sides[0]}) or ({sides[1]})"


class Threshold(_Bounded):
    """A value beyond a bound."""

    of: Query

    def promql(self) -> str:
        return self.bounded(_wrapped("of", self.of))


class Absent(Model):
    """Series that are not there; with `by`, each label set that was there `within` and is not any more."""

    of: Query
    over: Window = 300_000
    by: Names = ()
    within: Window = 86_400_000

    def promql(self) -> str:
        selector = _parsed("of", self.of)
        if not isinstance(selector, VectorSelector):
            raise NotWritable("of", 0, 'expected a selector such as up{job="api"}')
        text, over = to_text(selector), format_duration(self.over)
        if not self.by:
            return f"absent_over_time({text}[{over}])"
        labels = _names(self.by)
        before, now = (f"count by ({labels}) (present_over_time({text}[{one}]))" for one in (_text(self.within), over))
        return f"{before} unless {now}"


class Change(Model):
    """More or less than at the same time before, by a share."""

    of: Query
    against: Window = WEEK_MS
    up: Share | None = None
    down: Share | None = None

    @model_validator(mode="after")
    def _some(self) -> "Change":
        if self.up is None and self.down is None:
            raise ValueError("expected `up`, `down` or both")
        return self

    def promql(self) -> str:
        now = _wrapped("of", self.of)
        before = _wrapped_expr(shifted(_parsed("of", self.of), self.against))
        sides = []
        if self.up is not None:
            sides.append(f"{now} / {before} > {plain(round(1 + self.up, 12))}")
        if self.down is not None:
            sides.append(f"{now} / {before} < {plain(round(1 - self.down, 12))}")
        return sides[0] if len(sides) == 1 else f"({sides[0]}) or ({sides[1]})"


class Ratio(Model):
    """A part of a whole; `at_least` is how much of the whole has to be there for the ratio to count."""

    of: Query
    to: Query
    above: Share | None = None
    below: Share | None = None
    at_least: Number | None = None

    @model_validator(mode="after")
    def _some(self) -> "Ratio":
        if self.above is None and self.below is None:
            raise ValueError("expected `above`, `below` or both")
        return self

    def promql(self) -> str:
        whole = _wrapped("to", self.to)
        ratio = f"{_wrapped('of', self.of)} / {whole}"
        sides = [
            f"{ratio} {sign} {plain(bound)}"
            for sign, bound in ((">", self.above), ("<", self.below))
            if bound is not None
        ]
        found = sides[0] if len(sides) == 1 else f"(({sides[0]}) or ({sides[1]}))"
        return found if self.at_least is None else f"{found} and {whole} >= {plain(self.at_least)}"


class Baseline(_Bounded):
    """A multiple of the median of the same moment of the weeks before."""

    of: Query
    weeks: Annotated[int, Field(ge=1, le=WEEKS_MAX)] = 4

    def promql(self) -> str:
        expr = _parsed("of", self.of)
        weeks = [
            f'label_replace({to_text(shifted(expr, week * WEEK_MS))}, "{_WEEK}", "{week}", "", "")'
            for week in range(1, self.weeks + 1)
        ]
        median = f"quantile without ({_WEEK}) (0.5, {' or '.join(weeks)})"
        return self.bounded(_wrapped_expr(expr), median)


class BurnRate(Model):
    """An error budget that is used up so many times too fast, over a long window and still over a short one.

    `of` and `to` are counters' selectors: what went wrong, and all there was.
    """

    of: Query
    to: Query
    objective: Share
    factor: Number = 14.4
    window: Window = 3_600_000
    short: Window = 300_000
    by: Names = ()

    @model_validator(mode="after")
    def _sound(self) -> "BurnRate":
        if not 0 < self.objective < 1:
            raise ValueError("objective: expected a share between 0 and 100%, such as 99.9%")
        if self.short >= self.window:
            raise ValueError("short: expected a window shorter than `window`")
        return self

    def promql(self) -> str:
        budget = plain(round(1 - self.objective, 12))
        return " and ".join(
            f"({self._burning(one)} > {plain(self.factor)} * {budget})" for one in (self.window, self.short)
        )

    def _burning(self, window_ms: int) -> str:
        by = f" by ({_names(self.by)})" if self.by else ""
        bad, all_of = (
            f"sum{by} (rate({_selected(key, text)}[{_text(window_ms)}]))"
            for key, text in (("of", self.of), ("to", self.to))
        )
        return f"{bad} / {all_of}"


class Anomaly(Model):
    """Outside the band that was learned from history, by hour of the week; see the room `anomaly`."""

    of: Query
    deviations: Number = 3.0
    direction: Literal["both", "above", "below"] = "both"
    history: Window = 4 * WEEK_MS
    zone: Annotated[str, Field(max_length=100)] = "UTC"
    at_least: Number = 0.0

    @model_validator(mode="after")
    def _sound(self) -> "Anomaly":
        if not 0 < self.deviations <= DEVIATIONS_MAX:
            raise ValueError(f"deviations: expected a number from 0 to {DEVIATIONS_MAX}, such as 3")
        if not 2 * DAY_MS <= self.history <= WEEKS_MAX * WEEK_MS:
            raise ValueError(f"history: expected a duration from 2d to {WEEKS_MAX}w")
        if not 0 <= self.at_least < float("inf"):
            raise ValueError("at_least: expected how far the band reaches at least, such as 5")
        try:
            ZoneInfo(self.zone)
        except (ValueError, OSError, LookupError):
            raise ValueError(f"zone={self.zone}: expected a name such as Europe/Berlin") from None
        return self

    def band(self) -> BandWanted:
        """Raises NotWritable."""
        return BandWanted(to_text(_parsed("of", self.of)), self.deviations, self.history, self.zone, self.at_least)

    def promql(self) -> str:
        of, band = _wrapped("of", self.of), self.band().id
        sides = {
            side: f'{of} {sign} ignoring ({LABEL}) {bound}{{{LABEL}="{band}"}}'
            for side, sign, bound in (("above", ">", UPPER), ("below", "<", LOWER))
        }
        return sides.get(self.direction) or f"({sides['above']}) or ({sides['below']})"


Convenience = Threshold | Absent | Change | Ratio | Baseline | BurnRate | Anomaly


def shifted(expr: Expr, by_ms: int) -> Expr:  # noqa: PLR0911 - one line a node
    """The expression as it was so much earlier: every selector looks back further; pinned ones stay where they are."""
    match expr:
        case VectorSelector():
            return expr if expr.at_ms is not None or expr.at_edge else replace(expr, offset_ms=expr.offset_ms + by_ms)
        case MatrixSelector():
            selector = shifted(expr.selector, by_ms)
            assert isinstance(selector, VectorSelector)
            return replace(expr, selector=selector)
        case Subquery() | Paren() | Unary():
            return replace(expr, expr=shifted(expr.expr, by_ms))
        case Call():
            return replace(expr, arguments=tuple(shifted(one, by_ms) for one in expr.arguments))
        case Aggregate():
            parameter = None if expr.parameter is None else shifted(expr.parameter, by_ms)
            return replace(expr, expr=shifted(expr.expr, by_ms), parameter=parameter)
        case Binary():
            return replace(expr, left=shifted(expr.left, by_ms), right=shifted(expr.right, by_ms))
    return expr


def _parsed(key: str, text: str) -> Expr:
    try:
        return parse(text)
    except ParseError as error:
        raise NotWritable(key, error.start, error.detail) from None


def _wrapped(key: str, text: str) -> str:
    return _wrapped_expr(_parsed(key, text))


def _wrapped_expr(expr: Expr) -> str:
    """In parentheses where an operator beside it could take a part of it."""
    return f"({to_text(expr)})" if isinstance(expr, Binary | Unary) else to_text(expr)


def _selected(key: str, text: str) -> str:
    selector = _parsed(key, text)
    if not isinstance(selector, VectorSelector):
        raise NotWritable(key, 0, 'expected a counter\'s selector such as requests_total{status=~"5.."}')
    return to_text(selector)


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(name if is_legacy_name(name) else quote(name) for name in names)


def _text(milliseconds: int) -> str:
    return format_duration(milliseconds)
