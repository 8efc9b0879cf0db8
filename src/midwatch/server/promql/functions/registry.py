"""Functions over range vectors by name, and what is special about some."""

from midwatch.server.promql.functions.last_two import idelta, irate
from midwatch.server.promql.functions.order_statistics import mad_over_time, quantile_over_time
from midwatch.server.promql.functions.over_time import (
    avg_over_time,
    count_over_time,
    first_over_time,
    last_over_time,
    max_over_time,
    min_over_time,
    present_over_time,
    stddev_over_time,
    stdvar_over_time,
    sum_over_time,
    ts_of_first_over_time,
    ts_of_last_over_time,
    ts_of_max_over_time,
    ts_of_min_over_time,
)
from midwatch.server.promql.functions.ranges import RangeFunction
from midwatch.server.promql.functions.rates import delta, increase, rate
from midwatch.server.promql.functions.steps import changes, resets
from midwatch.server.promql.functions.trends import deriv, double_exponential_smoothing, predict_linear

RANGE_FUNCTIONS: dict[str, RangeFunction] = {
    "absent_over_time": present_over_time,
    "avg_over_time": avg_over_time,
    "changes": changes,
    "count_over_time": count_over_time,
    "delta": delta,
    "deriv": deriv,
    "double_exponential_smoothing": double_exponential_smoothing,
    "first_over_time": first_over_time,
    "idelta": idelta,
    "increase": increase,
    "irate": irate,
    "last_over_time": last_over_time,
    "mad_over_time": mad_over_time,
    "max_over_time": max_over_time,
    "min_over_time": min_over_time,
    "predict_linear": predict_linear,
    "present_over_time": present_over_time,
    "quantile_over_time": quantile_over_time,
    "rate": rate,
    "resets": resets,
    "stddev_over_time": stddev_over_time,
    "stdvar_over_time": stdvar_over_time,
    "sum_over_time": sum_over_time,
    "ts_of_first_over_time": ts_of_first_over_time,
    "ts_of_last_over_time": ts_of_last_over_time,
    "ts_of_max_over_time": ts_of_max_over_time,
    "ts_of_min_over_time": ts_of_min_over_time,
}
KEEPS_NAME = frozenset({"first_over_time", "last_over_time"})
"""Their values are samples of the metric itself."""
ANCHORED = frozenset({"changes", "delta", "increase", "rate", "resets"})
SMOOTHED = frozenset({"delta", "increase", "rate"})
COUNTER_SUFFIXES = ("_total", "_sum", "_count", "_bucket")
"""What a counter's name ends in."""
COUNTERS_ONLY = frozenset({"rate", "increase"})
"""Functions that hint at a name that is no counter's."""
STARTS_USED = frozenset({"rate", "irate", "increase", "resets"})
