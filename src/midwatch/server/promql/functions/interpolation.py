"""Values between two samples."""

import numpy as np

from midwatch.server.promql.annotations import Annotations
from midwatch.server.promql.floats import Floats, Ints
from midwatch.server.promql.histogram import FloatHistogram
from midwatch.server.promql.histogram.arithmetic import minus, plus
from midwatch.server.promql.histogram.resets import is_reset
from midwatch.server.promql.syntax.ast import Span


def between(times: Ints, values: Floats, before: Ints, after: Ints, at: Ints, *, counter: bool) -> Floats:
    """On the straight line; a counter that began anew rises from zero."""
    low, high = values[before], values[after]
    if counter:
        low = np.where(high < low, 0.0, low)
    line: Floats = low + (high - low) * (at - times[before]) / (times[after] - times[before])
    return line


def between_histograms(
    pair: tuple[FloatHistogram, FloatHistogram],
    times: tuple[int, int],
    at: int,
    notes: Annotations,
    span: Span,
    *,
    counter: bool,
) -> FloatHistogram:
    """Raises: IncompatibleSchemasError"""
    before, after = pair
    if at == times[0]:
        return before
    if at == times[1]:
        return after
    share = (at - times[0]) / (times[1] - times[0])
    if counter and is_reset(after, before):
        return after.scaled(share)
    risen = minus(after, before)
    if risen.reconciled:
        notes.mismatched_buckets("subtraction", span)
    reached = plus(risen.histogram.scaled(share), before)
    if reached.reconciled:
        notes.mismatched_buckets("addition", span)
    return reached.histogram
