"""Points of metrics, summed up by series: Sentry's SDKs send each of them by itself.

A sample of the store is told by its series and millisecond, so what many browsers count at once has to be one point.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric

from midwatch.server.protocols.dogstatsd.buckets import Buckets
from midwatch.server.protocols.dogstatsd.otlp import exponential_histogram
from midwatch.server.protocols.sentry.attributes import pairs
from midwatch.server.protocols.sentry.sent import Origin

Kind = Literal["counter", "gauge", "distribution"]
WINDOW_NS = 10_000_000_000
"""Points of a series in one of these are one; each has the time of its last."""
_DELTA = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Point:
    start_ns: int
    time_ns: int
    value: float = 0.0
    buckets: Buckets | None = None
    seen: tuple[bytes, bytes, float] | None = None
    """Trace, span and value of one of its happenings."""


class Sums:
    def __init__(self) -> None:
        self._points: dict[tuple[Origin, str, Kind, str, Labels, int], _Point] = {}

    def __len__(self) -> int:
        return len(self._points)

    def add(
        self,
        origin: Origin,
        name: str,
        kind: Kind,
        value: float,
        at_ns: int,
        *,
        unit: str = "",
        labels: Iterable[tuple[str, str]] = (),
        trace: tuple[bytes, bytes] = (b"", b""),
    ) -> None:
        """`trace`: ids of the trace and span that it was counted in."""
        key = (origin, name, kind, unit, tuple(sorted(labels)), at_ns // WINDOW_NS)
        point = self._points.get(key)
        if point is None:
            point = self._points[key] = _Point(at_ns, at_ns)
        if kind == "counter":
            point.value += value
        elif kind == "gauge" and at_ns >= point.time_ns:
            point.value = value
        elif kind == "distribution":
            point.buckets = point.buckets or Buckets()
            point.buckets.add(value, 1.0)
        point.start_ns, point.time_ns = min(point.start_ns, at_ns), max(point.time_ns, at_ns)
        if trace[0] and point.seen is None:
            point.seen = (*trace, value)

    def request(self) -> ExportMetricsServiceRequest:
        request = ExportMetricsServiceRequest()
        scopes: dict[Origin, Any] = {}
        metrics: dict[tuple[Origin, str, Kind, str], Metric] = {}
        for (origin, name, kind, unit, labels, _), point in self._points.items():
            scope = scopes.get(origin)
            if scope is None:
                resource = request.resource_metrics.add()
                resource.resource.attributes.extend(pairs(origin.resource().items()))
                # Without a name of the scope, which would be a label of every series.
                scope = scopes[origin] = resource.scope_metrics.add()
            metric = metrics.get((origin, name, kind, unit))
            if metric is None:
                metric = metrics[origin, name, kind, unit] = scope.metrics.add(name=name, unit=unit)
            _put(metric, kind, labels, point)
        return request


def _put(metric: Metric, kind: Kind, labels: Labels, point: _Point) -> None:
    # A delta of no length would be no delta.
    start_ns = min(point.start_ns, point.time_ns - 1_000_000)
    if point.buckets is not None:
        metric.exponential_histogram.aggregation_temporality = _DELTA
        point.buckets.fold()
        metric.exponential_histogram.data_points.append(exponential_histogram(point.buckets))
        found: Any = metric.exponential_histogram.data_points[-1]
        found.start_time_unix_nano = start_ns
    elif kind == "counter":
        metric.sum.aggregation_temporality = _DELTA
        metric.sum.is_monotonic = True
        found = metric.sum.data_points.add(start_time_unix_nano=start_ns, as_double=point.value)
    else:
        found = metric.gauge.data_points.add(as_double=point.value)
    found.time_unix_nano = point.time_ns
    found.attributes.extend(pairs(labels))
    if point.seen is not None and kind != "gauge":
        trace_id, span_id, value = point.seen
        found.exemplars.add(time_unix_nano=point.time_ns, trace_id=trace_id, span_id=span_id, as_double=value)
