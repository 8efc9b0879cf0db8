"""What Soulcaster did in the days that lie behind: a product that grows, one evening without Redis, a bad release."""

import hashlib
from datetime import UTC, datetime

from examples.history import History, Step
from examples.history.history import Times
from examples.history.shape import DAY, busy_at
from opentelemetry.proto.trace.v1.trace_pb2 import Span

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
JOB_BUCKETS = (1, 5, 15, 30, 60, 120, 300, 600, 900)
VITALS = {"lcp": (1900, 0.4), "inp": (120, 0.5), "cls": (0.05, 0.6)}
FAILURES = {"PR creation failed": 0.04, "Sandbox timeout": 0.03, "Linter error": 0.06}
ROUTES = (("POST", "/ingest/{source}", "202", 0.05, 0.06), ("POST", "/cluster-jobs", "202", 0.004, 0.03))
ROUTES += (("GET", "/clusters", "200", 0.08, 0.02), ("GET", "/cluster-jobs/{job_id}", "200", 0.03, 0.01))
FAILING = 0.0002
JOBS_A_SECOND = 0.004
JOBS_TOLD_DAYS = 7
BAD_RELEASE_DAYS_AGO, BAD_RELEASE_HOURS = 9, 2
HANDS_A_SECOND = 0.01
CRASHES = 0.0002


def write(history: History) -> None:
    _backend(history)
    _dashboard(history)
    _agent(history)
    _storage(history)
    _jobs(history)
    _people(history)


def _bad(history: History, times: Times) -> Times:
    """1 while the bad release was out."""
    began = history.end - BAD_RELEASE_DAYS_AGO * DAY
    return ((times >= began) & (times < began + BAD_RELEASE_HOURS * 3600)).astype(float)


def _backend(history: History) -> None:
    for method, route, status, rate, median in ROUTES:
        labels = {"method": method, "route": route, "status": status}
        history.counter("backend", "http_requests_total", lambda at, rate=rate: rate * busy_at(at), **labels)
        history.histogram(
            *("backend", "http_request_duration_seconds", lambda at, rate=rate: rate * busy_at(at), BUCKETS, median),
            unit="s",
            **labels,
        )
    failed = {"method": "POST", "route": "/ingest/{source}", "status": "500"}
    history.counter("backend", "http_requests_total", lambda at: FAILING + 0.03 * _bad(history, at), **failed)
    for at in history.moments(lambda at: FAILING + 0.03 * _bad(history, at)):
        history.line(float(at), "backend", "error", "ConnectionError: the store does not answer", status=500)
    history.counter("backend", "feedback_ingested_total", lambda at: 0.15 * busy_at(at), source="reddit")
    history.counter("backend", "feedback_ingested_total", lambda at: 0.004 * busy_at(at), source="manual")
    history.counter("backend", "worker_busy_seconds_total", lambda at: 0.08 * busy_at(at), worker="event_loop")
    history.gauge("backend", "worker_slots", lambda at: 1.0, worker="event_loop")
    history.gauge(
        "poller", "api_rate_limit_remaining", lambda at: 1000 - (at % 600) / 600 * 120, host="oauth.reddit.com"
    )


def _dashboard(history: History) -> None:
    for route, rate in (("/api/clusters", 0.08), ("/api/jobs/:id", 0.03), ("/api/clusters/:id/fix", 0.004)):
        labels = {"method": "GET", "route": route, "status": "200"}
        history.counter("dashboard", "http_requests_total", lambda at, rate=rate: rate * busy_at(at), **labels)
        history.histogram(
            *("dashboard", "http_request_duration_seconds", lambda at, rate=rate: rate * busy_at(at), BUCKETS, 0.08),
            unit="s",
            **labels,
        )
    for at in history.moments(lambda at: 0.003 * busy_at(at)):
        for vital, (median, spread) in VITALS.items():
            value = float(median * history.random.lognormal(0, spread))
            told = {"name": vital, "value": value, "id": f"{vital}-{at:.3f}"}
            attributes = {f"browser__web_vital__{key}": one for key, one in told.items()}
            history.line(
                float(at), "dashboard-web", "info", "web vital",
                event_name="browser.web_vital", url__template="/", device__type="desktop", browser__name="Chrome",
                **attributes,
            )  # fmt: skip


