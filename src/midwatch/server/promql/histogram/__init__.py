"""Native histograms: values, sums, resets, quantiles."""

from midwatch.server.promql.histogram.model import Buckets, FloatHistogram, Hint, dense

__all__ = ["Buckets", "FloatHistogram", "Hint", "dense"]
