"""Whether a counter histogram began anew between two samples."""

import numpy as np

from midwatch.server.promql.histogram.layout import coarser, outside, shared_bounds, to_bounds, zero_count_within
from midwatch.server.promql.histogram.model import Buckets, FloatHistogram, Hint


def is_reset(now: FloatHistogram, before: FloatHistogram) -> bool:  # noqa: PLR0911 - one line a reason
    """By the hint if it says, else by any count that went down."""
    if now.hint is Hint.RESET:
        return True
    if now.hint is Hint.NOT_RESET:
        return False
    if now.count < before.count:
        return True
    if now.uses_custom:
        return not before.uses_custom or _custom_fell(now, before)
    if before.uses_custom or now.schema > before.schema or now.zero_threshold < before.zero_threshold:
        return True
    zero, threshold = before.zero_count, before.zero_threshold
    if now.zero_threshold != threshold:
        zero, threshold = zero_count_within(before, now.zero_threshold)
    if threshold != now.zero_threshold or now.zero_count < zero:
        return True
    by = before.schema - now.schema
    return any(
        _fell(
            outside(mine, now.schema, threshold),
            outside(Buckets(*coarser(old.index, old.counts, by)), now.schema, threshold),
        )
        for mine, old in ((now.positive, before.positive), (now.negative, before.negative))
    )


def _fell(now: Buckets, before: Buckets) -> bool:
    """Any bucket of before that is gone or lower."""
    if not len(before):
        return False
    if now.aligned(before):
        return bool((now.counts < before.counts).any())
    place = np.searchsorted(now.index, before.index)
    counts = np.append(now.counts, 0.0)
    there = np.append(now.index, np.iinfo(np.int64).max)[place] == before.index
    return bool(np.any(np.where(there, counts[place] < before.counts, before.counts != 0)))


def _custom_fell(now: FloatHistogram, before: FloatHistogram) -> bool:
    if now.custom == before.custom:
        return _fell(now.positive, before.positive)
    bounds = shared_bounds(now.custom, before.custom)
    mine = Buckets(*to_bounds(now.positive.index, now.positive.counts, now.custom, bounds))
    old = Buckets(*to_bounds(before.positive.index, before.positive.counts, before.custom, bounds))
    return _fell(mine, old)
