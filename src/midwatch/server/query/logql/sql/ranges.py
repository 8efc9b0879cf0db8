"""A range aggregation as one SELECT: rows to buckets, buckets to windows, windows to series.

With the greatest common divisor of range and step as a bucket's length each window is a number of whole buckets, so
each row is aggregated once, into a state, however far windows overlap.
"""

import math
from dataclasses import dataclass
from typing import Any

from midwatch.server.query.logql.sql.params import Params, bounded
from midwatch.server.query.logql.sql.pipeline import Pipeline
from midwatch.server.query.logql.syntax.ast import Grouping, RangeAggregation
from midwatch.server.query.source import Scope

SERIES_MAX = 2_000
"""Of one range aggregation. Loki's own bound is 500 by default."""


@dataclass(frozen=True, slots=True)
class Window:
    """The steps that are asked for, and the part of time that they need: (start, end] in nanoseconds."""

    first_ns: int
    step_ns: int
    steps: int
    range_ns: int

    @property
    def after_ns(self) -> int:
        return self.first_ns - self.range_ns

    @property
    def until_ns(self) -> int:
        return self.first_ns + (self.steps - 1) * self.step_ns

    @property
    def bucket_ns(self) -> int:
        return self.range_ns if self.steps == 1 else math.gcd(self.range_ns, self.step_ns)


@dataclass(frozen=True, slots=True)
class Statement:
    """`labels` are the grouped names, or None where the column `labels` is a map of all."""

    sql: str
    params: dict[str, Any]
    labels: tuple[str, ...] | None


def statement(found: RangeAggregation, scope: Scope, window: Window, grouping: Grouping | None) -> Statement:
    """Rows of `labels`, `error`, `steps` (of `window`, from 0) and `samples`, a series each."""
    params = Params(scope.params)
    pipeline = Pipeline(found.query, scope.where(), params)
    names = grouping.labels if grouping is not None and not grouping.without else None
    if names is not None:
        key = f"[{', '.join(pipeline.label(name) for name in names)}]" if names else "CAST([] AS Array(String))"
    else:
        key = pipeline.all_labels(but=grouping.labels if grouping else ())
    error = pipeline.label("__error__")
    aggregate, argument, factor = _aggregate(found, pipeline)
    state, _, parameter = aggregate.partition("(")
    parameter = f"({parameter}" if parameter else ""
    merged = f"{state}Merge{parameter}(state)"
    sample = _increase(merged) if found.function == "rate_counter" else merged
    since = f"toUnixTimestamp64Nano(Timestamp) - {window.after_ns - window.bucket_ns + 1}"
    buckets = (
        f"SELECT {key} AS labels, {error} AS error, intDiv({since}, {window.bucket_ns}) AS bucket,"
        f" {state}State{parameter}({argument}) AS state FROM {pipeline.relation} GROUP BY labels, error, bucket"
    )
    step = "toUInt64(0)" if window.steps == 1 else f"arrayJoin({_steps(window)})"
    sums = f"SELECT labels, error, {step} AS step, {sample} AS sample FROM ({buckets}) GROUP BY labels, error, step"
    sql = (
        f"SELECT labels, error, groupArray(step) AS steps, groupArray(toFloat64(sample) * {factor!r}) AS samples"
        f" FROM ({sums}) GROUP BY labels, error LIMIT {SERIES_MAX + 1}"
    )
    return Statement(bounded(sql), params.values, names)


def _steps(window: Window) -> str:
    """The steps whose windows have this bucket: those from its end on, for as long as the range reaches."""
    end = f"bucket * {window.bucket_ns}"
    low = f"intDiv(greatest({end} - {window.range_ns}, 0) + {window.step_ns - 1}, {window.step_ns})"
    high = f"least(intDiv({end} - 1, {window.step_ns}), {window.steps - 1})"
    return f"range(toUInt64({low}), toUInt64({high} + 1))"


def _increase(pairs: str) -> str:
    """By how much a counter grew from its first value to its last; one that is less than before began anew at 0."""
    values = f"arrayMap(pair -> pair.2, arraySort(pair -> pair.1, {pairs}))"
    return f"arraySum((value, more) -> if(more < 0, value, more), {values}, arrayDifference({values}))"


def _aggregate(found: RangeAggregation, pipeline: Pipeline) -> tuple[str, str, float]:  # noqa: PLR0911 - one line a kind
    """An aggregate function, its argument, and what its result is multiplied with."""
    seconds, value = found.range_ms / 1000, pipeline.value
    match found.function:
        case "count_over_time" | "absent_over_time":
            return "count", "", 1.0
        case "rate":
            return ("sum", value, 1 / seconds) if value else ("count", "", 1 / seconds)
        case "rate_counter":
            return "groupArray", f"((Timestamp, Segment, SegmentRow), {value})", 1 / seconds
        case "bytes_over_time":
            return "sum", f"length({pipeline.line})", 1.0
        case "bytes_rate":
            return "sum", f"length({pipeline.line})", 1 / seconds
        case "first_over_time":
            return "argMin", f"{value}, (Timestamp, Segment, SegmentRow)", 1.0
        case "last_over_time":
            return "argMax", f"{value}, (Timestamp, Segment, SegmentRow)", 1.0
        case "quantile_over_time":
            return f"quantileExactInclusive({found.parameter!r})", value, 1.0
    named = {"stddev_over_time": "stddevPop", "stdvar_over_time": "varPop"}
    return named.get(found.function, found.function.removesuffix("_over_time")), value, 1.0
