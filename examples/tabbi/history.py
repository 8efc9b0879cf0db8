"""Tabbi's past: sessions by day and week, a release that failed, a slow hour, a provider that was down."""

import hashlib
from datetime import UTC, datetime

import numpy as np
from examples.history import History, Step
from examples.history.history import Times
from examples.history.shape import DAY, busy_at
from opentelemetry.proto.trace.v1.trace_pb2 import Span

SESSIONS = 0.04
"""A second, on average over a day."""
STEP_SECONDS = 30
"""The document's rules look at one minute."""
MS = (5, 10, 25, 50, 100, 250, 500, 1000, 2000, 2500, 5000, 10_000, 30_000, 60_000, 120_000)
BOOT_MS = (500, 1000, 2500, 5000, 10_000, 15_000, 20_000, 30_000, 45_000, 60_000, 90_000, 120_000)
SECONDS = (10, 30, 60, 300, 900, 1800, 3600, 7200, 14_400)
ENDPOINTS = {
    "POST /signin": ("200", 0.05, 8),
    "POST /sessions": ("201", SESSIONS, 90),
    "GET /sessions": ("200", 0.2, 25),
    "GET /sessions/:id": ("200", 1.5, 20),
    "WS /sessions/:id/ws": ("101", 0.15, 15),
    "DELETE /sessions/:id": ("204", SESSIONS, 60),
}
HOUR = 17
"""Of the day, in UTC, at which something happened."""
BAD_RELEASE = (3, 600, 0.85)
"""Days ago, seconds long, share of requests that failed."""
PROVIDER_DOWN = (2, 1800, 0.95)
SLOW = (1, 3600, 200)
"""Days ago, seconds long, times as slow."""
FAILED = 0.021
"""Of the sessions that start, as the document draws it; the boot time, too."""
BOOT_MEDIAN_MS = 12_300
PAUSED, RESUMED = 0.67, 0.9
VITALS = {"lcp": (1500, 0.4), "inp": (110, 0.5), "fid": (12, 0.6), "cls": (0.04, 0.6)}
CRASHES = 0.0003
FUNNEL = (
    ("visited", 1.0),
    ("signed in", 0.75),
    ("session started", 0.8),
    ("session running", 0.97),
    ("first prompt", 0.8),
)


def write(history: History) -> None:
    fine = history.finer(STEP_SECONDS)
    _api(fine)
    _convex(fine)
    _sandboxes(fine)
    fine.flush()
    _lifecycle(history)
    _edge(history)
    _people(history)
    _crashes(history)
    _sessions(history)
    history.flush()


def _during(history: History, times: Times, span: tuple[float, float, float]) -> Times:
    """1 while it lasted."""
    began = history.end - history.end % DAY - span[0] * DAY + HOUR * 3600
    return ((times >= began) & (times < began + span[1])).astype(float)


def _api(history: History) -> None:
    for endpoint, (status, rate, median) in ENDPOINTS.items():

        def bad(at: Times) -> Times:
            return BAD_RELEASE[2] * _during(history, at, BAD_RELEASE) + 0.0001

        def good(at: Times, rate: float = rate) -> Times:
            return rate * busy_at(at) * (1 - bad(at))

        def failing(at: Times, rate: float = rate) -> Times:
            return rate * busy_at(at) * bad(at)

        def slow(at: Times, median: float = median) -> Times:
            return median * (1 + (SLOW[2] - 1) * _during(history, at, SLOW))

        history.counter("api", "api.requests.total", good, endpoint=endpoint, status=status)
        for name in ("api.requests.total", "api.requests.errors"):
            # Each failure is in both, as the same numbers.
            history.random = np.random.default_rng(len(endpoint))
            history.counter("api", name, failing, endpoint=endpoint, status="500")
        history.histogram("api", "api.latency", good, MS, slow, unit="ms", endpoint=endpoint)
    unknown = {"endpoint": "GET /sessions/:id", "status": "404"}
    for name in ("api.requests.total", "api.requests.errors"):
        history.random = np.random.default_rng(404)
        history.counter("api", name, lambda at: 0.003 * busy_at(at), **unknown)