def _agent(history: History) -> None:
    def rate(at: Times) -> Times:
        return JOBS_A_SECOND * busy_at(at)

    good = 1 - sum(FAILURES.values())
    history.counter("agent", "agent_jobs_total", lambda at: good * rate(at), outcome="success")
    for category, share in FAILURES.items():
        labels = {"outcome": "failed", "category": category}
        history.counter("agent", "agent_jobs_total", lambda at, share=share: share * rate(at), **labels)
    named = {"exported_job": "fix", "status": "succeeded"}
    history.histogram("agent", "job_lead_seconds", rate, JOB_BUCKETS, 95.0, 0.6, "s", **named)
    history.gauge("agent", "sandboxes_in_use", lambda at: (2 * busy_at(at)).round())
    history.gauge("agent", "sandboxes_limit", lambda at: 20.0)
    history.gauge("agent", "sandbox_hours_used", lambda at: (at % (30 * DAY)) / (30 * DAY) * 62)
    history.gauge("agent", "sandbox_hours_limit", lambda at: 100.0)


def _storage(history: History) -> None:
    for command, median in (("HSET", 0.0008), ("HGETALL", 0.0006), ("ZREVRANGE", 0.0009)):
        history.histogram(
            *("backend", "redis_command_duration_seconds", lambda at: 0.1 * busy_at(at), BUCKETS, median),
            unit="s",
            command=command,
        )
    grown = {"redis": (60 << 20, 256 << 20), "vector": (300 << 20, 1 << 30)}
    for store, (used, limit) in grown.items():
        slope = 0.3 * used / (35 * DAY)
        history.gauge(
            *("backend", "storage.used_bytes", lambda at, used=used, slope=slope: used + slope * (at - history.start)),
            store=store,
        )
        history.gauge("backend", "storage.limit_bytes", lambda at, limit=limit: float(limit), store=store)


def _jobs(history: History) -> None:
    """The last days' jobs as traces and as changes of state."""
    since = max(history.start, history.end - JOBS_TOLD_DAYS * DAY)
    categories, shares = (*FAILURES, ""), (*FAILURES.values(), 1 - sum(FAILURES.values()))
    for at in history.moments(lambda times: (times >= since) * JOBS_A_SECOND * busy_at(times)):
        job_id = hashlib.sha256(f"{at}".encode()).hexdigest()[:32]
        category = str(history.random.choice(categories, p=shares))
        seconds = float(95 * history.random.lognormal(0, 0.6))
        if at + seconds > history.end:
            continue
        trace = history.trace(float(at), _trace(job_id, category, seconds))
        path = (
            ("", "pending", 0.0),
            ("pending", "running", 1.0),
            ("running", "failed" if category else "success", seconds),
        )
        for number, (was, status, after) in enumerate(path):
            history.domain_event(
                id=f"{job_id}-{number}", type="state.transition", time=float(at) + after, entity=f"job:{job_id}",
                **{"from": was} if was else {}, to=status, trace_id=trace.hex(), service="agent",
                environment=history.environment, metadata={"job_id": job_id, "category": category},
            )  # fmt: skip
        level, body = ("error", "job failed") if category else ("info", "job completed")
        history.line(float(at) + seconds, "agent", level, body, trace, job="fix", job_id=job_id)


def _trace(job_id: str, category: str, seconds: float) -> Step:
    steps = ("plan", 0.1), ("boot sandbox", 0.05), ("write", 0.6), ("lint", 0.15), ("open pull request", 0.1)
    at, children = 1.0, []
    for name, share in steps:
        children.append(Step(f"step {name}", "agent", at, seconds * share))
        at += seconds * share
    job = Step(
        "job fix", "agent", 1.0, seconds - 1, Span.SPAN_KIND_CONSUMER, {"job.id": job_id}, category, tuple(children)
    )
    http = {"http.request.method": "POST", "http.route": "/cluster-jobs", "http.response.status_code": 202}
    return Step("POST /cluster-jobs", "backend", 0.0, 0.03, Span.SPAN_KIND_SERVER, http, children=(job,))


def _people(history: History) -> None:
    for at in history.moments(lambda times: HANDS_A_SECOND * busy_at(times)):
        person = f"user-{history.random.integers(300)}"
        for event, after, share in (("$pageview", 0, 1.0), ("generate fix", 20, 0.3), ("fix requested", 21, 0.29)):
            if history.random.random() >= share:
                break
            history.product_event(
                event=event, distinct_id=person, timestamp=datetime.fromtimestamp(float(at) + after, UTC).isoformat(),
                properties={"$session_id": f"{person}-{int(at)}", "$lib": "web"},
            )  # fmt: skip
    for at in history.moments(lambda times: CRASHES * busy_at(times)):
        history.crash(
            *(float(at), "dashboard-web", "TypeError", "Cannot read properties of null (reading 'items')"),
            file="app:///src/clusters.jsx",
            function="Clusters",
            user=f"user-{history.random.integers(300)}",
        )
