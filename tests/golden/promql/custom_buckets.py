"""Classic histograms as native ones with custom buckets: what `load_with_nhcb` adds."""

import math

import numpy as np

from midwatch.server.promql.histogram import Buckets, FloatHistogram
from midwatch.server.promql.histogram.model import CUSTOM_SCHEMA
from midwatch.server.promql.labels import BUCKET, NAME, Labels, get, replaced
from midwatch.server.promql.memory import MemoryStore
from midwatch.server.promql.series_text import Value


def add_custom(store: MemoryStore, gap_ms: int, series: list[tuple[Labels, list[Value]]]) -> None:
    found: dict[tuple[Labels, int], dict[str, float | dict[float, float]]] = {}
    for labels, values in series:
        name = get(labels, NAME)
        suffix = next((one for one in ("_bucket", "_count", "_sum") if name.endswith(one)), None)
        if suffix is None:
            continue
        try:
            bound = float(get(labels, BUCKET)) if suffix == "_bucket" else 0.0
        except ValueError:
            continue
        if math.isnan(bound):
            continue
        base = replaced(labels, {NAME: name.removesuffix(suffix), BUCKET: ""})
        for place, one in enumerate(values):
            if not isinstance(one.value, float):
                continue
            parts = found.setdefault((base, place * gap_ms), {"_bucket": {}})
            if suffix == "_bucket":
                buckets = parts["_bucket"]
                assert isinstance(buckets, dict)
                buckets[bound] = one.value
            else:
                parts[suffix] = one.value
    for (labels, time_ms), parts in found.items():
        store.add(labels, time_ms, _histogram(parts))


def _histogram(parts: dict[str, float | dict[float, float]]) -> FloatHistogram:
    buckets, count, total = parts["_bucket"], parts.get("_count"), parts.get("_sum", 0.0)
    assert isinstance(buckets, dict)
    assert isinstance(total, float)
    bounds = sorted(buckets)
    if count is None:
        count = buckets[bounds[-1]]
    assert isinstance(count, float)
    if math.inf not in buckets:
        bounds.append(math.inf)
        buckets = {**buckets, math.inf: count}
    cumulative = np.array([buckets[bound] for bound in bounds])
    counts = np.diff(cumulative, prepend=0.0)
    mask = counts != 0
    index = np.arange(len(bounds), dtype=np.int64)
    return FloatHistogram(
        CUSTOM_SCHEMA, count, total, positive=Buckets(index[mask], counts[mask]), custom=tuple(bounds[:-1])
    )
