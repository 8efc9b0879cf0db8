"""How much of its history a series lacks for a band."""

import numpy as np

from midwatch.server.anomaly.young import Young, young
from midwatch.server.model.band import BandWanted

HOUR_MS = 3_600_000
NOW_MS = 1_000 * HOUR_MS + 1_800_000


def test_hours_with_samples_count() -> None:
    """From the first sample on; a gap takes as long as it is, and the hour that has begun counts already."""
    times = np.arange(NOW_MS - 48 * HOUR_MS, NOW_MS + 1, HOUR_MS // 6, dtype=np.int64)
    values = np.full((4, len(times)), np.nan)
    values[0] = 1.0
    first = NOW_MS - 5 * HOUR_MS
    values[1, times >= first] = 1.0
    values[2, (times >= first) & ((times < first + HOUR_MS) | (times >= NOW_MS - HOUR_MS))] = 1.0
    found = young(BandWanted("queue", 3.0, 48 * HOUR_MS), times, values, np.array([0]), NOW_MS)
    assert found == {
        1: Young(first, 6, (1_000 + 18) * HOUR_MS),
        2: Young(first, 4, (1_000 + 20) * HOUR_MS),
    }