def _convex(history: History) -> None:
    for function, kind, rate in (("sessions:get", "query", 0.3), ("sessions:create", "mutation", SESSIONS)):
        about = {"function": function, "kind": kind}
        often = {"rate": lambda at, rate=rate: rate * busy_at(at)}
        history.counter("api", "convex.calls", **often, outcome="success", **about)
        history.histogram("api", "convex.latency", **often, bounds=MS, median=9, unit="ms", **about)
    history.counter("api", "convex.calls", lambda at: 0.0002, outcome="error", function="sessions:get", kind="query")


def _sandboxes(history: History) -> None:
    def failed(at: Times) -> Times:
        return FAILED + PROVIDER_DOWN[2] * _during(history, at, PROVIDER_DOWN)

    for outcome in ("success", "error"):
        share = (lambda at: 1 - failed(at)) if outcome == "success" else failed
        history.counter(
            *("modal", "sandbox.created", lambda at, share=share: SESSIONS * busy_at(at) * np.maximum(share(at), 0)),
            outcome=outcome,
        )
    history.histogram(
        "modal", "sandbox.boot_time", lambda at: SESSIONS * busy_at(at), BOOT_MS, BOOT_MEDIAN_MS, 0.3, "ms"
    )
    history.counter("modal", "sandbox.health_check.success", lambda at: 0.3 * busy_at(at))
    history.counter("modal", "sandbox.health_check.failure", lambda at: 0.001 * busy_at(at))
    for outcome, share in (("recovered", 0.9), ("gave_up", 0.1)):
        labels = {"host": "machines.example", "outcome": outcome}
        history.counter("modal", "api_retries_total", lambda at, share=share: 0.002 * share * busy_at(at), **labels)
    history.gauge(
        *("modal", "api_rate_limit_remaining", lambda at: np.rint(5000 - at % 3600 / 3600 * 30 * busy_at(at))),
        host="github.example",
    )
    for status, rate in (("succeeded", 0.0008), ("failed", 0.00005)):
        labels = {"exported_job": "recover agent", "status": status}
        history.counter("modal", "jobs_total", lambda at, rate=rate: rate * busy_at(at), **labels)


def _lifecycle(history: History) -> None:
    def so_often(share: float) -> dict[str, object]:
        return {"rate": lambda at: share * SESSIONS * busy_at(at)}

    one = history.counter
    one("api", "session.created", **so_often(1))
    moves = (
        ("idle", "starting", 1.0),
        ("starting", "running", 1 - FAILED),
        ("starting", "error", FAILED),
        ("running", "paused", PAUSED),
        ("paused", "running", PAUSED * RESUMED),
    )
    for before, after, share in moves:
        one("api", "session.state_transition", **so_often(share), **{"from": before, "to": after})
    one("api", "session.auto_paused", **so_often(PAUSED * 0.8))
    one("api", "session.resumed", **so_often(PAUSED * RESUMED))
    history.histogram(
        *("api", "session.create_latency"), **so_often(1), bounds=MS, median=BOOT_MEDIAN_MS + 200, spread=0.3, unit="ms"
    )
    history.histogram("api", "session.duration", **so_often(1), bounds=SECONDS, median=1400, spread=0.9, unit="s")


def _edge(history: History) -> None:
    history.counter("api", "websocket.connections", lambda at: 0.03 * busy_at(at), outcome="ok")
    history.counter("api", "websocket.connections", lambda at: 0.0002 * busy_at(at), outcome="failed")
    history.gauge("api", "api.active_connections", lambda at: np.rint(9 * busy_at(at)))
    history.gauge("api", "github.rate_limit.remaining", lambda at: np.rint(5000 - at % 3600 / 3600 * 60 * busy_at(at)))
    for what, share in (("scheduled", 1.0), ("fired", 0.8), ("missed", 0.001)):
        history.counter("api", f"alarms.{what}", lambda at, share=share: share * SESSIONS * busy_at(at))
    history.counter("api", "retries.total", lambda at: 0.001 * busy_at(at), to="Modal", outcome="recovered")
    history.counter("api", "retries.total", lambda at: 0.0001 * busy_at(at), to="Modal", outcome="exhausted")


