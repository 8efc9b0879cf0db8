"""Metrics: opentelemetry-proto `metrics/v1/metrics.proto`, from what `prometheus_client` collects."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client.core import Exemplar, Metric, Sample

from midwatch.sdk.metric_names import Given
from midwatch.sdk.wire.attributes import key_value
from midwatch.sdk.wire.protobuf import FIXED64, LENGTH, VARINT, delimited, double, fixed64, tag, text, varint
from midwatch.sdk.wire.resource import in_scope

_SCOPE_METRICS, _METRIC = tag(2, LENGTH), tag(2, LENGTH)
_NAME, _DESCRIPTION, _UNIT = tag(1, LENGTH), tag(2, LENGTH), tag(3, LENGTH)
_GAUGE, _SUM, _HISTOGRAM = tag(5, LENGTH), tag(7, LENGTH), tag(9, LENGTH)
_POINT, _TEMPORALITY, _MONOTONIC = tag(1, LENGTH), tag(2, VARINT), tag(3, VARINT)
_CUMULATIVE = _TEMPORALITY + b"\x02"
_START, _TIME = tag(2, FIXED64), tag(3, FIXED64)
_NUMBER_ATTRIBUTE, _AS_DOUBLE = tag(7, LENGTH), tag(4, FIXED64)
_ATTRIBUTE, _COUNT, _SUM_OF = tag(9, LENGTH), tag(4, FIXED64), tag(5, FIXED64)
_BUCKET_COUNTS, _BOUNDS, _EXEMPLAR = tag(6, LENGTH), tag(7, LENGTH), tag(8, LENGTH)
_EXEMPLAR_TIME, _EXEMPLAR_VALUE, _SPAN_ID, _TRACE_ID = tag(2, FIXED64), tag(3, FIXED64), tag(4, LENGTH), tag(5, LENGTH)

Labels = tuple[tuple[str, str], ...]
CleanLabel = Callable[[str, str], str]
"""What may be told of the value of a label."""


def _as_it_is(_: str, value: str) -> str:
    return value


class MetricEncoder:
    """What was collected as the body of an `ExportMetricsServiceRequest`, cumulative since `start_unix_nano`.

    `given` has what metrics are sent as, where that is not what they are scraped as.
    """

    def __init__(self, start_unix_nano: int, given: Mapping[str, Given], clean: CleanLabel = _as_it_is) -> None:
        self._clean = clean
        self._given = given
        self._since = 0.0
        """Exemplars are sent once: those before have been."""
        self._start = _START + fixed64(start_unix_nano)
        self._known: dict[tuple[bytes, Labels], bytes] = {}

    def resource_metrics(self, resource: bytes, families: Iterable[Metric], time_unix_nano: int) -> bytes:
        """One `ResourceMetrics`; `resource` is its first field, encoded."""
        times = self._start + _TIME + fixed64(time_unix_nano)
        metrics = [delimited(_METRIC, body) for family in families for body in self._metric(family, times)]
        self._since = time_unix_nano / 1e9
        return resource + delimited(_SCOPE_METRICS, in_scope(None) + b"".join(metrics))

    def _metric(self, family: Metric, times: bytes) -> Iterable[bytes]:
        """The families of counters are named without `_total`; the series are, and so are we."""
        given = self._given.get(family.name)
        names = given.labels if given else {}
        about = delimited(_DESCRIPTION, text(family.documentation))
        about += delimited(_UNIT, text(given.unit if given else family.unit))
        if family.type == "histogram":
            points = b"".join(delimited(_POINT, one) for one in self._histogram_points(family, times, names))
            if points:
                yield _name(given.name if given else family.name) + about + delimited(_HISTOGRAM, points + _CUMULATIVE)
            return
        by_name: dict[str, list[bytes]] = {}
        created = "" if family.type == "gauge" else f"{family.name}_created"
        for sample in family.samples:
            if sample.name != created:
                value = _AS_DOUBLE + double(sample.value)
                point = times + value + self._attributes(_NUMBER_ATTRIBUTE, _labels(sample.labels, names))
                by_name.setdefault(sample.name, []).append(delimited(_POINT, point))
        for name, written in by_name.items():
            data = b"".join(written)
            if family.type == "counter":
                kind = delimited(_SUM, data + _CUMULATIVE + _MONOTONIC + b"\x01")
            else:
                kind = delimited(_GAUGE, data)
            yield _name(given.name if given else name) + about + kind

    def _histogram_points(self, family: Metric, times: bytes, names: Mapping[str, str]) -> Iterable[bytes]:
        series: dict[Labels, list[Sample]] = {}
        for sample in family.samples:
            series.setdefault(_labels(sample.labels, names, without="le"), []).append(sample)
        for labels, samples in series.items():
            bounds, counts, below = [], [], 0.0
            exemplars = b"".join(
                _exemplar(one)
                for sample in samples
                if (one := sample.exemplar) and float(one.timestamp or 0) >= self._since
            )
            total, sum_of = 0.0, 0.0
            for sample in samples:
                if sample.name.endswith("_bucket"):
                    bound = float(sample.labels["le"])
                    if bound != float("inf"):
                        bounds.append(bound)
                    counts.append(int(sample.value - below))
                    below = sample.value
                elif sample.name.endswith("_count"):
                    total = sample.value
                elif sample.name.endswith("_sum"):
                    sum_of = sample.value
            yield b"".join(
                (
                    times,
                    _COUNT + fixed64(int(total)),
                    _SUM_OF + double(sum_of),
                    _BUCKET_COUNTS + varint(8 * len(counts)) + b"".join(map(fixed64, counts)),
                    _BOUNDS + varint(8 * len(bounds)) + b"".join(map(double, bounds)),
                    self._attributes(_ATTRIBUTE, labels),
                    exemplars,
                )
            )

    def _attributes(self, prefix: bytes, labels: Labels) -> bytes:
        found = self._known.get((prefix, labels))
        if found is None:
            found = b"".join(delimited(prefix, key_value(key, self._clean(key, value))) for key, value in labels)
            self._known[prefix, labels] = found
        return found


def _name(name: str) -> bytes:
    return delimited(_NAME, text(name))


def _exemplar(exemplar: Exemplar) -> bytes:
    """Ours have both ids; others' labels are not sent."""
    trace_id, span_id = exemplar.labels.get("trace_id", ""), exemplar.labels.get("span_id", "")
    try:
        ids = delimited(_SPAN_ID, bytes.fromhex(span_id)) + delimited(_TRACE_ID, bytes.fromhex(trace_id))
    except ValueError:
        ids = b""
    seen = _EXEMPLAR_TIME + fixed64(int(float(exemplar.timestamp or 0) * 1e9))
    return delimited(_EXEMPLAR, seen + _EXEMPLAR_VALUE + double(exemplar.value) + ids)


def _labels(labels: Mapping[str, Any], names: Mapping[str, str], without: str = "") -> Labels:
    """A label without a value is none, as in Prometheus: the series is the same by either way."""
    return tuple((names.get(key, key), value) for key, value in labels.items() if value and key != without)
