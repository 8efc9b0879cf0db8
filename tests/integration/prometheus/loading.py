"""Series put into the tables as the views do it, for tests of what is read."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from midwatch.server.promql.histogram import FloatHistogram
from midwatch.server.promql.labels import NAME, Labels
from midwatch.server.store.client import Store

_ID = "reinterpretAsUInt128(sipHash128(name, mapKeys(labels), mapValues(labels)))"
_SERIES = f"""INSERT INTO metric_series (Project, Day, MetricName, SeriesId, Labels, KeyId, FirstTime, LastTime)
SELECT project, arrayJoin(arrayDistinct(arrayMap(t -> toYYYYMMDD(fromUnixTimestamp64Milli(t, 'UTC')), times))), name,
    {_ID}, labels, 'k', fromUnixTimestamp64Milli(arrayMin(times), 'UTC'),
    fromUnixTimestamp64Milli(arrayMax(times), 'UTC')
FROM input('project UInt32, name String, labels Map(String, String), times Array(Int64)') FORMAT JSONEachRow"""
_SAMPLES = f"""INSERT INTO metric_samples
SELECT project, name, {_ID}, fromUnixTimestamp64Milli(s.1, 'UTC'), fromUnixTimestamp64Milli(s.3, 'UTC'), delta,
    reinterpretAsFloat64(s.2)
FROM (SELECT project, name, labels, delta, arrayJoin(arrayZip(times, bits, starts)) AS s
    FROM input('project UInt32, name String, labels Map(String, String), delta Bool, times Array(Int64),
        bits Array(UInt64), starts Array(Int64)')) FORMAT JSONEachRow"""
_HISTOGRAMS = f"""INSERT INTO metric_histograms
SELECT project, name, {_ID}, fromUnixTimestamp64Milli(time, 'UTC'), fromUnixTimestamp64Milli(start, 'UTC'), delta,
    count, reinterpretAsFloat64(sum), schema, threshold, zero, up_offsets, up_lengths, up, down_offsets, down_lengths,
    down, custom, hint
FROM input('project UInt32, name String, labels Map(String, String), time Int64, start Int64, delta Bool,
    count Float64, sum UInt64, schema Int8, threshold Float64, zero Float64,
    up_offsets Array(Int32), up_lengths Array(UInt32), up Array(Float64),
    down_offsets Array(Int32), down_lengths Array(UInt32), down Array(Float64),
    custom Array(Float64), hint Int8') FORMAT JSONEachRow"""


@dataclass
class Loaded:
    """One series: floats and histograms by time in milliseconds, each with when its counter began."""

    labels: Labels
    floats: Sequence[tuple[int, float]] = ()
    histograms: Sequence[tuple[int, FloatHistogram]] = ()
    starts: Mapping[int, int] = field(default_factory=dict)
    delta: bool = False


async def load(store: Store, folder: Path, series: Iterable[Loaded], *, project: int = 1) -> None:
    """All of the series, in one INSERT a table."""
    known, samples, natives = [], [], []
    for one in series:
        labels = dict(one.labels)
        head = {"project": project, "name": labels.pop(NAME, ""), "labels": labels}
        times = [time for time, _ in one.floats]
        known.append({**head, "times": times + [time for time, _ in one.histograms]})
        if times:
            bits = np.array([value for _, value in one.floats], dtype=np.float64).view(np.uint64)
            starts = [one.starts.get(time, 0) for time in times]
            samples.append({**head, "delta": one.delta, "times": times, "bits": bits.tolist(), "starts": starts})
        natives += [
            {**head, "delta": one.delta, "time": time, "start": one.starts.get(time, 0), **_columns(histogram)}
            for time, histogram in one.histograms
        ]
    for sql, rows in ((_SERIES, known), (_SAMPLES, samples), (_HISTOGRAMS, natives)):
        if rows:
            await _insert(store, folder, sql, rows)


async def _insert(store: Store, folder: Path, sql: str, rows: list[dict[str, Any]]) -> None:
    path = folder / f"{uuid.uuid4().hex}.json"
    path.write_bytes(b"\n".join(orjson.dumps(row) for row in rows))
    settings = {"max_partitions_per_insert_block": 0, "throw_on_max_partitions_per_insert_block": 0}
    try:
        await store.insert_file(sql, path, {}, settings, uuid.uuid4().hex)
    finally:
        path.unlink()


def _columns(one: FloatHistogram) -> dict[str, Any]:
    up_offsets, up_lengths = _spans(one.positive.index.tolist())
    down_offsets, down_lengths = _spans(one.negative.index.tolist())
    return {
        "count": one.count,
        "sum": int(np.array([one.sum]).view(np.uint64)[0]),
        "schema": one.schema,
        "threshold": one.zero_threshold,
        "zero": one.zero_count,
        "up_offsets": up_offsets,
        "up_lengths": up_lengths,
        "up": one.positive.counts.tolist(),
        "down_offsets": down_offsets,
        "down_lengths": down_lengths,
        "down": one.negative.counts.tolist(),
        "custom": list(one.custom),
        "hint": int(one.hint),
    }


def _spans(index: list[int]) -> tuple[list[int], list[int]]:
    offsets: list[int] = []
    lengths: list[int] = []
    after = 0
    for place in index:
        if not offsets or place != after:
            offsets.append(place - after)
            lengths.append(0)
        lengths[-1] += 1
        after = place + 1
    return offsets, lengths
