"""Float samples of many series as arrays: sorted by time, each time once."""

from dataclasses import dataclass

import numpy as np

from midwatch.server.promql.floats import Bools, Floats, Ints
from midwatch.server.query.metrics import columns
from midwatch.server.query.metrics.chosen import Chosen
from midwatch.server.query.metrics.deltas import older_sums, running
from midwatch.server.query.metrics.scope import Reader

SAMPLE_BYTES = 17
_ID_BYTES = 64
"""About what a series costs in an answer besides its samples."""


@dataclass(frozen=True, slots=True)
class Floated:
    """One series' float samples."""

    times_ms: Ints
    values: Floats
    start_times_ms: Ints | None = None


async def floats_of(
    reader: Reader, chosen: Chosen, start_ms: int, end_ms: int, *, samples_max: int, starts: bool
) -> dict[int, Floated]:
    """Samples by series id; deltas as the counter that they are steps of. `starts`: with when counters began."""
    where, params = chosen.where(start_ms, end_ms)
    began = ", groupArray(StartTimestamp)" if starts else ""
    sql = f"""SELECT SeriesId, groupUniqArray(IsDelta), groupArray(Timestamp), groupArray(Value){began}
        FROM metric_samples WHERE {where} GROUP BY SeriesId FORMAT RowBinary"""
    bytes_max = samples_max * (SAMPLE_BYTES + 8 * starts) + len(chosen.series) * _ID_BYTES
    data = await reader.binary(sql, params, bytes_max=bytes_max)
    found: dict[int, Floated] = {}
    of_deltas = []
    for series_id, (delta, times, values, *rest) in columns.rows(data, ("<u1", "<i8", "<f8", *(["<i8"] * starts))):
        if series_id not in chosen.series:
            continue
        if delta.any():
            of_deltas.append(series_id)
        found[series_id] = ordered(times, values, rest[0] if starts else None)
    if of_deltas:
        found |= await _summed(reader, chosen, tuple(of_deltas), start_ms, end_ms, bytes_max=3 * bytes_max)
    return found


def ordered(times: Ints, values: Floats, starts: Ints | None = None) -> Floated:
    """By time; of equal times the one that was read last."""
    rising = times[1:] > times[:-1]
    if not rising.all():
        order = np.argsort(times, kind="stable")
        times = times[order]
        last = np.append(times[1:] != times[:-1], True)
        order, times = order[last], times[last]
        values = values[order]
        starts = None if starts is None else starts[order]
    return Floated(times, values, starts)


async def _summed(
    reader: Reader, chosen: Chosen, ids: tuple[int, ...], start_ms: int, end_ms: int, *, bytes_max: int
) -> dict[int, Floated]:
    where, params = chosen.where(start_ms, end_ms, only=ids)
    sql = f"""SELECT SeriesId, groupArray(Timestamp), groupArray(Value), groupArray(StartTimestamp), groupArray(IsDelta)
        FROM metric_samples WHERE {where} GROUP BY SeriesId FORMAT RowBinary"""
    data = await reader.binary(sql, params, bytes_max=bytes_max)
    before = await older_sums(reader, chosen, ids, start_ms)
    found = {}
    for series_id, (times, values, starts, is_delta) in columns.rows(data, ("<i8", "<f8", "<i8", "?")):
        order, unique = _unique(times)
        counted = running(
            unique, values[order], starts[order], is_delta[order], base=before.get(series_id, 0.0), start_ms=start_ms
        )
        found[series_id] = Floated(counted[0], counted[1])
    return found


def _unique(times: Ints) -> tuple[Ints, Ints]:
    order = np.argsort(times, kind="stable")
    times = times[order]
    last: Bools = np.append(times[1:] != times[:-1], True)
    return order[last], times[last]
