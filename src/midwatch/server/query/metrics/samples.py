"""Float samples of many series as arrays: sorted by time, each time once."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from midwatch.server.promql.floats import Bools, Floats, Ints
from midwatch.server.query.metrics import columns
from midwatch.server.query.metrics.chosen import Chosen
from midwatch.server.query.metrics.columns import Arrays
from midwatch.server.query.metrics.deltas import older_sums, running
from midwatch.server.query.metrics.scope import Reader, held

_SAMPLE_BYTES = 16
_SERIES_BYTES = 256
"""About what a series costs in an answer besides its samples."""
_SHORT_MS = 2**32 - 1
"""Up to here a time fits 32 bits, counted from the start: a quarter less to carry."""


@dataclass(frozen=True, slots=True)
class Floated:
    """One series' float samples."""

    times_ms: Ints
    values: Floats
    start_times_ms: Ints | None = None
    deltas: Floats | None = None


async def floats_of(
    reader: Reader,
    chosen: Chosen,
    start_ms: int,
    end_ms: int,
    *,
    samples_max: int,
    starts: bool,
    readings: bool = True,
) -> dict[int, Floated]:
    """Samples by series id; deltas as the counter that they are steps of. `starts`: with when counters began.

    Without `readings` only the steps of such a counter count, and what came before the start is not read.
    """
    start_ms = held(start_ms)
    where, params = chosen.where(start_ms, end_ms)
    short = end_ms - start_ms <= _SHORT_MS
    time = "toUInt32(toUnixTimestamp64Milli(Timestamp) - {from_ms:Int64})" if short else "Timestamp"
    began = ", groupArray(StartTimestamp)" if starts else ""
    sql = f"""SELECT SeriesId, max(toUInt8(IsDelta)), groupArray({time}), groupArray(Value){began}
        FROM metric_samples WHERE {where} GROUP BY SeriesId FORMAT Native"""
    bytes_max = samples_max * (_SAMPLE_BYTES + 8 * starts) + len(chosen.series) * _SERIES_BYTES
    data = await reader.binary(sql, params, bytes_max=bytes_max)
    found: dict[int, Floated] = {}
    of_deltas = []
    for series_id, is_delta, times, values, *rest in _rows(data):
        if series_id not in chosen.series:
            continue
        if is_delta:
            of_deltas.append(series_id)
        whole = times.astype(np.int64) + start_ms if short else times
        found[series_id] = _ordered(whole, values, rest[0] if starts else None)
    if of_deltas:
        ids = tuple(of_deltas)
        found |= await _summed(reader, chosen, ids, start_ms, end_ms, bytes_max=3 * bytes_max, readings=readings)
    return found


def _rows(data: bytes) -> Iterator[list]:  # type: ignore[type-arg]  # an id, numbers and arrays
    """Row by row, a row being a series."""
    for block in columns.blocks(data):
        for place in range(len(block[0])):  # type: ignore[arg-type]
            yield [one.row(place) if isinstance(one, Arrays) else one[place] for one in block]


def _ordered(times: Ints, values: Floats, starts: Ints | None) -> Floated:
    if (times[1:] > times[:-1]).all():
        return Floated(times, values, starts)
    order, times = _unique(times)
    return Floated(times, values[order], None if starts is None else starts[order])


def _unique(times: Ints) -> tuple[Ints, Ints]:
    """The order by time, of equal times the one that was read last; and the times in it."""
    order = np.argsort(times, kind="stable")
    times = times[order]
    last: Bools = np.append(times[1:] != times[:-1], True)
    return order[last], times[last]


async def _summed(
    reader: Reader,
    chosen: Chosen,
    ids: tuple[int, ...],
    start_ms: int,
    end_ms: int,
    *,
    bytes_max: int,
    readings: bool,
) -> dict[int, Floated]:
    where, params = chosen.where(start_ms, end_ms, only=ids)
    sql = f"""SELECT SeriesId, groupArray(Timestamp), groupArray(Value), groupArray(StartTimestamp), groupArray(IsDelta)
        FROM metric_samples WHERE {where} GROUP BY SeriesId FORMAT Native"""
    data = await reader.binary(sql, params, bytes_max=bytes_max)
    rows = list(_rows(data))
    # Where a cumulative sample comes among deltas, whether it is a reset shows by the reading before it.
    needed = ids if readings else tuple(row[0] for row in rows if (np.isfinite(row[2]) & ~row[4]).any())
    before = await older_sums(reader, chosen, needed, start_ms) if needed else {}
    found = {}
    for series_id, times, values, starts, is_delta in rows:
        order, unique = _unique(times)
        base = before.get(series_id, 0.0)
        at, read, deltas = running(unique, values[order], starts[order], is_delta[order], base=base, start_ms=start_ms)
        found[series_id] = Floated(at, read, deltas=deltas)
    return found
