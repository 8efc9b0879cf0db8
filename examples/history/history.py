"""What a system's `history.py` writes with: series over the whole time, and single lines, traces, errors and events."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AGGREGATION_TEMPORALITY_CUMULATIVE,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from examples.history.doors import Doors
from midwatch.contract import events

STEP_SECONDS = 60
POINTS_A_BODY = 20_000
ITEMS_A_BODY = 5_000
COSTS_SECONDS = 600
NANO = 1_000_000_000
INSTANCE = "service.instance.id"
Source = tuple[str, str]
"""Service and instance, of which there may be none."""
Times = np.ndarray
"""Seconds since 1970, a step apart."""
SEVERITIES = {"debug": 5, "info": 9, "warn": 13, "error": 17}


@dataclass(frozen=True)
class Step:
    """A span: begins `after` seconds from its trace's beginning, takes `seconds`, and holds its `children`."""

    name: str
    service: str
    after: float
    seconds: float
    kind: int = Span.SPAN_KIND_INTERNAL
    attributes: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    children: tuple["Step", ...] = ()


class History:
    """From `start` to `end`, in seconds since 1970. What is random is so by `random`, the same at each start."""

    def __init__(
        self, doors: Doors, start: float, end: float, environment: str, step_seconds: int = STEP_SECONDS
    ) -> None:
        self.start, self.end, self.environment = start, end, environment
        self.step_seconds = step_seconds
        self.random = np.random.default_rng(7)
        self.times: Times = np.arange(start - start % step_seconds, end, step_seconds)
        self.doors = doors
        self._metrics: dict[Source, list[Metric]] = {}
        self._points = 0
        self._lines: dict[str, list[Any]] = {}
        self._spans: dict[str, list[Span]] = {}
        self._waiting = 0
        self._domain: list[Mapping[str, Any]] = []
        self._product: list[Mapping[str, Any]] = []

    def finer(self, step_seconds: int) -> "History":
        """The same time with points closer together, for rules that look at a minute; it has a flush of its own."""
        return History(self.doors, self.start, self.end, self.environment, step_seconds)

    # Series: one point a minute unless it is finer, by functions of all times at once.

    def counter(self, service: str, name: str, rate: Callable[[Times], Any], **labels: str) -> None:
        """`rate` a second, as numbers or an array; what is counted are whole things."""
        counts = np.cumsum(self._drawn(rate))
        metric = Metric(name=name)
        metric.sum.aggregation_temporality, metric.sum.is_monotonic = AGGREGATION_TEMPORALITY_CUMULATIVE, True
        self._numbers(service, metric, metric.sum.data_points, counts, labels)

    def gauge(self, service: str, name: str, values: Callable[[Times], Any], /, **labels: str) -> None:
        metric = Metric(name=name)
        given = np.broadcast_to(np.asarray(values(self.times), dtype=float), self.times.shape)
        self._numbers(service, metric, metric.gauge.data_points, given, labels)

    def histogram(
        self,
        service: str,
        name: str,
        rate: Callable[[Times], Any],
        bounds: Sequence[float],
        median: float | Callable[[Times], Any],
        spread: float = 0.5,
        unit: str = "",
        **labels: str,
    ) -> None:
        """Lognormal values around `median` in `unit`, `rate` of them a second; `spread` is that of their logarithm."""
        numbers = self._drawn(rate)
        middle = median(self.times) if callable(median) else median
        middles = np.repeat(np.broadcast_to(np.asarray(middle, dtype=float), self.times.shape), numbers)
        values = middles * self.random.lognormal(0, spread, middles.size)
        steps = np.repeat(np.arange(self.times.size), numbers)
        places = np.searchsorted(np.asarray(bounds), values)
        buckets = np.zeros((self.times.size, len(bounds) + 1), dtype=np.int64)
        np.add.at(buckets, (steps, places), 1)
        sums = np.cumsum(np.bincount(steps, weights=values, minlength=self.times.size))
        metric = Metric(name=name, unit=unit)
        metric.histogram.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
        marked, start_ns = _marks(labels), int(self.times[0]) * NANO
        for at, total, counts in zip(self.times, sums, np.cumsum(buckets, axis=0), strict=True):
            point = HistogramDataPoint(
                time_unix_nano=int(at) * NANO,
                start_time_unix_nano=start_ns,
                attributes=marked,
                explicit_bounds=bounds,
                bucket_counts=counts.tolist(),
                count=int(counts.sum()),
                sum=float(total),
            )
            metric.histogram.data_points.append(point)
        self._series(service, metric, self.times.size, labels)

    # Single things.

    def moments(self, rate: Callable[[Times], Any]) -> np.ndarray:
        """Times at which something happens so often a second, in order."""
        at = np.repeat(self.times, self._drawn(rate))
        return np.sort(np.minimum(at + self.random.uniform(0, self.step_seconds, at.size), self.end - 1))

    def line(
        self,
        at: float,
        service: str,
        level: str,
        body: str,
        trace_id: bytes = b"",
        event_name: str = "",
        **attributes: Any,
    ) -> None:
        """A log record; `attributes` as they are, with `.` for `__` in their names."""
        record = LogRecord(
            time_unix_nano=int(at * NANO),
            severity_number=SEVERITIES[level],  # type: ignore[arg-type]
            severity_text=level,
            body=AnyValue(string_value=body),
            event_name=event_name,
            attributes=_pairs({name.replace("__", "."): value for name, value in attributes.items()}),
            trace_id=trace_id,
        )
        self._lines.setdefault(service, []).append(record)
        self._count(1)

    def costs(self, service: str, kind: str, price: float, rate: Callable[[Times], Any]) -> None:
        """Of what has a price, `rate` units a second: a use each ten minutes, and the sum of the month."""
        drawn = self._drawn(rate)
        steps = COSTS_SECONDS // self.step_seconds
        for at, used in zip(self.times[::steps], np.add.reduceat(drawn, np.arange(0, drawn.size, steps)), strict=True):
            told: dict[str, Any] = {events.COST_KIND: kind, events.COST_UNITS: str(used)}
            self.line(float(at), service, "info", f"cost {kind}", event_name=events.COST, **told)
        spent = np.cumsum(drawn) * price
        months = (self.times * NANO).astype("datetime64[ns]").astype("datetime64[M]")
        before = {month: spent[months < month].max(initial=0) for month in np.unique(months)}
        values = spent - np.array([before[month] for month in months])
        self.gauge(service, "cost_amount", lambda _: values, service=service, kind=kind, currency="USD")

    def crash(self, at: float, service: str, kind: str, message: str, file: str, function: str, user: str) -> None:
        """An error that a page's Sentry SDK told; it is sent at once."""
        self.doors.error(
            *(at, kind, message, [{"filename": file, "function": function, "lineno": 1, "in_app": True}]),
            platform="javascript",
            environment=self.environment,
            tags={"service": service},
            user={"id": user},
        )

    def trace(self, at: float, root: Step, trace_id: bytes | None = None) -> bytes:
        """All spans of it; the trace's id."""
        found = trace_id or os.urandom(16)
        self._span(at, root, found, b"")
        return found

    def domain_event(self, **event: Any) -> None:
        self._domain.append(event)

    def product_event(self, **event: Any) -> None:
        self._product.append(event)

    def flush(self) -> None:
        """Send what waits."""
        self._send_metrics()
        self._send_items()
        self.doors.domain_events(self._domain)
        self.doors.product_events(self._product)
        self._domain, self._product = [], []

    def _drawn(self, rate: Callable[[Times], Any]) -> np.ndarray:
        expected = np.broadcast_to(np.asarray(rate(self.times), dtype=float), self.times.shape) * self.step_seconds
        return np.asarray(self.random.poisson(np.maximum(expected, 0)))

    def _numbers(
        self, service: str, metric: Metric, points: Any, values: np.ndarray, labels: Mapping[str, str]
    ) -> None:
        marked, start_ns = _marks(labels), int(self.times[0]) * NANO
        for at, value in zip(self.times, values, strict=True):
            points.append(
                NumberDataPoint(
                    time_unix_nano=int(at) * NANO,
                    start_time_unix_nano=start_ns,
                    as_double=float(value),
                    attributes=marked,
                )
            )
        self._series(service, metric, self.times.size, labels)

    def _series(self, service: str, metric: Metric, points: int, labels: Mapping[str, str]) -> None:
        self._metrics.setdefault((service, labels.get(INSTANCE, "")), []).append(metric)
        self._points += points
        if self._points >= POINTS_A_BODY:
            self._send_metrics()

    def _span(self, at: float, step: Step, trace_id: bytes, parent: bytes) -> None:
        span_id = os.urandom(8)
        begins = at + step.after
        span = Span(
            trace_id=trace_id,
            span_id=span_id,
            parent_span_id=parent,
            name=step.name,
            kind=step.kind,  # type: ignore[arg-type]
            start_time_unix_nano=int(begins * NANO),
            end_time_unix_nano=int((begins + step.seconds) * NANO),
            attributes=_pairs(step.attributes),
        )
        if step.error:
            span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message=step.error))
        self._spans.setdefault(step.service, []).append(span)
        self._count(1)
        for child in step.children:
            self._span(at, child, trace_id, span_id)

    def _count(self, items: int) -> None:
        self._waiting += items
        if self._waiting >= ITEMS_A_BODY:
            self._send_items()

    def _resource(self, service: str, instance: str = "") -> Resource:
        told = {"service.name": service, "deployment.environment.name": self.environment}
        return Resource(attributes=_pairs(told | ({INSTANCE: instance} if instance else {})))

    def _send_metrics(self) -> None:
        if self._metrics:
            request = ExportMetricsServiceRequest()
            for source, metrics in self._metrics.items():
                group = request.resource_metrics.add(resource=self._resource(*source))
                group.scope_metrics.add().metrics.extend(metrics)
            self.doors.otlp(request)
        self._metrics, self._points = {}, 0

    def _send_items(self) -> None:
        if self._lines:
            logs = ExportLogsServiceRequest()
            for service, records in self._lines.items():
                logs.resource_logs.add(resource=self._resource(service)).scope_logs.add().log_records.extend(records)
            self.doors.otlp(logs)
        if self._spans:
            traces = ExportTraceServiceRequest()
            for service, spans in self._spans.items():
                traces.resource_spans.add(resource=self._resource(service)).scope_spans.add().spans.extend(spans)
            self.doors.otlp(traces)
        self._lines, self._spans, self._waiting = {}, {}, 0


def _marks(labels: Mapping[str, str]) -> list[KeyValue]:
    """Attributes of points: the instance is its resource's."""
    return _pairs({name: value for name, value in labels.items() if name != INSTANCE})


def _pairs(attributes: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=_value(value)) for key, value in attributes.items()]


def _value(value: Any) -> AnyValue:
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case _:
            return AnyValue(string_value=str(value))
