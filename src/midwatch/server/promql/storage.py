"""What the engine needs of a store, and what a store may do itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from midwatch.server.promql.block import Block
from midwatch.server.promql.floats import Floats, Ints, Objects
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.labels import Labels
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.syntax.ast import Aggregate, MatrixSelector, VectorSelector


@dataclass(frozen=True, slots=True)
class Series:
    """One series' samples: `times_ms` strictly rising; a stale marker is a value with STALE_BITS.

    `histograms` has a FloatHistogram where the sample is one (its value is then not looked at) and None elsewhere;
    `start_times_ms` says when the counter began, 0 where nobody knows. `deltas`, of a counter that was told in steps,
    is what was counted since the sample before: `rate` and `increase` add these up, and have nothing to guess.
    """

    labels: Labels
    times_ms: Ints
    values: Floats
    histograms: Objects | None = None
    start_times_ms: Ints | None = None
    deltas: Floats | None = None
    histogram_deltas: Objects | None = None
    """The same where samples are histograms; None at every sample that was not told as a step."""


class SeriesSource(Protocol):
    """A store, as the engine reads it."""

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Series]:
        """All series that match, each with its samples from start to end, both included; each label set once."""
        ...


@dataclass(frozen=True, slots=True)
class RangeRequest:
    """A range function over a selector: for each step, the window (time - range, time] before `times_ms`."""

    function: str
    selector: MatrixSelector
    times_ms: Ints
    grid: Grid


@runtime_checkable
class PushDown(Protocol):
    """A store that can compute itself; None wherever it cannot, and the engine reads the samples."""

    def range_function(self, request: RangeRequest) -> Block | None:
        """Labels × steps of a range function, names still in the labels."""
        ...

    def instant(self, selector: VectorSelector, times_ms: Ints, lookback_ms: int) -> Block | None:
        """The last samples no older than the look-back, labels × steps."""
        ...

    def aggregate(self, aggregate: Aggregate, grid: Grid) -> Block | None:
        """A whole aggregation over a selector or a range function of one.

        The engine makes no annotations for it: what would have some (rate() of a name that is no counter's, native
        histograms beside floats) is to be left to it.
        """
        ...
