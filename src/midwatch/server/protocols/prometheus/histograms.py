"""What a native histogram on the wire must hold to be one (Prometheus's specification of native histograms)."""

import math
from itertools import pairwise
from typing import Any

CUSTOM_BUCKETS = -53
SCHEMA_MIN, SCHEMA_MAX = -4, 8


def problem(histogram: Any) -> str | None:
    """Why this `Histogram` message of either version is none; None when it is sound."""
    custom = histogram.schema == CUSTOM_BUCKETS
    if not custom and not SCHEMA_MIN <= histogram.schema <= SCHEMA_MAX:
        return f"schema={histogram.schema}: expected {SCHEMA_MIN} to {SCHEMA_MAX}, or {CUSTOM_BUCKETS}"
    if found := _custom_problem(histogram) if custom else None:
        return found
    floats = histogram.WhichOneof("count") == "count_float"
    total = 0.0
    for side in ("positive", "negative"):
        counts = _counts(histogram, side, floats=floats)
        spans = getattr(histogram, f"{side}_spans")
        if (length := sum(span.length for span in spans)) != len(counts):
            return f"{side} spans are of {length:,} buckets, and {len(counts):,} were sent"
        if any(span.offset < 0 for span in spans[1:]):
            return f"{side} spans overlap: only the first may have an offset below zero"
        if any(count < 0 for count in counts):
            return f"a {side} bucket has a count below zero"
        total += sum(counts)
    return None if floats else _count_problem(histogram, total)


def _counts(histogram: Any, side: str, *, floats: bool) -> list[float]:
    if floats:
        return list(getattr(histogram, f"{side}_counts"))
    counts, count = [], 0
    for delta in getattr(histogram, f"{side}_deltas"):
        count += delta
        counts.append(count)
    return counts


def _count_problem(histogram: Any, in_buckets: float) -> str | None:
    """Observations of NaN are counted and in no bucket; they make the sum NaN."""
    in_buckets += histogram.zero_count_int
    if in_buckets == histogram.count_int or (math.isnan(histogram.sum) and in_buckets < histogram.count_int):
        return None
    return f"its buckets hold {in_buckets:,.0f} observations, and its count is {histogram.count_int:,}"


def _custom_problem(histogram: Any) -> str | None:
    if histogram.negative_spans or histogram.negative_deltas or histogram.negative_counts:
        return "negative buckets beside custom ones"
    if histogram.zero_threshold or histogram.zero_count_int or histogram.zero_count_float:
        return "a zero bucket beside custom ones"
    bounds = list(histogram.custom_values)
    if any(not low < high for low, high in pairwise(bounds)):
        return "custom values are not ascending"
    if any(not math.isfinite(bound) for bound in bounds):
        return "custom values are not finite: +Inf is implied"
    spans = histogram.positive_spans
    if spans and (spans[0].offset < 0 or sum(span.offset + span.length for span in spans) > len(bounds) + 1):
        return f"spans reach beyond the {len(bounds) + 1} custom buckets"
    return None
