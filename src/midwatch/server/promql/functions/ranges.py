"""What a function over a range vector is given, and what it answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from midwatch.server.promql.context import Context
from midwatch.server.promql.floats import Bools, Floats, Ints, Objects
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.histogram import FloatHistogram
from midwatch.server.promql.labels import NAME, get
from midwatch.server.promql.samples import Samples, Windows
from midwatch.server.promql.syntax.ast import Span


@dataclass
class Answer:
    """Labels × steps, the labels being the series'."""

    values: Floats
    present: Bools
    histograms: Objects | None = None

    def put(self, row: int, column: int, histogram: FloatHistogram) -> None:
        """A histogram as this cell's sample."""
        if self.histograms is None:
            self.histograms = np.full(self.present.shape, None, dtype=object)
        self.histograms[row, column] = histogram
        self.present[row, column] = True


@dataclass
class Cell:
    """One series' window at one step, for what has no array form."""

    row: int
    column: int
    times: list[int]
    histograms: list[FloatHistogram | None]
    values: list[float]
    starts: list[int]
    first: int
    """The first sample's place among all."""
    deltas: list[FloatHistogram | None]
    """What was counted since the sample before, of samples that were told as steps; empty where none was."""


@dataclass
class RangeCall:
    """`samples` are without stale markers; a window ends at `ends` and is `range_ms` long, open at its start.

    `scalars` are the other arguments, one value per step; `spans` the places of all arguments.
    """

    context: Context
    name: str
    samples: Samples
    ends: Ints
    range_ms: int
    grid: Grid
    scalars: list[Floats]
    span: Span
    spans: list[Span]
    extension: str = ""
    resets: dict[int, bool] = field(default_factory=dict)
    """Which samples are known to be resets: windows overlap, so that each is asked for many times."""

    @property
    def lookback_ms(self) -> int:
        return self.context.options.lookback_ms

    @property
    def begins(self) -> Ints:
        return self.ends - self.range_ms

    @property
    def range_seconds(self) -> float:
        return self.range_ms / 1000

    @cached_property
    def windows(self) -> Windows:
        """With the look-back around them where the selector is anchored or smoothed."""
        before = self.lookback_ms if self.extension else 0
        behind = self.lookback_ms if self.extension == "smoothed" else 0
        return self.samples.windows(self.begins - before, self.ends + behind)

    @property
    def floats(self) -> Windows:
        return self.windows.floats

    @cached_property
    def has_histogram(self) -> Bools:
        """Cells with a histogram in their window."""
        return self.windows.counts > self.floats.counts

    @cached_property
    def mixed(self) -> Bools:
        return self.has_histogram & self.floats.filled

    @cached_property
    def start_times(self) -> Ints | None:
        """When the counters began, per sample, where the engine is to look at that."""
        return self.samples.starts if self.context.options.start_timestamps else None

    def metric(self, row: int) -> str:
        return get(self.samples.labels[row], NAME)

    def each_metric(self, mask: Bools) -> Iterator[str]:
        """Names of the series that have a cell in the mask."""
        for row in np.flatnonzero(mask.any(axis=1)).tolist():
            yield self.metric(row)

    def refuse_mixed(self) -> Bools:
        """Cells of floats and histograms, which have no answer but a warning."""
        for name in self.each_metric(self.mixed):
            self.context.notes.mixed_range(name, self.span)
        return self.mixed

    def ignore_histograms(self, cells: Bools | None = None) -> None:
        """Tell where histograms among floats are not looked at."""
        for name in self.each_metric(self.mixed if cells is None else self.mixed & cells):
            self.context.notes.ignored_in_range(name, self.span)

    def cells(self, mask: Bools) -> Iterator[Cell]:
        """Windows one by one."""
        samples, windows = self.windows.samples, self.windows
        for row, column in np.argwhere(mask).tolist():
            self.context.budget.check_time()
            low, high = int(windows.low[row, column]), int(windows.high[row, column])
            starts = self.start_times
            histograms = [None] * (high - low) if samples.histograms is None else samples.histograms[low:high].tolist()
            yield Cell(
                row,
                column,
                samples.times[low:high].tolist(),
                histograms,
                samples.values[low:high].tolist(),
                [] if starts is None else starts[low:high].tolist(),
                low,
                [] if samples.histogram_deltas is None else samples.histogram_deltas[low:high].tolist(),
            )

    def answer(self, values: Floats, present: Bools) -> Answer:
        return Answer(values, present.copy())


RangeFunction = Callable[[RangeCall], Answer]
