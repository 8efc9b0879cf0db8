"""Exponential histograms as native ones: scale at most 8, buckets numbered by their upper bound, gaps left out."""

from midwatch.server.store.otlp_series.ladder import Ladder

SCHEMA_MAX, SCHEMA_MIN = 8, -4
ZERO_THRESHOLD = "1e-128"
"""Where a sender tells none."""
GAP_MAX = 2
"""So many empty buckets are kept rather than beginning another span, as Prometheus's client libraries do."""

_COARSER = f"greatest(Scale - {SCHEMA_MAX}, 0)"
_FAR = "toInt64(1099511627776)"
_NONE = "toInt32(-2147483648)"


def _side(side: str) -> Ladder:
    """Spans and counts of a side.

    Bucket i of OpenTelemetry at scale s is in bucket i >> n at scale s - n; Prometheus's number of that is one more.
    Running totals at the last of those that become one are the totals of the coarser buckets.
    """
    name, sent = side.lower(), f"{side}BucketCounts"
    numbers, counts, begins, ends = (f"{name}_{part}" for part in ("numbers", "counts", "begins", "ends"))
    totals, filled = f"{name}_totals", f"{name}_filled"
    return (
        {numbers: f"arrayMap(i -> bitShiftRight({side}Offset + toInt32(i), {_COARSER}), range(length({sent})))"},
        {
            totals: f"arrayFilter((s, n, after) -> n != after, arrayCumSum({sent}), {numbers},"
            f" arrayShiftLeft({numbers}, 1, {_NONE}))"
        },
        {counts: f"arrayMap((s, before) -> s - before, {totals}, arrayShiftRight({totals}, 1))"},
        {
            filled: f"arrayMap(i -> toInt64(i), arrayFilter((i, c) -> c != 0, arrayEnumerate({counts}), {counts}))",
        },
        {
            begins: f"arrayFilter((i, before) -> i - before > {GAP_MAX + 1}, {filled},"
            f" arrayShiftRight({filled}, 1, toInt64(-{GAP_MAX + 1})))",
            ends: f"arrayFilter((i, after) -> after - i > {GAP_MAX + 1}, {filled},"
            f" arrayShiftLeft({filled}, 1, {_FAR}))",
        },
        {
            f"{name}_offsets": f"CAST(arrayMap((b, before, n) -> if(n = 1, {numbers}[1] + b, b - before - 1),"
            f" {begins}, arrayShiftRight({ends}, 1), arrayEnumerate({begins})) AS Array(Int32))",
            f"{name}_lengths": f"CAST(arrayMap((b, e) -> e - b + 1, {begins}, {ends}) AS Array(UInt32))",
            f"{name}_kept": f"CAST(arrayFlatten(arrayMap((b, e) -> arraySlice({counts}, b, e - b + 1), {begins},"
            f" {ends})) AS Array(Float64))",
        },
    )


SIDES = (_side("Positive"), _side("Negative"))
_EMPTY = "CAST([] AS Array(Int32)), CAST([] AS Array(UInt32)), CAST([] AS Array(Float64))"
_SCHEMA = f"toInt8(least(Scale, {SCHEMA_MAX}))"
NATIVE = f"""multiIf(MetricType != 'exponential_histogram', [], stale,
    [(at, start, 0., stale_value, {_SCHEMA}, 0., 0., {_EMPTY}, {_EMPTY}, [], toUInt8(0))],
    [(at, start, toFloat64(Count), if(HasSum, Sum, nan), {_SCHEMA},
        if(ZeroThreshold = 0, {ZERO_THRESHOLD}, ZeroThreshold), toFloat64(ZeroCount),
        positive_offsets, positive_lengths, positive_kept,
        negative_offsets, negative_lengths, negative_kept, [], toUInt8(0))])"""
"""The native histogram of a row of `metric_points_in` that stands on `SIDES`: a list of one, or of none."""
