"""Straight lines and smoothing through windows."""

import numpy as np

from midwatch.server.promql.errors import ExecutionError
from midwatch.server.promql.floats import Floats, Ints, add
from midwatch.server.promql.functions.ranges import Answer, RangeCall
from midwatch.server.promql.samples import Positions


def deriv(call: RangeCall) -> Answer:
    """The slope; times count from the first sample, where they are small and exact."""
    windows = call.floats
    slope, _ = _regression(call, windows.first(windows.samples.times))
    return Answer(slope, _enough(call))


def predict_linear(call: RangeCall) -> Answer:
    now = np.broadcast_to(call.grid.times(), call.floats.counts.shape)
    slope, intercept = _regression(call, now)
    return Answer(slope * call.scalars[0] + intercept, _enough(call))


def _enough(call: RangeCall) -> np.ndarray:
    call.ignore_histograms()
    return call.floats.counts >= 2


def _regression(call: RangeCall, origin: Ints) -> tuple[Floats, Floats]:
    """Slope and value at the origin by least squares."""
    windows, samples = call.floats, call.floats.samples
    positions = Positions.of(windows, least=2)
    size = positions.size
    zero = origin.ravel()[positions.order]
    total, carry = np.zeros((4, size)), np.zeros((4, size))
    first = samples.values[positions.low] if size else np.empty(0)
    constant = np.ones(size, dtype=bool)
    for _, alive, index in positions:
        x = (samples.times[index] - zero[:alive]) / 1e3
        y = samples.values[index]
        constant[:alive] &= (y == first[:alive]) | (index == positions.low[:alive])
        total[:, :alive], carry[:, :alive] = add(total[:, :alive], carry[:, :alive], np.stack([x, y, x * y, x * x]))
    x, y, xy, xx = total + carry
    n = positions.counts
    slope = (xy - x * y / n) / (xx - x * x / n)
    intercept = y / n - slope * x / n
    flat = np.where(np.isinf(first), np.nan, 0.0)
    slope = np.where(constant, flat, slope)
    intercept = np.where(constant, np.where(np.isinf(first), np.nan, first), intercept)
    return positions.spread(slope), positions.spread(intercept)


def double_exponential_smoothing(call: RangeCall) -> Answer:
    """Smoothed level with a trend; factors are between 0 and 1.

    Raises:
        ExecutionError: a factor that is not.
    """
    smoothing, trend = call.scalars
    if call.floats.filled.any() or call.has_histogram.any():
        for name, factors in (("smoothing", smoothing), ("trend", trend)):
            bad = factors[(factors <= 0) | (factors >= 1)]
            if len(bad):
                letter = name[0]
                problem = f"invalid {name} factor. Expected: 0 < {letter}f < 1, got: {bad[0]:f}"
                raise ExecutionError(problem)
    windows = call.floats
    positions = Positions.of(windows, least=2)
    shape = windows.counts.shape
    sf = np.broadcast_to(smoothing, shape).ravel()[positions.order]
    tf = np.broadcast_to(trend, shape).ravel()[positions.order]
    level_before, level, slope = (np.zeros(positions.size) for _ in range(3))
    for position, alive, index in positions:
        value = windows.samples.values[index]
        if position == 0:
            level[:alive] = value
            slope[:alive] = windows.samples.values[index + 1] - value
            continue
        s, t = sf[:alive], tf[:alive]
        if position > 1:
            slope[:alive] = t * (level[:alive] - level_before[:alive]) + (1 - t) * slope[:alive]
        new = s * value + (1 - s) * (level[:alive] + slope[:alive])
        level_before[:alive], level[:alive] = level[:alive], new
    return Answer(positions.spread(level), _enough(call))
