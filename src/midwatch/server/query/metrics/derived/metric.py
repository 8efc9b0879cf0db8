"""A derived metric: rows of a table of items, what each of them counts, and labels by expressions over it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Literal

from midwatch.server.promql.floats import plain


class Part(Enum):
    """What of a metric a series is."""

    TOTAL = auto()
    """Of a counter."""
    BUCKET = auto()
    COUNT = auto()
    SUM = auto()


_HISTOGRAM = {"_bucket": Part.BUCKET, "_count": Part.COUNT, "_sum": Part.SUM}
OVERFLOW = "otel_metric_overflow"
"""The label of the series that counts what is beyond `series_max`: OpenTelemetry's name, as Prometheus writes it."""


@dataclass(frozen=True, slots=True)
class Derived:
    """`labels` and `value` are SQL over the table's columns; `params` belong to them and to `where`."""

    name: str
    type: Literal["counter", "histogram"]
    help: str
    table: Literal["spans", "logs", "error_events", "product_events", "domain_events"]
    labels: tuple[tuple[str, str], ...]
    series_max: int
    where: str = "1"
    params: Mapping[str, str | float | int] = field(default_factory=dict)
    value: str | None = None
    """A number or NULL, which does not count; of a counter, what an item counts instead of 1."""
    bounds: tuple[float, ...] = ()
    aliases: tuple[str, ...] = ()
    """Other names that it answers to: the one with dots."""

    @property
    def series(self) -> dict[str, Part]:
        """Its names in PromQL, and what each of them is of it."""
        if self.type == "counter":
            return {self.name: Part.TOTAL}
        return {f"{self.name}{suffix}": part for suffix, part in _HISTOGRAM.items()}

    def other_names(self, name: str) -> tuple[str, ...]:
        """Those of one of `series`."""
        return tuple(alias + name.removeprefix(self.name) for alias in self.aliases)

    @property
    def les(self) -> tuple[str, ...]:
        """Values of `le`, the one for the rest included."""
        return (*(plain(bound) for bound in self.bounds), "+Inf")

    @property
    def amount(self) -> str:
        """What an item counts: sampled spans and errors stand for all that they were drawn from."""
        return "Weight" if self.table in ("spans", "error_events") else "1"

    def counted(self, part: Part) -> str:
        """What an item adds to a series of this part."""
        by_value = self.value is not None and (part is Part.SUM or (part is Part.TOTAL and self.type == "counter"))
        return f"assumeNotNull({self.value}) * {self.amount}" if by_value else self.amount

    def summed(self, part: Part, condition: str = "1") -> str:
        """What rows add to a series of this part together. Of an event that its sender sent again one row counts."""
        if self.table == "product_events":
            return f"toFloat64(uniqExactIf(Uuid, {condition}))"
        return f"sumIf(toFloat64({self.counted(part)}), {condition})"

    @property
    def counts(self) -> str:
        """Which rows count."""
        if self.value is None:
            return self.where
        # A counter cannot fall.
        least = f" AND {self.value} >= 0" if self.type == "counter" else ""
        return f"{self.where} AND ifNull(isFinite({self.value}){least}, 0)"

    @property
    def bucket(self) -> str:
        """The number of a row's bucket, by its upper bound, which belongs to it."""
        branches = "".join(f"{self.value} <= {bound!r}, {place}, " for place, bound in enumerate(self.bounds))
        return f"multiIf({branches}{len(self.bounds)})"
