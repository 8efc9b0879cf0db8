"""Exponential histograms as native ones: scale at most 8, buckets numbered by their upper bound, gaps left out."""

SCHEMA_MAX, SCHEMA_MIN = 8, -4
ZERO_THRESHOLD = "1e-128"
"""Where a sender tells none."""
GAP_MAX = 2
"""So many empty buckets are kept rather than beginning another span, as Prometheus's client libraries do."""

_COARSER = f"greatest(Scale - {SCHEMA_MAX}, 0)"
_NONE = "toInt32(-2147483648)"


def native(source: str) -> str:
    """`source` (rows of `metric_points_in` with `at`, `start`, `stale`) with `native`, a list of one or of none."""
    found = source
    for side in ("Positive", "Negative"):
        found = _spans(side, found)
    sides = ", ".join(
        f"{side}_offsets, {side}_lengths, CAST({side}_kept AS Array(Float64))" for side in ("positive", "negative")
    )
    empty = "CAST([] AS Array(Int32)), CAST([] AS Array(UInt32)), CAST([] AS Array(Float64))"
    return f"""
    SELECT *, multiIf(MetricType != 'exponential_histogram', [], stale,
        [(at, start, 0., stale_value, toInt8(least(Scale, {SCHEMA_MAX})), 0., 0., {empty}, {empty}, [], toUInt8(0))],
        [(at, start, toFloat64(Count), if(HasSum, Sum, nan), toInt8(least(Scale, {SCHEMA_MAX})),
            if(ZeroThreshold = 0, {ZERO_THRESHOLD}, ZeroThreshold), toFloat64(ZeroCount), {sides}, [], toUInt8(0))]
    ) AS native
    FROM ({found})"""


def _spans(side: str, source: str) -> str:
    """`source` with the spans and counts of a side.

    Bucket i of OpenTelemetry at scale s is in bucket i >> n at scale s - n; Prometheus's number of that is one more.
    Running totals at the last of those that become one are the totals of the coarser buckets. Each step is a level of
    its own: see `flatten.attributes.stage`.
    """
    name, sent = side.lower(), f"{side}BucketCounts"
    again = f"bitShiftRight({side}Offset + toInt32(i), {_COARSER})"
    return f"""
    SELECT *, CAST(arrayMap((b, before, n) -> if(n = 1, {name}_first + b - 1, b - before - 1), {name}_begins,
            arrayShiftRight({name}_ends, 1), arrayEnumerate({name}_begins)) AS Array(Int32)) AS {name}_offsets,
        CAST(arrayMap((b, e) -> e - b + 1, {name}_begins, {name}_ends) AS Array(UInt32)) AS {name}_lengths,
        arrayFlatten(arrayMap((b, e) -> arraySlice({name}_counts, b, e - b + 1), {name}_begins, {name}_ends))
            AS {name}_kept
    FROM (
        SELECT *,
            arrayFilter((i, before) -> i - before > {GAP_MAX + 1}, {name}_filled,
                arrayShiftRight({name}_filled, 1, toInt64(-{GAP_MAX + 1}))) AS {name}_begins,
            arrayFilter((i, after) -> after - i > {GAP_MAX + 1}, {name}_filled,
                arrayShiftLeft({name}_filled, 1, toInt64(1099511627776))) AS {name}_ends
        FROM (
            SELECT *, arrayMap(i -> toInt64(i), arrayFilter((i, c) -> c != 0, arrayEnumerate({name}_counts),
                {name}_counts)) AS {name}_filled
            FROM (
                SELECT *, {name}_numbers[1] + 1 AS {name}_first,
                    arrayMap((s, before) -> s - before, {name}_totals, arrayShiftRight({name}_totals, 1))
                        AS {name}_counts
                FROM (
                    SELECT *, arrayFilter((s, n, after) -> n != after, arrayCumSum({sent}), {name}_numbers,
                        arrayShiftLeft({name}_numbers, 1, {_NONE})) AS {name}_totals
                    FROM (SELECT *, arrayMap(i -> {again}, range(length({sent}))) AS {name}_numbers FROM ({source}))
                )
            )
        )
    )"""
