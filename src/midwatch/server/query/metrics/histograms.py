"""Native histograms of series, as the engine has them: objects, each with what is known of counter resets."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from midwatch.server.promql.errors import LimitError
from midwatch.server.promql.floats import STALE, Ints
from midwatch.server.promql.histogram import Buckets, FloatHistogram, Hint
from midwatch.server.promql.histogram.arithmetic import HistogramSum, IncompatibleSchemasError
from midwatch.server.promql.histogram.model import NO_BUCKETS
from midwatch.server.promql.histogram.resets import is_reset
from midwatch.server.query.metrics.chosen import Chosen
from midwatch.server.query.metrics.scope import Reader

HISTOGRAMS_MAX = 300_000
"""What one selector may read; each is an object of some kilobytes."""
_DAY_MS = 86_400_000
_BEFORE_MS = 3_600_000
_COLUMNS = """SeriesId, toUnixTimestamp64Milli(Timestamp) AS time, toUnixTimestamp64Milli(StartTimestamp) AS start,
    IsDelta, Count, Sum, reinterpretAsUInt64(Sum) = 0x7ff0000000000002 AS stale, Schema, ZeroThreshold, ZeroCount,
    PositiveSpans.Offset AS up_offsets, PositiveSpans.Length AS up_lengths, PositiveCounts,
    NegativeSpans.Offset AS down_offsets, NegativeSpans.Length AS down_lengths, NegativeCounts, CustomValues,
    toUInt8(ResetHint) AS hint"""


@dataclass(slots=True)
class Native:
    """One series' histograms, by time."""

    times_ms: list[int]
    start_times_ms: list[int]
    histograms: list[FloatHistogram]
    deltas: list[FloatHistogram | None]
    """What was counted since the one before, where a sample is a delta."""


async def histograms_of(reader: Reader, chosen: Chosen, start_ms: int, end_ms: int) -> dict[int, Native]:
    """Histograms by series id; deltas summed from the start of the UTC day before the range.

    Raises:
        LimitError: more than HISTOGRAMS_MAX.
    """
    rows = await _rows(reader, chosen, start_ms, end_ms)
    if any(row["IsDelta"] for row in rows):
        begin = (start_ms // _DAY_MS - 1) * _DAY_MS
        rows = await _rows(reader, chosen, begin, start_ms - 1) + rows
    elif rows:  # What the first of the range says of a reset, the one before it tells.
        rows = await _rows(reader, chosen, start_ms - _BEFORE_MS, start_ms - 1, last=True) + rows
    by_series: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        if row["SeriesId"] in chosen.series:
            by_series.setdefault(row["SeriesId"], []).append(row)
    found = {series_id: _native(series, start_ms) for series_id, series in by_series.items()}
    return {series_id: native for series_id, native in found.items() if native.times_ms}


async def _rows(
    reader: Reader, chosen: Chosen, start_ms: int, end_ms: int, *, last: bool = False
) -> list[dict[str, Any]]:
    where, params = chosen.where(start_ms, end_ms)
    time = "metric_histograms.Timestamp"
    order, by = (f"SeriesId, {time} DESC", "SeriesId") if last else (f"SeriesId, {time}", f"SeriesId, {time}")
    sql = f"""SELECT {_COLUMNS} FROM metric_histograms WHERE {where}
        ORDER BY {order} LIMIT 1 BY {by} LIMIT {HISTOGRAMS_MAX + 1}"""
    rows = await reader.rows(sql, params)
    if len(rows) > HISTOGRAMS_MAX:
        raise LimitError(f"query would read more than {HISTOGRAMS_MAX:,} native histograms: narrow it")
    return rows


def _native(rows: list[dict[str, Any]], start_ms: int) -> Native:
    found = _hinted(_readings(rows))
    inside = [place for place, row in enumerate(rows) if row["time"] >= start_ms]
    return Native(
        [rows[place]["time"] for place in inside],
        [rows[place]["start"] for place in inside],
        [found[place] for place in inside],
        [_step(rows[place]) for place in inside],
    )


def _step(row: dict[str, Any]) -> FloatHistogram | None:
    return histogram_of(row).with_hint(Hint.UNKNOWN) if row["IsDelta"] and not row["stale"] else None


def _readings(rows: list[dict[str, Any]]) -> list[FloatHistogram]:
    """Deltas as the sum of all up to there; of a layout that cannot be added the sum begins anew."""
    total: HistogramSum | None = None
    found = []
    for row in rows:
        one = histogram_of(row)
        if row["IsDelta"] and not row["stale"]:
            one = one.with_hint(Hint.UNKNOWN)
            try:
                if total is None:
                    total = HistogramSum(one)
                else:
                    total.add(one)
            except IncompatibleSchemasError:
                total = HistogramSum(one)
            one = total.result()
        found.append(one)
    return found


def histogram_of(row: dict[str, Any]) -> FloatHistogram:
    """A row of `metric_histograms`."""
    return FloatHistogram(
        row["Schema"],
        row["Count"],
        STALE if row["stale"] else row["Sum"],
        row["ZeroThreshold"],
        row["ZeroCount"],
        _buckets(row["up_offsets"], row["up_lengths"], row["PositiveCounts"]),
        _buckets(row["down_offsets"], row["down_lengths"], row["NegativeCounts"]),
        tuple(row["CustomValues"]),
        Hint(row["hint"]),
    )


def _buckets(offsets: list[int], lengths: list[int], counts: list[float]) -> Buckets:
    """Spans as remote write has them: the first offset is an index, each other one a gap."""
    if not counts:
        return NO_BUCKETS
    parts: list[Ints] = []
    place = 0
    for offset, length in zip(offsets, lengths, strict=True):
        place += offset
        parts.append(np.arange(place, place + length, dtype=np.int64))
        place += length
    return Buckets(np.concatenate(parts), np.array(counts, dtype=np.float64))


def _hinted(histograms: list[FloatHistogram]) -> list[FloatHistogram]:
    """With what Prometheus's own store would know: it sees each histogram after the one before."""
    found: list[FloatHistogram] = []
    before: FloatHistogram | None = None
    for one in histograms:
        now = one
        if now.hint is Hint.UNKNOWN and before is not None and before.hint is not Hint.GAUGE:
            now = replace(now, hint=_hint(now, before))
        found.append(now)
        before = now
    return found


def _hint(now: FloatHistogram, before: FloatHistogram) -> Hint:
    if math.isnan(before.sum) or math.isnan(now.sum):
        return Hint.UNKNOWN
    if now.schema != before.schema or now.zero_threshold != before.zero_threshold or now.custom != before.custom:
        return Hint.UNKNOWN
    return Hint.UNKNOWN if is_reset(now, before) else Hint.NOT_RESET
