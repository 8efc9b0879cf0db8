"""JOSH's past: messages, LinkUps, payments and incidents by day and week, people who registered, days of costs."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
from examples.history.history import History, Step, Times
from examples.history.shape import busy_at
from opentelemetry.proto.trace.v1.trace_pb2 import Span

DAY = 86_400
REGIONS = {"nyc": 0.7, "sf": 0.3}
INBOUND = 0.02
"""Messages a second, on average over a day."""
CREATED = 0.004
LOCKED, EXPIRED, CANCELED = 0.8, 0.15, 0.05
COMPLETED = 0.9
HOLDS = 3 / DAY
INVITES, ACCEPTED, DECLINED = 0.02, 0.55, 0.3
MS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
MINUTES = (1, 2, 5, 10, 20, 30, 60, 90, 120)
PEOPLE_A_DAY = 12


def write(history: History) -> None:
    _counters(history)
    _durations(history)
    _gauges(history)
    _people(history)
    _ended(history)
    _requests(history)
    history.flush()


def _counters(history: History) -> None:
    def so_often(share: float, much: float = INBOUND) -> Callable[[Times], Any]:
        return lambda times: share * much * busy_at(times)

    one = history.counter
    one("api", "sms_inbound_total", so_often(1))
    one("api", "sms_inbound_duplicates_total", so_often(0.01))
    for purpose, share in (("reply", 0.4), ("invite", 1.0), ("linkup", 0.5), ("otp", 0.02)):
        one("worker", "sms_outbound_sent_total", so_often(share), purpose=purpose)
        one("worker", "sms_outbound_failed_total", so_often(share / 100), purpose=purpose, reason="503")
    one("core", "llm_intent_calls_total", so_often(0.5))
    one("core", "llm_intent_failures_total", so_often(0.002), reason="invalid_json")
    one("core", "clarifiers_asked_total", so_often(0.08), intent="unknown")
    for type_, share in (("checkout.session.completed", 0.02), ("customer.subscription.updated", 0.03)):
        one("api", "stripe_webhooks_total", so_often(share), type=type_)
    for category, severity, hourly in (("harassment", "medium", 12.0), ("violence", "high", 6.0)):
        rate = so_often(1, hourly / 3600)
        one("core", "safety_incidents_total", rate, category=category, severity=severity)
    for region, share in REGIONS.items():
        for name, service, part in (
            ("created", "core", 1.0),
            ("locked", "core", LOCKED),
            ("expired", "worker", EXPIRED),
        ):
            one(service, f"linkups_{name}_total", so_often(share * part, CREATED), region=region)
        one("core", "linkups_canceled_total", so_often(share * CANCELED, CREATED), region=region, reason="admin")
        for name, service, part in (
            ("sent", "worker", 1.0),
            ("accepted", "core", ACCEPTED),
            ("declined", "core", DECLINED),
        ):
            one(service, f"invites_{name}_total", so_often(share * part, INVITES), region=region)


def _durations(history: History) -> None:
    often = {"rate": lambda times: INBOUND / 4 * busy_at(times)}
    history.histogram("api", "api_latency_ms", **often, bounds=MS, median=180, route="/api/twilio/inbound")
    history.histogram("core", "db_query_ms", **often, bounds=MS, median=6, query_name="sms_inbound")
    history.counter(
        "core", "db_errors_total", lambda times: 0.0001 * busy_at(times), system="postgresql", error="timeout"
    )
    for route, rate in (("/api/twilio/inbound", INBOUND), ("/api/stripe/webhook", INBOUND / 20)):
        labels = {"http.request.method": "POST", "http.route": route, "http.response.status_code": "200"}
        history.histogram(
            *("api", "http.server.request.duration", lambda times, rate=rate: rate * busy_at(times), SECONDS, 0.18),
            unit="s",
            **labels,
        )
    history.histogram("core", "llm_latency_ms", **often, bounds=MS, median=600, model="claude-haiku-4-5")
    history.histogram("worker", "twilio_send_latency_ms", **often, bounds=MS, median=140)
    history.histogram("core", "time_to_lock_minutes", **often, bounds=MINUTES, median=24, region="nyc")


def _gauges(history: History) -> None:
    def around(middle: float) -> Callable[[Times], Any]:
        return lambda times: np.rint(middle * busy_at(times))

    history.gauge("worker", "broadcasting_linkups_active", around(4), region="nyc")
    history.gauge("worker", "pending_outbound_jobs", around(2))
    history.gauge("worker", "database_connections", around(9))
    history.gauge("worker", "pending_admin_safety_queue", around(1))


def _people(history: History) -> None:
    """Who registered got so far; who met others; incidents were looked after."""
    for number, at in enumerate(history.moments(lambda times: PEOPLE_A_DAY / DAY * busy_at(times))):
        user = ("user", f"h{number}")
        steps = ("registration.started", "registration.otp_verified", "interview.started", "interview.completed")
        reached = int(np.searchsorted((0.1, 0.15, 0.3), history.random.random(), side="right"))
        for place, step in enumerate(steps[: reached + 1]):
            _event(history, at + 120 * place, step, user)
        for day in range(int(history.random.integers(0, 4)) if reached == 3 else 0):
            _event(history, at + (day + 1) * DAY, "linkup.attended", user)
        if number % 9 == 0:
            incident = ("incident", f"h{number}")
            told = {"category": "harassment", "severity": ("medium", "high")[number % 2]}
            resolved = at + float(history.random.uniform(600, 20_000))
            _event(history, at, "safety.incident_created", incident, "", "open", **told)
            _event(history, resolved, "safety.incident_resolved", incident, "open", "resolved")


def _ended(history: History) -> None:
    """LinkUps that took place, and holds after what was severe."""
    for number, at in enumerate(history.moments(lambda times: CREATED * LOCKED * COMPLETED * busy_at(times))):
        _event(history, float(at), "linkup.completed", ("linkup", f"h{number}"), "locked", "completed")
    for number, at in enumerate(history.moments(lambda times: HOLDS * busy_at(times))):
        _event(history, float(at), "safety.hold_applied", ("user", f"h{number}"))


def _event(
    history: History, at: float, type: str, entity: tuple[str, str], before: str = "", after: str = "", **metadata: str
) -> None:
    if at >= history.end:
        return
    history.domain_event(
        id=f"{type}:{entity[1]}:{int(at)}",
        type=type,
        time=datetime.fromtimestamp(at, UTC).isoformat(),
        entity=":".join(entity),
        **({"from": before} if before else {}),
        **({"to": after} if after else {}),
        service="core",
        environment=history.environment,
        metadata=metadata,
    )


def _requests(history: History) -> None:
    """Of the last day, as one trace in twenty is kept, with its line."""
    moments = history.moments(lambda times: np.where(times > history.end - DAY, INBOUND / 20, 0))
    for at in moments:
        seconds = float(history.random.lognormal(-1.2, 0.4))
        core = Step("POST /sms/inbound", "core", 0.01, seconds * 0.9, Span.SPAN_KIND_SERVER)
        root = Step("POST /api/twilio/inbound", "api", 0, seconds, Span.SPAN_KIND_SERVER, children=(core,))
        trace = history.trace(at, root)
        history.line(
            at, "api", "info", "sms.inbound.routed", trace, event="sms.inbound.routed", user_id="h1", handler="intent"
        )
