"""What an interval gathered → OTLP: sums of delta temporality, gauges, exponential histograms, log records.

The tags of Datadog's unified service tagging describe the sender and become its resource; all others are attributes.
The instance is who aggregated, as it is the host of an agent.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, SeverityNumber
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, ExponentialHistogramDataPoint, Metric
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from midwatch.server.protocols.dogstatsd.aggregate import Point
from midwatch.server.protocols.dogstatsd.buckets import Buckets, whole_counts
from midwatch.server.protocols.dogstatsd.lines import Event, Kind, ServiceCheck, Tags

T = TypeVar("T")

SCOPE = "dogstatsd"
ITEMS_MAX = 5000
"""Of one body."""
EVENT_NAME = "dogstatsd.event"
CHECK_NAME = "dogstatsd.service_check"
CHECK_METRIC = "dogstatsd.service_check.status"
RESOURCE_TAGS = {
    "service": "service.name",
    "env": "deployment.environment.name",
    "version": "service.version",
}
_DESCRIPTIONS = {
    Kind.COUNT: "",
    Kind.GAUGE: "",
    Kind.SET: "Distinct values of each interval",
    Kind.TIMER: "Milliseconds",
    Kind.HISTOGRAM: "",
    Kind.DISTRIBUTION: "",
}
_DELTA = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
_STATUSES = ("ok", "warning", "critical", "unknown")
_CHECK_LEVELS = (
    SeverityNumber.SEVERITY_NUMBER_INFO,
    SeverityNumber.SEVERITY_NUMBER_WARN,
    SeverityNumber.SEVERITY_NUMBER_ERROR,
    SeverityNumber.SEVERITY_NUMBER_WARN,
)
_ALERT_LEVELS = {
    "info": SeverityNumber.SEVERITY_NUMBER_INFO,
    "success": SeverityNumber.SEVERITY_NUMBER_INFO,
    "warning": SeverityNumber.SEVERITY_NUMBER_WARN,
    "error": SeverityNumber.SEVERITY_NUMBER_ERROR,
}


def with_checks(points: list[Point], events: Iterable[Event | ServiceCheck], now_ns: int) -> list[Point]:
    """The newest status of each check as a gauge, so that rules can be written on it."""
    statuses: dict[Tags, Point] = {}
    for event in events:
        if isinstance(event, ServiceCheck):
            host = (("host", event.host),) if event.host else ()
            tags = tuple(sorted({**dict(event.tags), **dict(host), "check": event.name}.items()))
            time_ns = _time_ns(event.time_seconds, now_ns)
            statuses[tags] = Point(CHECK_METRIC, Kind.GAUGE, tags, float(event.status), time_ns, time_ns)
    return [*points, *statuses.values()]


def metric_bodies(points: list[Point], instance: str) -> Iterator[tuple[bytes, int]]:
    """`ExportMetricsServiceRequest`s, each with the number of its points."""
    for part in _parts(points):
        request = ExportMetricsServiceRequest()
        metrics: dict[tuple[Tags, str, Kind], Metric] = {}
        scopes: dict[Tags, Any] = {}
        for point in part:
            sender, attributes = _split(point.tags)
            key = (sender, point.name, point.kind)
            metric = metrics.get(key)
            if metric is None:
                scope = scopes.get(sender)
                if scope is None:
                    resource = request.resource_metrics.add(resource=_resource(sender, instance))
                    # Without a name of the scope, which would be a label of every series.
                    scope = scopes[sender] = resource.scope_metrics.add()
                metric = metrics[key] = scope.metrics.add(name=point.name, description=_DESCRIPTIONS[point.kind])
            _add(metric, point, attributes)
        yield request.SerializeToString(), len(part)


def log_bodies(events: list[Event | ServiceCheck], now_ns: int, instance: str) -> Iterator[tuple[bytes, int]]:
    """`ExportLogsServiceRequest`s, each with the number of its records."""
    for part in _parts(events):
        request = ExportLogsServiceRequest()
        scopes: dict[Tags, Any] = {}
        for event in part:
            sender, attributes = _split(event.tags)
            scope = scopes.get(sender)
            if scope is None:
                scope = request.resource_logs.add(resource=_resource(sender, instance)).scope_logs.add()
                scope.scope.name = SCOPE
                scopes[sender] = scope
            record = _record(event) if isinstance(event, Event) else _check_record(event)
            record.time_unix_nano = _time_ns(event.time_seconds, now_ns)
            record.observed_time_unix_nano = now_ns
            record.attributes.extend(_pairs(attributes))
            scope.log_records.append(record)
        yield request.SerializeToString(), len(part)


def _add(metric: Metric, point: Point, attributes: Tags) -> None:
    pairs = _pairs(attributes)
    if isinstance(point.value, Buckets):
        metric.exponential_histogram.aggregation_temporality = _DELTA
        histogram = exponential_histogram(point.value)
        histogram.start_time_unix_nano, histogram.time_unix_nano = point.start_ns, point.time_ns
        histogram.attributes.extend(pairs)
        metric.exponential_histogram.data_points.append(histogram)
        return
    if point.kind is Kind.COUNT:
        # Counts count up by what is sent; a negative one is taken back from the sum and is no other kind of metric.
        metric.sum.aggregation_temporality = _DELTA
        metric.sum.is_monotonic = True
        number = metric.sum.data_points.add(start_time_unix_nano=point.start_ns)
    else:
        number = metric.gauge.data_points.add()
    number.time_unix_nano = point.time_ns
    number.as_double = point.value
    number.attributes.extend(pairs)


def exponential_histogram(buckets: Buckets) -> ExponentialHistogramDataPoint:
    """The counts of all parts are rounded together, so that they sum up to the count."""
    positive, negative = sorted(buckets.positive), sorted(buckets.negative)
    weights = [buckets.zeros]
    weights += [buckets.negative[index] for index in negative] + [buckets.positive[index] for index in positive]
    zeros, *counts = whole_counts(weights)
    point = ExponentialHistogramDataPoint(
        count=zeros + sum(counts),
        sum=buckets.total,
        scale=buckets.scale,
        zero_count=zeros,
        min=buckets.least,
        max=buckets.greatest,
    )
    for part, indexes, found in (
        (point.negative, negative, counts[: len(negative)]),
        (point.positive, positive, counts[len(negative) :]),
    ):
        if indexes:
            dense = [0] * (indexes[-1] - indexes[0] + 1)
            for index, count in zip(indexes, found, strict=True):
                dense[index - indexes[0]] = count
            part.offset = indexes[0]
            part.bucket_counts.extend(dense)
    return point


def _record(event: Event) -> LogRecord:
    level = _ALERT_LEVELS[event.alert_type]
    record = LogRecord(event_name=EVENT_NAME, severity_number=level, severity_text=event.alert_type)
    record.body.string_value = f"{event.title}\n{event.text}" if event.text else event.title
    record.attributes.extend(_pairs((("event.title", event.title), ("alert_type", event.alert_type), *event.fields)))
    return record


def _check_record(check: ServiceCheck) -> LogRecord:
    status = _STATUSES[check.status]
    record = LogRecord(event_name=CHECK_NAME, severity_number=_CHECK_LEVELS[check.status], severity_text=status)
    record.body.string_value = f"{check.name} is {status}" + (f": {check.message}" if check.message else "")
    host = (("host.name", check.host),) if check.host else ()
    record.attributes.extend(_pairs((("check.name", check.name), ("check.status", status), *host)))
    return record


def _split(tags: Tags) -> tuple[Tags, Tags]:
    """What describes the sender, by attribute of its resource, and the rest.

    The service's name and version stay with the item too, where queries written for Datadog look for them.
    """
    sender = tuple((RESOURCE_TAGS[key], value) for key, value in tags if key in RESOURCE_TAGS)
    return (sender, tuple(tag for tag in tags if tag[0] != "env")) if sender else (sender, tags)


def _resource(sender: Tags, instance: str) -> Resource:
    resource = Resource()
    resource.attributes.extend(_pairs((*sender, ("service.instance.id", instance))))
    return resource


def _pairs(tags: Tags) -> list[KeyValue]:
    pairs = []
    for key, value in tags:
        pair = KeyValue(key=key)
        pair.value.string_value = value
        pairs.append(pair)
    return pairs


def _time_ns(seconds: int | None, now_ns: int) -> int:
    return now_ns if seconds is None else seconds * 10**9


def _parts(items: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(items), ITEMS_MAX):
        yield items[start : start + ITEMS_MAX]
