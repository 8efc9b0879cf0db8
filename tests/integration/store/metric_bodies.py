"""Metrics as OpenTelemetry's senders make them."""

from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Exemplar, Metric

from tests.integration.store.bodies import put

AT_NS = 1_800_000_000_123_000_000
START_NS = 1_799_999_990_000_000_000
DELTA, CUMULATIVE = 1, 2
RESOURCE = {"service.name": "api"}


def metrics(
    *found: Metric, resource: dict[str, Any] | None = None, scope: dict[str, Any] | None = None, schema_url: str = ""
) -> bytes:
    """One resource, one scope (`name`, `version`, `attributes`)."""
    body = ExportMetricsServiceRequest()
    of_resource = body.resource_metrics.add()
    put(of_resource.resource.attributes, RESOURCE if resource is None else resource)
    of_scope = of_resource.scope_metrics.add(schema_url=schema_url)
    told = dict(scope or {})
    put(of_scope.scope.attributes, told.pop("attributes", {}))
    for name, value in told.items():
        setattr(of_scope.scope, name, value)
    of_scope.metrics.extend(found)
    return body.SerializeToString()


def numbers(
    name: str,
    points: Iterable[tuple[float, dict[str, Any]]],
    *,
    monotonic: bool | None = None,
    temporality: int = CUMULATIVE,
    exemplars: Iterable[Exemplar] = (),
    **fields: Any,
) -> Metric:
    """A gauge, or a sum where `monotonic` is told; `fields` of a metric (`unit`, `description`) or of its points."""
    of_metric = {key: fields.pop(key) for key in ("unit", "description") if key in fields}
    metric = Metric(name=name, **of_metric)
    data = metric.gauge
    if monotonic is not None:
        data = metric.sum
        data.is_monotonic, data.aggregation_temporality = monotonic, temporality
    for value, attributes in points:
        times = {"time_unix_nano": AT_NS, "start_time_unix_nano": START_NS, **fields}
        point = data.data_points.add(as_double=value, **times)
        point.exemplars.extend(exemplars)
        put(point.attributes, attributes)
    return metric


def histogram(
    name: str,
    counts: list[int],
    bounds: list[float],
    *,
    temporality: int = CUMULATIVE,
    unit: str = "",
    attributes: dict[str, Any] | None = None,
    **fields: Any,
) -> Metric:
    metric = Metric(name=name, unit=unit)
    metric.histogram.aggregation_temporality = temporality
    told = {"count": sum(counts), "sum": 7.5, "time_unix_nano": AT_NS, "start_time_unix_nano": START_NS, **fields}
    told = {key: value for key, value in told.items() if value is not None}
    point = metric.histogram.data_points.add(bucket_counts=counts, explicit_bounds=bounds, **told)
    put(point.attributes, attributes or {})
    return metric


def exponential(
    name: str,
    scale: int,
    positive: tuple[int, list[int]] = (0, []),
    negative: tuple[int, list[int]] = (0, []),
    *,
    temporality: int = CUMULATIVE,
    **fields: Any,
) -> Metric:
    """`positive` and `negative` are offset and counts."""
    metric = Metric(name=name)
    metric.exponential_histogram.aggregation_temporality = temporality
    zero = fields.get("zero_count", 0)
    told = {"count": sum(positive[1]) + sum(negative[1]) + zero, "sum": 7.5, "time_unix_nano": AT_NS, **fields}
    point = metric.exponential_histogram.data_points.add(scale=scale, start_time_unix_nano=START_NS, **told)
    for side, (offset, counts) in ((point.positive, positive), (point.negative, negative)):
        side.offset = offset
        side.bucket_counts.extend(counts)
    return metric


def summary(name: str, quantiles: dict[float, float]) -> Metric:
    metric = Metric(name=name)
    point = metric.summary.data_points.add(count=4, sum=7.5, time_unix_nano=AT_NS, start_time_unix_nano=START_NS)
    for quantile, value in quantiles.items():
        point.quantile_values.add(quantile=quantile, value=value)
    return metric


def exemplar(value: float, **fields: Any) -> Exemplar:
    attributes = fields.pop("attributes", {})
    made = Exemplar(as_double=value, **{"time_unix_nano": AT_NS, "trace_id": b"t" * 16, "span_id": b"s" * 8, **fields})
    put(made.filtered_attributes, attributes)
    return made
