"""CanvasCast's rows: its system runs whole, its people act and its vendors fail, and Midwatch is asked what it saw."""

import json
import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import redis

from tests import prometheus
from tests.integration.clients.test_rotel import free_port, wait_for
from tests.systems.canvascast_people import VISIBLE_SECONDS, Canvas, attribute
from tests.systems.running import ROOT, example

pytestmark = [pytest.mark.rows, pytest.mark.timeout(1200)]
Evidence = Callable[[str], None]
EXAMPLE = ROOT / "examples" / "canvascast"
HURRY = 15
"""An alert of five minutes fires after twenty seconds; one of a quarter of an hour after a minute."""
CREDITS_A_VIDEO = 5
STEPS = ["script", "voice", "images", "render", "upload"]
REQUEST_BUCKETS = {"0.1", "0.5", "1", "2", "5", "10", "+Inf"}


@pytest.fixture(scope="module")
def canvas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canvas]:
    with example("canvascast", tmp_path_factory.mktemp("canvascast"), "--hurry", str(HURRY)) as system:
        system.api.timeout = httpx.Timeout(VISIBLE_SECONDS)
        yield Canvas(system)


@pytest.fixture(scope="module")
def user(canvas: Canvas) -> str:
    """Somebody with credits enough for all rows."""
    someone = canvas.sign_up()
    assert canvas.buy(someone, usd=500, credits=5000).status_code == 201
    return someone


@contextmanager
def another(canvas: Canvas, command: list[str], folder: str, log: Path, **environment: str) -> Iterator[None]:
    """One more process of the system's, set up otherwise."""
    env = {**os.environ, **canvas.system.told["environment"], "NODE_ENV": "production", **environment}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=EXAMPLE / folder, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_for(int(environment["PORT"]), process, log)
        yield
    finally:
        process.terminate()
        process.wait(60)


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
    spans = canvas.trace(trace_id, "job video", *names)
    (root,) = [one for one in spans if one["name"] == "job video"]
    steps = [one for one in spans if one["parent_span_id"] == root["span_id"] and one["name"].startswith("step ")]
    assert [one["name"] for one in sorted(steps, key=lambda one: one["start_offset_ns"])] == names
    services = {one["service"] for one in spans}
    assert {"web", "api", "worker"} <= services

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


def probe(canvas: Canvas, name: str) -> dict[str, Any]:
    (found,) = [one for one in canvas.system.get("probes")["probes"] if one["name"] == name]
    return dict(found)


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


def test_c14_three_boards(canvas: Canvas, user: str, evidence: Evidence) -> None:
    """Each panel shows what was done."""
    someone = canvas.sign_up()
    assert canvas.subscribe(someone).status_code == 201
    job = canvas.order(user)
    assert canvas.ended(user, job) == "READY"
    with canvas.system.fault("images_down"):
        canvas.ended(user, canvas.order(user))
    shown: dict[str, list[Any]] = {}
    for board in ("canvascast-system-overview", "canvascast-pipeline", "canvascast-business"):
        found = canvas.system.get(f"dashboards/{board}")["dashboard"]
        for panel in (one for row in found["rows"] for one in row["panels"]):
            for query in panel["queries"]:
                if query["language"] == "promql":
                    shown[panel["title"]] = canvas.system.until(
                        lambda text=query["text"]: canvas.system.promql(text),  # type: ignore[misc]
                        VISIBLE_SECONDS,
                    )
    assert {one["metric"]["job"] for one in shown["Request rate"]} == {"api", "web"}
    assert {one["metric"]["step"] for one in shown["Step durations, p95"]} == set(STEPS)
    assert any(float(one["value"][1]) > 0 for one in shown["Failed steps"])
    ended = {
        status: canvas.value(f'sum(increase(job_duration_seconds_count{{status="{status}"}}[1h]))')
        for status in ("succeeded", "failed")
    }
    rate = float(canvas.panel("canvascast-pipeline", "Job completion rate")[0]["value"][1])
    assert rate == pytest.approx(ended["succeeded"] / sum(ended.values()), abs=0.05)
    with redis.Redis.from_url(canvas.system.told["redis"]) as client:
        assert client.exists(f"job:{job}")
    active = float(canvas.panel("canvascast-business", "Active subscriptions")[0]["value"][1])
    assert active >= 1
    evidence(
        f"{len(shown)} panels of three boards have values of api's, web's and worker's: completion rate {rate:.0%}, "
        f"{active:.0f} active subscriptions"
    )


