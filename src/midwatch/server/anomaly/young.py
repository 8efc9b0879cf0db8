"""Series that have too little history for a band, and how long they still need."""

from dataclasses import dataclass

import numpy as np

from midwatch.server.anomaly.band import HOURS_MIN
from midwatch.server.anomaly.season import HOUR_MS, local_hours
from midwatch.server.model.band import BandWanted
from midwatch.server.promql.floats import Floats, Ints


@dataclass(frozen=True, slots=True)
class Young:
    """Since when a series is there, and of how many hours there is something; `ready_ms`: if it goes on coming."""

    since_ms: int
    hours: int
    ready_ms: int


def young(wanted: BandWanted, times_ms: Ints, values: Floats, enough: Ints, now_ms: int) -> dict[int, Young]:
    """By row of `values`, which are series × times; rows that are `enough`, and empty ones, are left out."""
    hours = np.floor(local_hours(times_ms, wanted.zone)).astype(np.int64)
    found = {}
    for row in np.setdiff1d(np.arange(len(values)), enough).tolist():
        there = np.isfinite(values[row])
        if not there.any():
            continue
        count = len(np.unique(hours[there]))
        ready = (now_ms // HOUR_MS + HOURS_MIN - count) * HOUR_MS
        found[row] = Young(int(times_ms[there][0]), count, ready)
    return found
