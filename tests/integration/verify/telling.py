"""Telemetry of a small system, as it is declared, and with every fault that verify knows."""

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests import bodies
from tests.conftest import Server

GOOD, BAD = "production", "staging"
PLAN = """
environments: {production: {aliases: [prod]}, staging: {}}
services:
  api: {owner: backend}
  worker: {environments: [production, staging]}
  mailer: {environments: [production]}
required_keys: [ts, level, event, env, correlation_id]
log_events:
  order.placed: {level: info, keys: {order_id: integer, plan: string}, services: [api], extra: false}
  order.paid: {always: true, owner: billing}
  order.refunded: {environments: [production]}
  order.audited: {every: 1h}
metrics:
  orders_total: {type: counter, labels: {plan: [pro, free]}}
  order_duration: {type: histogram, unit: s, labels: [plan], buckets: [0.1, 1]}
  queue_depth: {type: gauge, labels: []}
  refunds_total: {type: counter, always: true}
  backups_total: {type: counter, every: 1h}
spans:
  - {name: POST /orders, services: [api], kind: server, attributes: [http.route]}
  - {name: job *, services: [worker], always: true}
  - {name: GET /health, services: [api], every: 1h}
health_checks:
  api: {checks: [database]}
heartbeats:
  - {name: nightly, every: 1d}
sampling:
  production: {traces: 0.25, log_level: info}
  staging: {traces: 0.25, log_level: info}
"""
HOURS_AGO_NS = 3 * 3600 * 10**9
QUARTER = "ot=th:c"
"""Kept with a share of a quarter."""


def tell(server: Server, environment: str, *, good: bool) -> None:
    """Send it all; with `good` false every part of it has its fault."""
    with server.door() as door:
        for path, body in _bodies(environment, good=good):
            answer = door.post(path, content=body.SerializeToString())
            assert answer.status_code == 200, answer.text


def heartbeat(server: Server, environment: str) -> None:
    """A sign of life by logs, as the SDK sends it."""
    told = {"heartbeat.name": "nightly", "heartbeat.status": "ok", "event.id": os.urandom(8).hex()}
    record = {"body": "heartbeat", "event_name": "heartbeat", "attributes": told}
    body = bodies.logs("worker", [record], **{"deployment.environment.name": environment})
    with server.door() as door:
        assert door.post("/v1/logs", content=body.SerializeToString()).status_code == 200


def _bodies(environment: str, *, good: bool) -> list[tuple[str, Any]]:
    where = {"deployment.environment.name": environment}
    return [
        ("/v1/logs", bodies.logs("api", _lines(good=good), **where)),
        ("/v1/logs", bodies.logs("worker", [_line("order.paid" if good else "order.payed")], **where)),
        *[("/v1/traces", one) for one in _traces(where, good=good)],
        ("/v1/metrics", _metrics(where, good=good)),
        *([("/v1/logs", bodies.logs("mailer", [_line("order.refunded")], **where))] if good else []),
        *(
            []
            if good
            else [("/v1/logs", bodies.logs("worker", [_line("order.placed", order_id=1, plan="pro")], **where))]
        ),
        *([] if good else [("/v1/logs", bodies.logs("intruder", [_line("order.paid.twice")], **where))]),
    ]


def _line(body: str, level: str = "INFO", **attributes: Any) -> dict[str, Any]:
    number = {"DEBUG": 5, "INFO": 9, "ERROR": 17}[level]
    told = {"correlationId": "c-1", **attributes}
    return {"body": body, "severity_text": level, "severity_number": number, "attributes": told}


def _lines(*, good: bool) -> list[dict[str, Any]]:
    placed = [_line("order.placed", order_id=number, plan="pro") for number in range(4)]
    audited = _line("order.audited")
    if good:
        return [*placed, audited, _line("request completed", logger="midwatch.web")]
    hours_ago = time.time_ns() - HOURS_AGO_NS
    return [
        *placed,
        _line("order.placed", order_id="7", plan="pro"),
        _line("order.placed", plan="pro"),
        _line("order.placed", level="ERROR", order_id=1, plan="pro", zip=10_115),
        _line("order.placed", order_id=1, plan="pro", password="hunter2"),
        {**audited, "time_unix_nano": hours_ago},
        _line("order.plaaced"),
        {"body": "Something happened.", "severity_text": "DEBUG", "severity_number": 5, "attributes": {}},
    ]


def _traces(where: Mapping[str, str], *, good: bool) -> list[Any]:
    """Forty requests, each with a job in another service and a mail from a third; and a look at the health of one."""
    api: list[Span] = []
    worker: list[Span] = []
    mailer: list[Span] = []
    looked = time.time_ns() - (0 if good else HOURS_AGO_NS)
    api.append(bodies.span(name="GET /health", start_time_unix_nano=looked, trace_state=QUARTER if good else ""))
    for number in range(40):
        trace, request = os.urandom(16), os.urandom(8)
        correlation = {"correlation_id": f"c-{number}"}
        told = {"http.route": "/orders", **correlation} if good else correlation
        state = QUARTER if good else ""
        api.append(
            bodies.span(trace_id=trace, span_id=request, name="POST /orders", attributes=told, trace_state=state)
        )
        name = "job mail" if good else "mail"
        also = correlation if good else {}
        worker.append(
            bodies.span(
                trace_id=trace,
                parent_span_id=request,
                name=name,
                kind=Span.SPAN_KIND_CONSUMER,
                attributes=also,
                trace_state=state,
            )
        )
        theirs = correlation if good else {"correlation_id": f"other-{number}"}
        mailer.append(
            bodies.span(trace_id=trace, parent_span_id=request, name="send", attributes=theirs, trace_state=state)
        )
    told = {"api": api, "worker": worker, "mailer": mailer}
    return [bodies.traces(service, spans, **where) for service, spans in told.items()]


def _metrics(where: Mapping[str, str], *, good: bool) -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    group.resource.attributes.extend(bodies.attributes({"service.name": "api", **where}))
    scope, now = group.scope_metrics.add(), time.time_ns()

    def sum_of(name: str, value: float, **labels: str) -> None:
        metric = scope.metrics.add(name=name)
        metric.sum.is_monotonic, metric.sum.aggregation_temporality = True, 2
        at = now - HOURS_AGO_NS if name == "backups" and not good else now
        metric.sum.data_points.add(time_unix_nano=at, as_double=value, attributes=bodies.attributes(labels))

    def gauge_of(name: str, value: float, **labels: str) -> None:
        points = scope.metrics.add(name=name).gauge.data_points
        points.add(time_unix_nano=now, as_double=value, attributes=bodies.attributes(labels))

    def histogram_of(name: str, bounds: Sequence[float], unit: str, **labels: str) -> None:
        metric = scope.metrics.add(name=name, unit=unit)
        metric.histogram.aggregation_temporality = 2
        metric.histogram.data_points.add(
            time_unix_nano=now,
            count=2,
            sum=1.0,
            explicit_bounds=bounds,
            bucket_counts=[1] + [0] * (len(bounds) - 1) + [1],
            attributes=bodies.attributes(labels),
        )

    sum_of("backups", 1)
    gauge_of("health_check_up", 1, check="database" if good else "redis")
    if good:
        sum_of("orders", 3, plan="pro")
        sum_of("refunds", 1)
        histogram_of("order_duration", (0.1, 1), "s", plan="pro")
        gauge_of("queue_depth", 2)
    else:
        sum_of("orders", 3, plan="gold", user_id="7")
        histogram_of("order_duration", (0.5, 5), "ms", region="eu")
        sum_of("queue_depth", 2)
    return request
