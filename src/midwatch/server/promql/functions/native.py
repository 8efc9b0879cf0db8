"""Functions of native histograms, cell by cell."""

import math
from collections.abc import Callable

import numpy as np

from midwatch.server.promql.block import Block
from midwatch.server.promql.context import Context
from midwatch.server.promql.histogram import FloatHistogram
from midwatch.server.promql.histogram.quantiles import variance


def _average(histogram: FloatHistogram) -> float:
    if histogram.count == 0:
        return math.nan if histogram.sum == 0 or math.isnan(histogram.sum) else math.copysign(math.inf, histogram.sum)
    return histogram.sum / histogram.count


def _deviation(histogram: FloatHistogram) -> float:
    spread = variance(histogram)
    return math.sqrt(spread) if spread >= 0 else math.nan


NATIVE: dict[str, Callable[[FloatHistogram], float]] = {
    "histogram_count": lambda histogram: histogram.count,
    "histogram_sum": lambda histogram: histogram.sum,
    "histogram_avg": _average,
    "histogram_stddev": _deviation,
    "histogram_stdvar": variance,
}


def of_histograms(context: Context, block: Block, function: Callable[[FloatHistogram], float]) -> Block:
    """A number of each histogram; floats have none."""
    mask = block.is_histogram
    values = np.full(block.present.shape, np.nan)
    assert block.histograms is not None or not mask.any()
    if block.histograms is not None:
        values[mask] = [function(one) for one in block.histograms[mask]]
    return context.renamed(Block(block.labels, values, mask, None, block.drop_name).compact())
