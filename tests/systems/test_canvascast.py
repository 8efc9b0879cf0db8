"""CanvasCast's rows on what it tells: its people act, and Midwatch is asked what it saw."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import redis

from tests import prometheus
from tests.integration.clients.test_rotel import free_port
from tests.systems.canvascast_day import EXAMPLE, STEPS, another
from tests.systems.canvascast_people import VISIBLE_SECONDS, Canvas, attribute

pytestmark = [pytest.mark.rows, pytest.mark.timeout(2400)]
Evidence = Callable[[str], None]
CREDITS_A_VIDEO = 5
REQUEST_BUCKETS = {"0.1", "0.5", "1", "2", "5", "10", "+Inf"}


def test_c01_lines_have_their_context(canvas: Canvas, user: str, tmp_path: Path, evidence: Evidence) -> None:
    """By child loggers: trace, span, user and job; level and service by environment; exceptions as such."""
    trace_id = str(uuid.uuid4())
    job = canvas.order(user, trace_id=trace_id)
    (line,) = canvas.lines(f'service:api body:"Job queued" jobId:{job}')
    assert line["trace_id"] == trace_id.replace("-", "")
    assert len(line["span_id"]) == 16
    assert (attribute(line, "userId"), attribute(line, "jobId")) == (user, job)
    assert line["environment"] == "production"

    port = free_port()
    started = ["node", "--import", "./instrument.mjs", "server.mjs"]
    told = {"SERVICE_NAME": "api-debug", "LOG_LEVEL": "debug", "PORT": str(port)}
    with another(canvas, started, "api", tmp_path / "api.log", **told):
        (debug,) = canvas.lines('service:api-debug body:"Listening"')
        assert httpx.post(f"http://127.0.0.1:{port}/jobs", json={}).status_code == 401
        (failed,) = canvas.lines('service:api-debug body:"Request failed"')
    assert debug["level"] == "debug"
    assert canvas.lines('service:api body:"API started"')
    assert canvas.system.get("logs", query='service:api body:"Listening"', start="now-1h")["rows"] == []
    assert attribute(failed, "exception.type") == "CodedError"
    assert "server.mjs" in attribute(failed, "exception.stacktrace") or "routes.mjs" in attribute(
        failed, "exception.stacktrace"
    )
    evidence(
        f"api (pino's child loggers) told of {job} with trace, span {line['span_id']}, user and job; a second "
        "api with LOG_LEVEL=debug and SERVICE_NAME=api-debug told debug lines, the first none; errors have stacks"
    )


def test_c02_requests_are_measured(canvas: Canvas, user: str, evidence: Evidence) -> None:
    """Of the web front without a line for it; of the API by prom-client; same names, labels and buckets."""
    counted = 'sum(http_requests_total{{job="{}", route="{}", method="POST", status="202"}})'
    for job, route in ROUTES.items():
        canvas.system.settled(counted.format(job, route))  # what others ordered is in it
    before = {job: canvas.value(counted.format(job, route)) for job, route in ROUTES.items()}
    for _ in range(3):
        canvas.order(user)
    for job, route in ROUTES.items():
        assert canvas.reaches(counted.format(job, route), before[job] + 3) == before[job] + 3
        buckets = canvas.system.promql(
            f'http_request_duration_seconds_bucket{{job="{job}", route="{route}", method="POST", status="202"}}'
        )
        assert {one["metric"]["le"] for one in buckets} == REQUEST_BUCKETS
        canvas.system.until(lambda job=job: canvas.system.promql(f'http_active_connections{{job="{job}"}}'))  # type: ignore[misc]
    source = (EXAMPLE / "web" / "main.py").read_text()
    assert "requests_total" not in source
    p95 = canvas.system.until(
        lambda: canvas.value(
            'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{job="web"}[5m])))'
        ),
        VISIBLE_SECONDS,
    )
    evidence(
        f"web (FastAPI, instrument(app)) and api (prom-client, scraped) each counted 3 more orders, by method, route "
        f"and status, in the buckets {', '.join(sorted(REQUEST_BUCKETS))}; p95 {p95:.3f} s"
    )


ROUTES = {"web": "/api/{path}", "api": "/jobs"}


def test_c03_jobs_are_measured(canvas: Canvas, user: str, evidence: Evidence) -> None:
    """Jobs by status and niche, steps by status, what waits, and how many of each status there are."""
    done = 'sum(job_duration_seconds_count{status="succeeded", niche="cooking"})'
    before = canvas.value(done)
    for job in [canvas.order(user, "cooking") for _ in range(2)]:
        assert canvas.ended(user, job) == "READY"
    assert canvas.reaches(done, before + 2) == before + 2
    with canvas.system.fault("images_down"):
        assert canvas.ended(user, canvas.order(user, "cooking")) == "FAILED"
    canvas.reaches('sum(job_duration_seconds_count{status="failed", niche="cooking"})', 1)
    buckets = canvas.system.promql('job_duration_seconds_bucket{niche="cooking", status="succeeded"}')
    assert {one["metric"]["le"] for one in buckets} == {"60", "120", "300", "600", "900", "+Inf"}
    steps = canvas.system.promql('sum by (step) (pipeline_step_duration_seconds_count{status="succeeded"})')
    assert {one["metric"]["step"] for one in steps} == set(STEPS)
    canvas.reaches('sum(pipeline_step_duration_seconds_count{step="voice", status="failed"})', 1)
    edges = canvas.system.promql('pipeline_step_duration_seconds_bucket{step="voice", status="failed"}')
    assert {one["metric"]["le"] for one in edges} == {"5", "15", "30", "60", "120", "300", "+Inf"}
    with canvas.system.fault("images_slow"):
        waiting = [canvas.order(user) for _ in range(8)]
        depth = canvas.reaches('job_queue_depth{queue="videos"}', 3)
        active = canvas.reaches('sum(jobs_by_status{status="active"})', 1)
    for job in waiting:
        canvas.ended(user, job)
    evidence(
        f"worker (Python): 2 cooking videos succeeded and one failed in the voice step, with the document's buckets; "
        f"{depth:.0f} jobs waited and {active:.0f} were at work while the image provider was slow"
    )


def test_c04_business_is_counted(canvas: Canvas, evidence: Evidence) -> None:
    """Signups by method, revenue by type, credits: what PostgreSQL, Redis and the payments say."""
    earned = {kind: f'sum(revenue_usd_total{{type="{kind}"}})' for kind in ("purchase", "subscription")}
    before = {kind: canvas.value(query) for kind, query in earned.items()}
    ada, _, ben = canvas.sign_up("google"), canvas.sign_up("google"), canvas.sign_up("email")
    assert canvas.buy(ada, usd=20).status_code == 201
    assert canvas.subscribe(ben, usd=29.5).status_code == 201
    for job in [canvas.order(ada) for _ in range(2)]:
        assert canvas.ended(ada, job) == "READY"
    for kind, usd in (("purchase", 20), ("subscription", 29.5)):
        assert canvas.reaches(earned[kind], before[kind] + usd) == pytest.approx(before[kind] + usd)
    with psycopg.connect(canvas.system.told["database"]) as connection:
        methods = dict(connection.execute("SELECT method, count(*) FROM profiles GROUP BY method").fetchall())
    with redis.Redis.from_url(canvas.system.told["redis"]) as client:
        ready = sum(client.hget(key, "status") == b"READY" for key in client.scan_iter("job:*"))
    for method, number in methods.items():
        assert canvas.reaches(f'sum(signups_total{{method="{method}"}})', number) == number
    assert canvas.reaches("sum(credits_used_total)", CREDITS_A_VIDEO * ready) == CREDITS_A_VIDEO * ready
    evidence(
        f"api (prom-client) counted the signups that PostgreSQL has ({methods}), $20 of purchases and $29.50 of "
        f"subscriptions; worker (midwatch.counter) {CREDITS_A_VIDEO * ready} credits for {ready} videos"
    )


def test_c05_a_real_prometheus_scrapes_and_so_does_midwatch(
    canvas: Canvas, user: str, tmp_path: Path, evidence: Evidence
) -> None:
    """Both read the same numbers from the API's page; the worker's page is read, too."""
    canvas.order(user)
    address = prometheus.free_address()
    jobs = {name: canvas.system.url(name).removeprefix("http://") for name in ("api", "worker")}
    configs = [
        {"job_name": name, "scrape_interval": "1s", "static_configs": [{"targets": [target]}]}
        for name, target in jobs.items()
    ]
    with prometheus.running(tmp_path, address, json.dumps({"scrape_configs": configs}), "exemplar-storage") as client:

        def theirs(query: str) -> list[Any]:
            found: list[Any] = client.get("/api/v1/query", params={"query": query}).json()["data"]["result"]
            return found

        canvas.system.until(lambda: len(theirs("up == 1")) == 2, VISIBLE_SECONDS)
        query = 'sum(http_requests_total{job="api", route="/signups"})'
        number = float(canvas.system.until(lambda: theirs(query), VISIBLE_SECONDS)[0]["value"][1])
        depth = theirs('job_queue_depth{job="worker"}')
    assert canvas.reaches(query, number) == number
    assert depth
    (target,) = [one for one in canvas.system.get("targets")["targets"] if one["job"] == "api"]
    assert target["health"] == "up", target
    assert canvas.value('up{job="api"}') == 1
    evidence(
        f"a Prometheus scraped api (prom-client) and worker (the SDK's page): {number:.0f} signups by it and by "
        "Midwatch, which scrapes api by the plan's scrape_configs"
    )


def test_c06_x_trace_id(canvas: Canvas, evidence: Evidence) -> None:
    """A dashed UUID: taken over and echoed as sent, made where there is none, on both lines of a request."""
    sent = str(uuid.uuid4()).upper()
    answer = canvas.ask("POST", "/signups", {"email": "a@example.com", "method": "email"}, trace_id=sent, process="api")
    assert answer.headers["x-trace-id"] == sent
    made = canvas.ask("POST", "/jobs", {}, process="api").headers["x-trace-id"]
    assert str(uuid.UUID(made)) == made
    through = str(uuid.uuid4())
    assert canvas.ask("POST", "/jobs", {}, trace_id=through).headers["x-trace-id"] == through
    for trace_id, status in ((sent, 201), (made, 401), (through, 401)):
        hex_id = trace_id.replace("-", "").lower()
        (started,) = canvas.lines(f'service:api trace_id:{hex_id} body:"Request started"')
        (completed,) = canvas.lines(f'service:api trace_id:{hex_id} body:"Request completed"')
        assert attribute(completed, "status") == status
        assert attribute(completed, "duration") >= 0
        assert attribute(started, "method") == "POST"
    assert canvas.lines(f"service:web trace_id:{through.replace('-', '')}")
    evidence(
        f'api echoed {sent} as it was sent and made {made}; "Request started" and "Request completed" have it with '
        "status and duration; what came through web is on web's lines, too"
    )


def test_c07_steps_are_children_of_their_job(canvas: Canvas, user: str, evidence: Evidence) -> None:
    """In the trace of the request that ordered it; a failed step is told and ends its job."""
    trace_id = str(uuid.uuid4())
    job = canvas.order(user, trace_id=trace_id)
    assert canvas.ended(user, job) == "READY"
    names = [f"step {name}" for name in STEPS]
    spans = canvas.trace(trace_id, "job video", *names, services={"web", "api", "worker"})
    (root,) = [one for one in spans if one["name"] == "job video"]
    steps = [one for one in spans if one["parent_span_id"] == root["span_id"] and one["name"].startswith("step ")]
    assert [one["name"] for one in sorted(steps, key=lambda one: one["start_offset_ns"])] == names

    failed_trace = str(uuid.uuid4())
    with canvas.system.fault("images_down"):
        failed = canvas.order(user, trace_id=failed_trace)
        assert canvas.ended(user, failed) == "FAILED"
    spans = canvas.trace(failed_trace, "job video", "step voice")
    assert {one["name"] for one in spans if one["name"].startswith("step ")} == {"step script", "step voice"}
    assert {one["status"] for one in spans if one["name"] in ("job video", "step voice")} == {"error"}
    (line,) = canvas.lines(f'service:worker body:"step failed" job_id:{failed}')
    assert (attribute(line, "step"), attribute(line, "status")) == ("voice", "failed")
    assert canvas.lines(f'service:worker body:"job failed" job_id:{failed}')
    timed = canvas.system.promql('pipeline_step_duration_seconds_sum{step="images", status="succeeded"}')
    evidence(
        f"worker's job {job} and its five steps are in the trace of web's and api's request; {failed} ended in its "
        f'voice step, told by "step failed" and "job failed"; {len(timed)} series time the steps by status'
    )


def test_c08_errors_have_user_job_and_extras(canvas: Canvas, user: str, evidence: Evidence) -> None:
    """Captured by the Sentry SDK where storage fails."""
    job = canvas.order(user)
    assert canvas.ended(user, job) == "READY"
    assert canvas.ask("GET", f"/jobs/{job}/video", user=user).status_code == 200
    with canvas.system.fault("storage_down"):
        assert canvas.ask("GET", f"/jobs/{job}/video", user=user).status_code == 500

        def latest() -> dict[str, Any] | None:
            for one in canvas.system.get("issues", status="all", start="now-1h", limit=100)["issues"]:
                found: dict[str, Any] = canvas.system.get(f"issues/{one['id']}/events/latest")
                if found["facts"]["tags"].get("jobId") == job:
                    return found
            return None

        event = canvas.system.until(latest, VISIBLE_SECONDS)
    assert event["event"]["user"]["id"] == user
    assert event["event"]["extra"]["key"] == f"{job}.mp4"
    assert event["facts"]["environment"] == "production"
    evidence(f"api (@sentry/node): the failed look into storage has user {user}, the tag jobId and the extra key")


def test_c09_errors_have_categories(canvas: Canvas, user: str, evidence: Evidence) -> None:
    """All six, each by what goes wrong so in production."""
    assert canvas.ask("POST", "/jobs", {}).status_code == 401
    with canvas.system.fault("checkout_declined"):
        assert canvas.buy(user).status_code == 402
    for fault in ("images_down", "images_limited", "images_timeout"):
        with canvas.system.fault(fault):
            assert canvas.ended(user, canvas.order(user)) == "FAILED"
    with canvas.system.fault("storage_down"):
        job = canvas.order(user)
        assert canvas.ask("GET", f"/jobs/{job}/video", user=user).status_code == 500
    told = {
        "auth": "api",
        "payment": "api",
        "pipeline": "worker",
        "rate_limit": "worker",
        "timeout": "worker",
        "unknown": "api",
    }
    found = {category: canvas.issue(category, service) for category, service in told.items()}
    assert {name: one["category"] for name, one in found.items()} == {name: name for name in told}
    evidence(", ".join(f"{name} from {told[name]} ({one['type']})" for name, one in found.items()))


def test_c10_health_and_readiness(canvas: Canvas, evidence: Evidence) -> None:
    """/health lives on; /ready is 503 without the database, Redis or storage, and the probe tells of it."""
    url = canvas.system.url("api")

    def ready() -> tuple[int, dict[str, Any]]:
        answer = httpx.get(f"{url}/ready", timeout=30)
        return answer.status_code, answer.json()

    status, told = canvas.system.until(lambda: r if (r := ready())[0] == 200 else None, VISIBLE_SECONDS)
    assert told["ready"] is True
    assert set(told["checks"]) == {"database", "redis", "storage"}
    assert all(one["latency"] >= 0 for one in told["checks"].values())
    for fault, check in (("database_gone", "database"), ("redis_gone", "redis"), ("storage_down", "storage")):
        with canvas.system.fault(fault):
            canvas.system.until(lambda: ready()[0] == 503, VISIBLE_SECONDS)
            broken = ready()[1]["checks"]
            assert [name for name, one in broken.items() if not one["healthy"]] == [check]
            assert httpx.get(f"{url}/health", timeout=30).json()["status"] == "ok"
            if check == "storage":
                canvas.system.until(lambda: probe(canvas, "api-ready")["state"] == "down", VISIBLE_SECONDS)
                assert probe(canvas, "api-health")["state"] == "up"
        canvas.system.until(lambda: ready()[0] == 200, VISIBLE_SECONDS)
    canvas.system.until(lambda: probe(canvas, "api-ready")["state"] == "up", VISIBLE_SECONDS)
    evidence(
        "api answered /ready with 503 without PostgreSQL, Redis and storage, each named with its latency, and /health "
        f"with ok all the time (status {status} before); Midwatch's probe api-ready went down and came up"
    )


def test_c11_worker_health(canvas: Canvas, user: str, evidence: Evidence) -> None:
    """What waits, is active and has failed, as Redis has it; and for how long the worker lives."""

    def told() -> dict[str, Any]:
        answer = httpx.get(f"{canvas.system.url('worker')}/health", timeout=30)
        assert answer.status_code == 200
        return dict(answer.json())

    failed = told()["queue"]["failed"]
    with canvas.system.fault("images_down"):
        canvas.ended(user, canvas.order(user))
    canvas.system.until(lambda: told()["queue"]["failed"] == failed + 1, VISIBLE_SECONDS)
    with canvas.system.fault("images_slow"):
        jobs = [canvas.order(user) for _ in range(6)]
        busy = canvas.system.until(
            lambda: t if (t := told())["queue"]["active"] == 2 and t["queue"]["waiting"] else None, VISIBLE_SECONDS
        )
    for job in jobs:
        canvas.ended(user, job)
    canvas.system.until(lambda: told()["queue"]["waiting"] == 0 == told()["queue"]["active"], VISIBLE_SECONDS)
    with redis.Redis.from_url(canvas.system.told["redis"]) as client:
        assert client.llen("videos:failed") == told()["queue"]["failed"]
    assert told()["uptime_seconds"] > busy["uptime_seconds"] > 0
    canvas.system.until(lambda: probe(canvas, "worker-health")["state"] == "up", VISIBLE_SECONDS)
    evidence(f"worker's /health told of {busy['queue']} after {busy['uptime_seconds']:.0f} s, and of each failed job")


def probe(canvas: Canvas, name: str) -> dict[str, Any]:
    (found,) = [one for one in canvas.system.get("probes")["probes"] if one["name"] == name]
    return dict(found)
