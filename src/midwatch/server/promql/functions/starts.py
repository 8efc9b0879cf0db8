"""Counter resets told by start timestamps."""

import numpy as np

from midwatch.server.promql.floats import Bools, Ints


def is_reset(start_before: Ints, time_before: Ints, start: Ints, time: Ints) -> Bools:
    """Whether a counter began anew between two samples, by when each says it began.

    A start at the sample before is a delta's, and so a reset, if that sample's own start is known and sane;
    0, a start after the sample and one at the sample itself say nothing.
    """
    said = (start != 0) & (start < time)
    touching = (start == time_before) & (start_before != 0) & (start_before < time_before)
    result: Bools = said & ((start > time_before) | touching)
    return result


def resets(starts: Ints, times: Ints) -> Bools:
    """For each sample whether a counter began anew since the one before; the first has none."""
    out = np.zeros(len(starts), dtype=bool)
    out[1:] = is_reset(starts[:-1], times[:-1], starts[1:], times[1:])
    return out


def overlaps(starts: Ints, times: Ints) -> Bools:
    """For each sample whether its start lies before the sample before it, and is not that one's start."""
    out = np.zeros(len(starts), dtype=bool)
    out[1:] = (starts[1:] != 0) & (starts[1:] < times[:-1]) & (starts[1:] != starts[:-1])
    return out


def pair_is_reset(start_before: int, time_before: int, start: int, time: int) -> bool:
    as_arrays = (np.array([one], dtype=np.int64) for one in (start_before, time_before, start, time))
    return bool(is_reset(*as_arrays)[0])