def _people(history: History) -> None:
    """Page views with their vitals, and how far each visitor came."""
    for at in history.moments(lambda at: 0.02 * busy_at(at)):
        person = f"user-{history.random.integers(400)}"
        about = {"$session_id": f"{person}-{int(at)}", "$lib": "web"}
        for vital, (median, spread) in VITALS.items():
            value = float(median * history.random.lognormal(0, spread))
            told = {"name": vital, "value": value, "id": f"{vital}-{at:.3f}"}
            attributes = {f"browser__web_vital__{key}": one for key, one in told.items()}
            history.line(
                float(at), "web", "info", "web vital",
                event_name="browser.web_vital", url__template="/", device__type="desktop", browser__name="Chrome",
                **attributes,
            )  # fmt: skip
        after = 0.0
        for event, share in FUNNEL:
            if history.random.random() >= share or at + after >= history.end:
                break
            when = datetime.fromtimestamp(float(at) + after, UTC).isoformat()
            history.product_event(event=event, distinct_id=person, timestamp=when, properties=about)
            after += float(history.random.uniform(3, 20))


def _crashes(history: History) -> None:
    for at in history.moments(lambda at: CRASHES * busy_at(at)):
        history.crash(
            *(float(at), "web", "TypeError", "Cannot read properties of undefined (reading 'files')"),
            file="app:///src/tabbi.jsx",
            function="Session",
            user=f"user-{history.random.integers(400)}",
        )


def _sessions(history: History) -> None:
    """Each session's states as domain events; of the last day one in five as a trace, too."""
    for number, at in enumerate(history.moments(lambda times: SESSIONS * busy_at(times))):
        session = f"s-{hashlib.sha256(f'{at}'.encode()).hexdigest()[:13]}"
        boot = float(BOOT_MEDIAN_MS / 1000 * history.random.lognormal(0, 0.3))
        failed = history.random.random() < FAILED
        path = [("", "idle", -0.1), ("idle", "starting", 0.0), ("starting", "error" if failed else "running", boot)]
        lasted = boot + float(history.random.uniform(120, 1800))
        if not failed and history.random.random() < PAUSED:
            path.append(("running", "paused", lasted))
            if history.random.random() < RESUMED:
                lasted += float(history.random.uniform(60, 3600))
                path.append(("paused", "running", lasted))
        path.append((path[-1][1], "ended", lasted + float(history.random.uniform(60, 7200))))
        trace = b""
        if at > history.end - DAY and number % 5 == 0 and at + boot < history.end:
            trace = history.trace(float(at), _trace(session, boot, failed))
        if failed:
            told = {"session_id": session, "repository": "acme/shop"}
            history.line(float(at) + boot, "api", "error", "Failed to create sandbox", trace, **told)
        for place, (before, after, seconds) in enumerate(path[1:], 1):
            if at + seconds < history.end:
                history.domain_event(
                    id=f"{session}-{place}", type="session.state_changed", entity=f"session:{session}", sequence=place,
                    time=datetime.fromtimestamp(float(at) + seconds, UTC).isoformat(), to=after, service="api",
                    **{"from": before}, environment=history.environment, actor=f"user:user-{number % 400}",
                    metadata={"repository": "acme/shop"}, **({"trace_id": trace.hex()} if trace else {}),
                )  # fmt: skip


def _trace(session: str, boot: float, failed: bool) -> Step:
    error = "cannot boot a machine: 503" if failed else ""
    inside = (
        Step("clone repository", "modal", 0.3, boot * 0.7),
        Step("start OpenCode", "modal", 0.3 + boot * 0.7, boot * 0.2),
    )
    sandbox = Step(
        "create_sandbox", "modal", 0.12, boot, Span.SPAN_KIND_INTERNAL, {"session.id": session}, error, inside
    )
    server = Step("POST /sandboxes", "modal", 0.11, boot + 0.02, Span.SPAN_KIND_SERVER, {}, error, (sandbox,))
    background = Step("Create sandbox (background)", "api", 0.1, boot + 0.05, error=error, children=(server,))
    steps = (
        Step("Validate token", "api", 0.002, 0.015),
        Step("Initialize Durable Object", "api", 0.03, 0.05, children=(background,)),
    )
    http = {"http.request.method": "POST", "http.route": "/sessions", "http.response.status_code": 201}
    return Step("POST /sessions", "api", 0.0, 0.09, Span.SPAN_KIND_SERVER, http, children=steps)
