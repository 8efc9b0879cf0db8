"""Series that rules make → bodies of remote write 1.0, as a Prometheus would send them."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from midwatch.server.promql.histogram import FloatHistogram
from midwatch.server.promql.histogram.model import Buckets
from midwatch.server.promql.labels import Labels
from midwatch.server.promql.syntax.text import clean
from midwatch.server.protocols.prometheus.messages import VERSION_1
from midwatch.server.rules.fresh import Written

SERIES_A_BODY = 20_000
_LABELS_KEPT = 200_000
"""Label sets whose encoding is remembered: a rule makes the same series every time."""


def bodies(samples: Iterable[Written]) -> list[tuple[bytes, int]]:
    """Bodies, each with the number of its samples."""
    found: list[tuple[bytes, int]] = []
    request, count = VERSION_1.request(), 0
    for one in samples:
        series = request.timeseries.add()
        series.MergeFromString(_encoded(one.labels))
        if isinstance(one.value, FloatHistogram):
            _add_histogram(series, one.at_ms, one.value)
        else:
            series.samples.add(value=one.value, timestamp=one.at_ms)
        count += 1
        if count == SERIES_A_BODY:
            found.append((request.SerializeToString(), count))
            request, count = VERSION_1.request(), 0
    if count:
        found.append((request.SerializeToString(), count))
    return found


@lru_cache(_LABELS_KEPT)
def _encoded(labels: Labels) -> bytes:
    series = VERSION_1.request().timeseries.add()
    for name, value in labels:
        series.labels.add(name=clean(name), value=clean(value))
    content: bytes = series.SerializeToString()
    return content


def _add_histogram(series: Any, at_ms: int, value: FloatHistogram) -> None:
    told = series.histograms.add(
        count_float=value.count,
        sum=value.sum,
        schema=value.schema,
        zero_threshold=value.zero_threshold,
        zero_count_float=value.zero_count,
        reset_hint=int(value.hint),
        timestamp=at_ms,
        custom_values=value.custom,
    )
    for side, spans, counts in (
        (value.positive, told.positive_spans, told.positive_counts),
        (value.negative, told.negative_spans, told.negative_counts),
    ):
        _add_buckets(side, spans, counts)


def _add_buckets(buckets: Buckets, spans: Any, counts: Any) -> None:
    """Buckets that stand side by side are a span; the offset of each is counted from the end of the one before."""
    after = None
    for index in buckets.index.tolist():
        if after is None or index != after:
            spans.add(offset=index if after is None else index - after, length=1)
        else:
            spans[-1].length += 1
        after = index + 1
    counts.extend(buckets.counts.tolist())
