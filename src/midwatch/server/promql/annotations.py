"""Warnings and infos about a result, each told once, with Prometheus's texts."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from midwatch.server.promql.floats import short
from midwatch.server.promql.syntax.ast import Span
from midwatch.server.promql.syntax.lexer import position
from midwatch.server.promql.syntax.text import quote

_WARNING = "PromQL warning: "
_INFO = "PromQL info: "
_RFC3339 = "%Y-%m-%dT%H:%M:%SZ"
_FUNCTIONS_PAGE = "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile"


@dataclass(frozen=True, slots=True)
class _Note:
    text: str
    span: Span
    detail: "_Monotonicity | None" = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class _Monotonicity:
    """How far classic buckets were from rising, over all of a query."""

    first_ms: int
    last_ms: int
    low: float
    high: float
    difference: float

    def joined(self, other: "_Monotonicity") -> "_Monotonicity":
        return _Monotonicity(
            min(self.first_ms, other.first_ms),
            max(self.last_ms, other.last_ms),
            min(self.low, other.low),
            max(self.high, other.high),
            max(self.difference, other.difference),
        )


def _moment(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC):{_RFC3339}}"


def _named(text: str, name: str) -> str:
    return f"{text} for metric name {quote(name)}" if name else text


class Annotations:
    def __init__(self) -> None:
        self._notes: dict[str, _Note] = {}

    def warn(self, text: str, span: Span) -> None:
        self._add(_Note(_WARNING + text, span))

    def inform(self, text: str, span: Span) -> None:
        self._add(_Note(_INFO + text, span))

    def _add(self, note: _Note) -> None:
        before = self._notes.get(note.text)
        if before is not None and note.detail is not None and before.detail is not None:
            note = replace(note, detail=note.detail.joined(before.detail))
        self._notes[note.text] = replace(note, count=note.count + (before.count if before else 0))

    def texts(self, query: str) -> tuple[list[str], list[str]]:
        """Warnings and infos, each with its place."""
        told = [(note.text.startswith(_WARNING), self._tell(note, query)) for note in self._notes.values()]
        return [text for warning, text in told if warning], [text for warning, text in told if not warning]

    def _tell(self, note: _Note, query: str) -> str:
        line, column = position(query, note.span.start)
        place = f"({line}:{column})"
        if note.detail is not None:
            detail = note.detail
            first, last = _moment(detail.first_ms), _moment(detail.last_ms)
            return (
                f"{note.text}, from buckets {short(detail.low)} to {short(detail.high)}, with a max diff of"
                f" {short(detail.difference, digits=2)}, over {note.count} samples from {first} to {last} {place}"
            )
        if note.count > 1 and "overlaps with previous sample timestamp" in note.text:
            return f"{note.text} ({note.count} occurrences) {place}"
        return f"{note.text} {place}"

    # What is said in more than one place.

    def mixed_range(self, name: str, span: Span) -> None:
        self.warn(f"encountered a mix of histograms and floats for metric name {quote(name)}", span)

    def mixed_aggregation(self, span: Span) -> None:
        self.warn("encountered a mix of histograms and floats for aggregation", span)

    def mixed_schemas(self, name: str, span: Span) -> None:
        what = "vector contains a mix of histograms with exponential and custom buckets schemas"
        self.warn(f"{what} for metric name {quote(name)}", span)

    def not_counter(self, name: str, span: Span) -> None:
        self.warn(f"this native histogram metric is not a counter: {quote(name)}", span)

    def not_gauge(self, name: str, span: Span) -> None:
        self.warn(f"this native histogram metric is not a gauge: {quote(name)}", span)

    def mismatched_buckets(self, operation: str, span: Span) -> None:
        self.inform(f"mismatched custom buckets were reconciled during {operation}", span)

    def reset_collision(self, operation: str, span: Span) -> None:
        self.warn(f"conflicting counter resets during histogram {operation}", span)

    def ignored_in_range(self, name: str, span: Span) -> None:
        what = "ignored histograms in a range containing both floats and histograms"
        self.inform(f"{what} for metric name {quote(name)}", span)

    def ignored_in_aggregation(self, aggregation: str, span: Span) -> None:
        self.inform(f"ignored histogram in {aggregation} aggregation", span)

    def incompatible_types(self, left: str, operator: str, right: str, span: Span) -> None:
        what = "incompatible sample types encountered for binary operator"
        self.inform(f'{what} "{operator}": {left} {operator} {right}', span)

    def bad_quantile(self, quantile: float, span: Span) -> None:
        self.warn(f"quantile value should be between 0 and 1, got {short(quantile)}", span)

    def bad_bucket(self, name: str, label: str, span: Span) -> None:
        self.warn(_named(f'bucket label "le" is missing or has a malformed value of {quote(label)}', name), span)

    def mixed_classic_native(self, name: str, span: Span) -> None:
        self.warn(_named("vector contains a mix of classic and native histograms", name), span)

    def nan_observations(self, what: str, name: str, span: Span) -> None:
        self.inform(_named(what, name), span)

    def start_overlap(self, name: str, span: Span) -> None:
        what = "sample has start time that overlaps with previous sample timestamp"
        self.warn(f"{what} for metric {quote(name)}", span)

    def forced_monotonicity(
        self, name: str, span: Span, at_ms: int, low: float, high: float, difference: float
    ) -> None:
        what = f"input to histogram_quantile needed to be fixed for monotonicity (see {_FUNCTIONS_PAGE})"
        detail = _Monotonicity(at_ms, at_ms, low, high, difference)
        self._add(_Note(_INFO + _named(what, name), span, detail))
