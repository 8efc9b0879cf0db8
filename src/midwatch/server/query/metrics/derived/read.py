"""Rows of `statement.counting` as series."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from midwatch.server.promql.floats import Floats, Ints
from midwatch.server.promql.labels import BUCKET, NAME, make
from midwatch.server.promql.matchers import Matcher
from midwatch.server.query.metrics.catalogue import lines
from midwatch.server.query.metrics.derived.catalogue import Wanted
from midwatch.server.query.metrics.derived.cells import Counted
from midwatch.server.query.metrics.derived.metric import OVERFLOW, Part

_Key = tuple[str, ...]


@dataclass(slots=True)
class _Sums:
    """Of one label set and bucket."""

    cells: Ints
    counts: Floats
    today: Floats
    before_ms: int | None


def read(data: bytes, wanted: Wanted, matchers: Sequence[Matcher]) -> tuple[list[Counted], int]:
    """Series, and how many label sets were beyond the metric's limit."""
    sets: dict[_Key, dict[int, _Sums]] = {}
    count = len(wanted.metric.labels)
    for row in lines(data):
        key = tuple(str(row[f"l{place}"]) for place in range(count))
        sets.setdefault(key, {})[int(row.get("bucket", 0))] = _sums(row)
    over = max(0, len(sets) - wanted.metric.series_max)
    if over:
        sets = _bounded(sets, wanted.metric.series_max)
    les = [one for one in matchers if one.name == BUCKET]
    found: list[Counted] = []
    for key, buckets in sets.items():
        named = [(label, text) for (label, _), text in zip(wanted.metric.labels, key, strict=False)]
        labels = {NAME: wanted.name, **dict(named)} if key else {NAME: wanted.name, OVERFLOW: "true"}
        if wanted.part is not Part.BUCKET:
            one = buckets[0]
            found.append(Counted(make(labels), one.cells, one.counts, one.today, one.before_ms))
            continue
        for le, one in zip(wanted.metric.les, _cumulative(buckets, len(wanted.metric.les)), strict=True):
            if all(matcher.matches(le) for matcher in les):
                series = make({**labels, BUCKET: le})
                found.append(Counted(series, one.cells, one.counts, one.today, one.before_ms))
    return found, over


def _sums(row: dict[str, Any]) -> _Sums:
    cells = np.array(row["cells"], dtype=np.float64).astype(np.int64)
    order = np.argsort(cells)
    before = row["before"]
    return _Sums(
        cells[order],
        np.array(row["counts"], dtype=np.float64)[order],
        np.array(row["today"], dtype=np.float64)[order],
        None if before is None else int(before),
    )


def _bounded(sets: dict[_Key, dict[int, _Sums]], series_max: int) -> dict[_Key, dict[int, _Sums]]:
    """The largest label sets, and all others as one under the empty key."""

    def size(key: _Key) -> tuple[float, _Key]:
        return -sum(float(one.counts.sum()) for one in sets[key].values()), key

    order = sorted(sets, key=size)
    kept = {key: sets[key] for key in order[:series_max]}
    others: dict[int, list[_Sums]] = {}
    for key in order[series_max:]:
        for bucket, one in sets[key].items():
            others.setdefault(bucket, []).append(one)
    kept[()] = {bucket: _joined(all_of) for bucket, all_of in others.items()}
    return kept


def _joined(parts: Sequence[_Sums]) -> _Sums:
    cells, places = np.unique(np.concatenate([one.cells for one in parts]), return_inverse=True)
    counts, today = np.zeros(len(cells)), np.zeros(len(cells))
    np.add.at(counts, places, np.concatenate([one.counts for one in parts]))
    np.add.at(today, places, np.concatenate([one.today for one in parts]))
    told = [one.before_ms for one in parts if one.before_ms is not None]
    return _Sums(cells, counts, today, max(told, default=None))


def _cumulative(buckets: dict[int, _Sums], count: int) -> Iterable[_Sums]:
    """Each bucket with all below it. All of them are there as soon as one is."""
    whole = _joined(list(buckets.values()))
    counts, today = np.zeros(len(whole.cells)), np.zeros(len(whole.cells))
    for bucket in range(count):
        if (one := buckets.get(bucket)) is not None:
            places = np.searchsorted(whole.cells, one.cells)
            counts, today = counts.copy(), today.copy()
            counts[places] += one.counts
            today[places] += one.today
        yield _Sums(whole.cells, counts, today, whole.before_ms)