def test_c15_the_teams_grafana_board(canvas: Canvas, evidence: Evidence) -> None:
    """Imported as it is, told what one query cannot mean, drawn, and exported unchanged."""
    text = (EXAMPLE / "fixtures" / "overview.grafana.json").read_text()
    answer = canvas.system.api.post("/api/v1/dashboard-import", json={"text": text})
    assert answer.status_code in (200, 201), answer.text
    told = answer.json()
    uid = told["dashboard"]["uid"]
    board = canvas.system.get(f"dashboards/{uid}")
    panels = [one for row in board["dashboard"]["rows"] for one in row["panels"]]
    assert [one["title"] for one in panels] == ["Request Rate", "Error Rate", "Job Queue Depth"]
    assert board["report"]["refused"] == []
    assert any("ratio without aggregation" in json.dumps(one) for one in board["report"]["findings"])
    exported = canvas.system.api.get(f"/api/v1/dashboards/{uid}/export").json()
    assert exported.get("panels", exported) == json.loads(text)["panels"]
    for title in ("Request Rate", "Job Queue Depth"):
        canvas.system.until(lambda title=title: canvas.panel(uid, title), VISIBLE_SECONDS)  # type: ignore[misc]
    evidence("the board's three panels were imported as they are, none refused, with values of api and worker")


def test_c17_a_stock_grafana_asks(canvas: Canvas, user: str, evidence: Evidence) -> None:
    """The requests of its Prometheus, Jaeger and Loki data sources, with the token as the password of Basic."""
    trace_id = str(uuid.uuid4())
    job = canvas.order(user, trace_id=trace_id)
    assert canvas.ended(user, job) == "READY"
    canvas.trace(trace_id, "job video")
    (line,) = canvas.lines(f'service:api body:"Job queued" jobId:{job}')
    now = time.time()
    told = canvas.system.told
    with httpx.Client(base_url=told["midwatch_url"], auth=("grafana", told["token"]), timeout=60) as grafana:

        def asked(method: str, path: str, **more: Any) -> Any:
            answer = grafana.request(method, path, **more)
            assert answer.status_code == 200, answer.text
            return answer.json()["data"]

        prom, jaeger, loki = "/prometheus/api/v1", "/jaeger/api", "/loki/api/v1"
        assert asked("POST", f"{prom}/query", data={"query": "1+1", "time": "4"})["result"] == [4, "2"]
        names = asked("GET", f"{prom}/label/__name__/values", params={"limit": 40000})
        assert {"http_requests_total", "job_queue_depth", "revenue_usd_total"} <= set(names)
        window = {"start": now - 600, "end": now, "step": "15"}
        form = {"query": "sum by (job) (rate(http_requests_total[1m0s]))", **window}
        series = asked("POST", f"{prom}/query_range", data=form)["result"]
        assert {one["metric"]["job"] for one in series} >= {"api", "web"}

        assert {"api", "web", "worker"} <= set(asked("GET", f"{jaeger}/services"))
        assert "job video" in asked("GET", f"{jaeger}/services/worker/operations")
        (trace,) = asked("GET", f"{jaeger}/traces/{trace_id.replace('-', '')}")
        assert {one["serviceName"] for one in trace["processes"].values()} >= {"api", "web", "worker"}

        health = {"query": "vector(1)+vector(1)", "direction": "", "time": "4000000000000"}
        assert asked("GET", f"{loki}/query", params=health)["result"][0]["value"] == [4000, "2"]
        ns = int(now * 1e9)
        query = {"query": f'{{service_name="api"}} |= "Job queued" | jobId="{job}"', "start": ns - 600 * 10**9}
        found = asked("GET", f"{loki}/query_range", params={**query, "end": ns + 60 * 10**9, "limit": 1000})["result"]
        assert sum(len(one["values"]) for one in found) == 1
    evidence(
        f"Grafana's requests: {len(series)} series of web, api and worker from Prometheus's API, job {job}'s trace "
        f"from Jaeger's, and its line ({line['body']!r}) from Loki's"
    )
