"""What a query answers."""

from dataclasses import dataclass, field

import numpy as np

from midwatch.server.promql.block import Block
from midwatch.server.promql.floats import Floats, Ints
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.histogram import FloatHistogram
from midwatch.server.promql.labels import Labels, drop_metadata
from midwatch.server.promql.samples import Samples


@dataclass(frozen=True, slots=True)
class Sample:
    labels: Labels
    value: float | FloatHistogram


@dataclass(frozen=True, slots=True)
class Points:
    """One series of a matrix: floats and histograms, each with its times."""

    labels: Labels
    times_ms: Ints
    values: Floats
    histogram_times_ms: list[int] = field(default_factory=list)
    histograms: list[FloatHistogram] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scalar:
    value: float


@dataclass(frozen=True, slots=True)
class String:
    value: str


@dataclass(frozen=True, slots=True)
class Vector:
    samples: list[Sample]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Sorted by labels."""

    series: list[Points]


Value = Scalar | String | Vector | Matrix


@dataclass(frozen=True, slots=True)
class Result:
    """`time_ms` is the time of a scalar, a string and a vector's samples."""

    value: Value
    time_ms: int
    warnings: list[str]
    infos: list[str]
    samples_peak: int


def named(block: Block) -> Block:
    """With names removed whose removal was delayed."""
    dropped = block.dropped
    if not dropped.any():
        return block.unique()
    labels = [drop_metadata(one) if drop else one for one, drop in zip(block.labels, dropped.tolist(), strict=True)]
    return Block(labels, block.values, block.present, block.histograms).unique()


def vector(block: Block) -> Vector:
    """A block of one step."""
    natives = block.is_histogram
    return Vector(
        [
            Sample(
                labels,
                block.histograms[row, 0]
                if block.histograms is not None and natives[row, 0]
                else float(block.values[row, 0]),
            )
            for row, labels in enumerate(block.labels)
            if block.present[row, 0]
        ]
    )


def matrix(block: Block, grid: Grid) -> Matrix:
    times, floats, natives = grid.times(), block.is_float, block.is_histogram
    series = []
    for row in sorted(range(block.rows), key=lambda row: block.labels[row]):
        if not block.present[row].any():
            continue
        histograms: list[FloatHistogram] = []
        when: list[int] = []
        if block.histograms is not None:
            when, histograms = times[natives[row]].tolist(), block.histograms[row, natives[row]].tolist()
        series.append(Points(block.labels[row], times[floats[row]], block.values[row, floats[row]], when, histograms))
    return Matrix(series)


def scalar_matrix(numbers: Floats, grid: Grid) -> Matrix:
    return Matrix([Points((), grid.times(), np.asarray(numbers, dtype=np.float64))])


def sample_matrix(samples: Samples) -> Matrix:
    """Samples as they are."""
    series = []
    for row in sorted(range(len(samples.labels)), key=lambda row: samples.labels[row]):
        inside = slice(int(samples.bounds[row]), int(samples.bounds[row + 1]))
        if inside.start == inside.stop:
            continue
        native = samples.is_histogram[inside]
        times = samples.times[inside]
        histograms = [] if samples.histograms is None else samples.histograms[inside][native].tolist()
        floats = samples.values[inside][~native]
        series.append(Points(samples.labels[row], times[~native], floats, times[native].tolist(), histograms))
    return Matrix(series)
