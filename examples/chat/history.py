"""What the chat did in the days that lie behind: busy evenings, a time without Redis, a model that sometimes fails."""

from datetime import UTC, datetime

from examples.history import History, Step
from examples.history.history import Times
from examples.history.shape import DAY, busy_at
from opentelemetry.proto.trace.v1.trace_pb2 import Span

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
INSTANCES = ("chat_a", "chat_b")
ROUTES = (
    ("GET", "/api/chat/rooms/:room/messages", "200", 0.05, 0.01),
    ("POST", "/api/tickets", "201", 0.005, 0.02),
    ("POST", "/api/ai/ticket-assistant", "200", 0.005, 1.2),
)
REASONS = (("transport close", 0.045), ("client namespace disconnect", 0.004), ("ping timeout", 0.001))
CONNECTED = 1.6
"""In each instance, of the visits that `traffic.py` plays."""
ENDS = {
    "answered": ("info", "api.answered", 0.02, 201, 0.94),
    "failed": ("error", "api.failed", 0.05, 500, 0.03),
    "slow": ("warn", "api.slow", 2.5, 201, 0.03),
}
"""How requests end: level, event, seconds, status, share."""
REDIS_AWAY_DAYS_AGO, REDIS_AWAY_SECONDS = 5, 40 * 60
TOLD_DAYS = 7
ACTS = ("user.ban", "member.remove", "room.delete")


def write(history: History) -> None:
    for instance in INSTANCES:
        _server(history, instance)
    _assistant(history)
    _stories(history)
    _acts(history)


def _away(history: History, times: Times) -> Times:
    """1 while Redis was away."""
    began = history.end - REDIS_AWAY_DAYS_AGO * DAY
    return ((times >= began) & (times < began + REDIS_AWAY_SECONDS)).astype(float)


def _server(history: History, instance: str) -> None:
    where = {"service.instance.id": instance}
    for method, route, status, rate, median in ROUTES:
        history.histogram(
            *("chat", "http.server.request.duration", lambda at, rate=rate: rate * busy_at(at), SECONDS, median),
            unit="s",
            **where,
            **{"http.request.method": method, "http.route": route, "http.response.status_code": status},
        )
    for name, median in (("message.add", 0.004), ("message.list", 0.008), ("room.get", 0.002)):
        history.histogram(
            *("chat", "db.client.operation.duration", lambda at: 0.2 * busy_at(at), SECONDS, median),
            unit="s",
            **where,
            **{"db.system.name": "postgresql", "db.query.summary": name},
        )
    for reason, rate in REASONS:
        history.counter(
            *("chat", "websocket_disconnects_total", lambda at, rate=rate: rate * busy_at(at)),
            **where,
            route="/",
            reason=reason,
        )
    history.counter("chat", "websocket_reconnects_total", lambda at: 0.005 * busy_at(at), **where, route="/")
    history.gauge(
        "chat",
        "websocket_active_connections",
        lambda at: history.random.poisson(CONNECTED * busy_at(at)),
        **where,
        route="/",
    )
    history.histogram(
        "chat", "websocket_ping_seconds", lambda at: 2 * busy_at(at), SECONDS, 0.04, spread=0.8, unit="s", **where
    )
    history.counter(
        *("chat", "websocket_delivery_failures_total", lambda at: 0.0005 * busy_at(at) + 0.02 * _away(history, at)),
        **where,
        route="/",
        event="message",
        reason="not_acknowledged",
    )
    history.counter("chat", "rate_limit_hits_total", lambda at: 0.002 * busy_at(at), **where, limit="messages")
    history.counter(
        "chat", "redis_connection_errors_total", lambda at: 0.5 * _away(history, at), **where, client="limits"
    )


def _assistant(history: History) -> None:
    for error, rate in (("", 0.004), ("503", 0.0002), ("timeout", 0.0001)):
        labels = {"error.type": error} if error else {}
        history.histogram(
            *("assistant", "gen_ai.client.operation.duration", lambda at, rate=rate: rate * busy_at(at), SECONDS, 1.1),
            unit="s",
            **labels,
            **{"gen_ai.request.model": "gpt-5-mini", "gen_ai.operation.name": "chat"},
        )
    history.gauge("assistant", "job_queue_depth", lambda at: 2 * busy_at(at), queue="summaries")
    for status, rate in (("succeeded", 0.002), ("failed", 0.0001)):
        history.counter(
            "assistant-jobs",
            "jobs_total",
            lambda at, rate=rate: rate * busy_at(at),
            job="summary.refresh",
            status=status,
        )


def _stories(history: History) -> None:
    """Some requests of the last days, with their lines: one in thirty fails, another is slow."""
    since = history.end - TOLD_DAYS * DAY
    for at in history.moments(lambda at: 0.004 * busy_at(at) * (at >= since)):
        end = str(history.random.choice(list(ENDS), p=[share for *_, share in ENDS.values()]))
        level, event, median, status, _ = ENDS[end]
        taken = float(median * history.random.lognormal(0, 0.3))
        insert = Step("INSERT messages", "chat", taken / 4, taken / 2, kind=Span.SPAN_KIND_CLIENT)
        step = Step(
            *("POST /api/chat/rooms/:room/messages", "chat", 0.0, taken),
            kind=Span.SPAN_KIND_SERVER,
            attributes={"http.response.status_code": status},
            error="INTERNAL_ERROR" if status == 500 else "",
            children=(insert,),
        )
        trace_id = history.trace(float(at), step)
        if end == "slow":
            query = {"query": "message.add", "duration_ms": round(insert.seconds * 1000)}
            history.line(float(at) + taken, "chat", "warn", "database.query.slow", trace_id=trace_id, **query)
        history.line(
            *(float(at) + taken, "chat", level, event),
            trace_id=trace_id,
            method="POST",
            path="/api/chat/rooms/general/messages",
            status=status,
            duration_ms=round(taken * 1000),
            user_id=f"user-{history.random.integers(200)}",
        )


def _acts(history: History) -> None:
    for index, at in enumerate(history.moments(lambda at: 0.00005 * busy_at(at))):
        action = ACTS[int(history.random.integers(len(ACTS)))]
        kind = "room" if action == "room.delete" else "user"
        history.domain_event(
            id=f"chat-act-{index}-{at:.0f}",
            type=action,
            time=datetime.fromtimestamp(float(at), UTC).isoformat(),
            entity=f"{kind}:{history.random.integers(200)}",
            actor=f"admin:{history.random.integers(3)}",
            service="chat",
            environment=history.environment,
            metadata={"reason": "spam"},
        )
