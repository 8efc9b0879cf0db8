"""CanvasCast's rows on who is told, what is shown, and what others ask: alerts, boards, Grafana, costs."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from tests.integration.clients.test_rotel import free_port, wait_for
from tests.otlp_sink import plain, running_sink
from tests.systems.canvascast_day import EXAMPLE, STEPS, another
from tests.systems.canvascast_people import VISIBLE_SECONDS, Canvas

pytestmark = [pytest.mark.rows, pytest.mark.timeout(2400)]
Evidence = Callable[[str], None]


def test_c12_the_original_rules_are_told_apart_and_the_mended_ones_fire(
    canvas: Canvas, user: str, tmp_path: Path, evidence: Evidence
) -> None:
    """The team's file as it is: what cannot work, and what to write; the plan's four through to the receivers."""
    text = (EXAMPLE / "fixtures" / "alerts.original.yml").read_text()
    assert canvas.ended(user, canvas.order(user)) == "READY"
    canvas.reaches("sum(http_request_duration_seconds_count)", 1)
    canvas.reaches("count(jobs_by_status)", 1)
    (tmp_path / "rules").mkdir()
    files = {"midwatch.yml": "", "rules/alerts.yml": text}
    for name, words in files.items():
        (tmp_path / name).write_text(words)
    checked = canvas.system.api.post("/api/v1/plan/check", json={"files": files}).json()
    wrong = [one["message"] for one in checked["problems"] if "runbook" not in one["message"]]
    assert any(one.endswith('deriv(jobs_by_status{status="FAILED"}[1h]) > 0.1') for one in wrong), wrong
    mended = "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 5"
    assert any(one.endswith(mended) for one in wrong), wrong
    command = [sys.executable, "-m", "midwatch", "check", str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert said.returncode != 0
    assert mended in said.stdout + said.stderr

    fired = {alert: fires(canvas, user, alert, *how) for alert, how in ALERTS.items()}
    evidence(
        "`midwatch check` said of the original that a gauge has no rate and a quantile needs the rate of buckets, and "
        "what to write; mended, "
        + ", ".join(f"{alert} reached Slack after {seconds:.0f} s" for alert, seconds in fired.items())
    )


def not_found(canvas: Canvas, user: str) -> None:
    """Ten requests that fail with storage."""
    for _ in range(10):
        canvas.ask("GET", f"/jobs/{FINISHED[0]}/video", user=user, process="api")


def failing_jobs(canvas: Canvas, user: str) -> None:
    canvas.order(user, process="api")
    time.sleep(1)


def many_jobs(canvas: Canvas, user: str) -> None:
    with redis.Redis.from_url(canvas.system.told["redis"]) as client:
        waiting = client.llen("videos:waiting")
    for _ in range(120 - waiting):
        canvas.order(user, process="api")
    time.sleep(1)


def slow_payments(canvas: Canvas, user: str) -> None:
    canvas.buy(user, usd=1, credits=1)


FINISHED: list[str] = []
ALERTS: dict[str, tuple[str, Callable[[Canvas, str], None]]] = {
    "HighErrorRate": ("storage_down", not_found),
    "HighJobFailureRate": ("images_down", failing_jobs),
    "SlowResponses": ("checkout_slow", slow_payments),
    "QueueBacklog": ("images_slow", many_jobs),
}


def fires(canvas: Canvas, user: str, alert: str, fault: str, act: Callable[[Canvas, str], None]) -> float:
    """Seconds until Slack was told, while people go on."""
    if not FINISHED:
        FINISHED.append(canvas.order(user))
        assert canvas.ended(user, FINISHED[0]) == "READY"
    canvas.system.calm(alert, VISIBLE_SECONDS)
    began = time.time()

    def heard() -> list[dict[str, Any]]:
        return [one for one in canvas.system.notified("/services/", alert, began) if "[FIRING" in one["body"]]

    with canvas.system.fault(fault):
        told = canvas.again_and_again(lambda: act(canvas, user), heard)
    if alert == "QueueBacklog":
        with redis.Redis.from_url(canvas.system.told["redis"]) as client:
            client.delete("videos:waiting")
    return float(told[0]["at"] - began)


def test_c13_critical_pages_and_warnings_are_told(canvas: Canvas, user: str, evidence: Evidence) -> None:
    """PagerDuty and Slack for a critical alert, Slack alone for a warning."""
    told = canvas.system.notified
    for alert in ("HighErrorRate", "SlowResponses"):
        if not told("/services/", alert):
            fires(canvas, user, alert, *ALERTS[alert])
    pages = canvas.system.until(lambda: told("/v2/enqueue", "HighErrorRate"), VISIBLE_SECONDS)
    event = json.loads(pages[0]["body"])
    assert event["event_action"] == "trigger"
    assert event["payload"]["severity"] == "critical"
    assert told("/services/", "[critical] High error rate detected")
    assert told("/services/", "[warning] Slow API responses")
    assert told("/v2/enqueue", "SlowResponses") == []
    assert "#alerts" in told("/services/", "SlowResponses")[0]["body"]
    evidence(
        "HighErrorRate (critical) reached PagerDuty and Slack's #alerts, SlowResponses (warning) Slack alone, as "
        "[severity] summary"
    )


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


def test_c16_a_collector_in_front_and_fan_out(canvas: Canvas, user: str, tmp_path: Path, evidence: Evidence) -> None:
    """rotel between a worker and Midwatch; and Midwatch hands on what comes to another endpoint."""
    told = canvas.system.told["environment"]
    plan = Path(told["PLAN"]) / "midwatch.yml"
    before = plan.read_text()
    with running_sink() as sink, collector(canvas, tmp_path) as url, canvas.system.fault("worker_dead"):
        endpoint = sink.dsn.replace("key@", "")
        plan.write_text(f'{before}\nforward:\n  - {{name: archive, endpoint: "{endpoint}", signals: [traces, logs]}}\n')
        canvas.system.until(
            lambda: [one["name"] for one in canvas.system.get("forward")["destinations"]] == ["archive"],
            VISIBLE_SECONDS,
        )
        own = {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_HEADERS": "", "MIDWATCH_DSN": ""}
        own |= {"SERVICE_NAME": "worker-behind-a-collector", "PORT": str(free_port()), "ENVIRONMENT": "production"}
        trace_id = str(uuid.uuid4())
        with another(canvas, [sys.executable, "main.py"], "worker", tmp_path / "worker.log", **own):
            job = canvas.order(user, trace_id=trace_id)
            assert canvas.ended(user, job) == "READY"
        spans = canvas.trace(trace_id, "job video", "step upload")
        (found,) = [one for one in spans if one["name"] == "job video"]
        assert found["service"] == "worker-behind-a-collector"
        forwarded = canvas.system.until(
            lambda: [one for one in sink.spans if one.name == "job video" and plain(one.attributes)["job.id"] == job],
            VISIBLE_SECONDS,
        )
    plan.write_text(before)
    assert forwarded[0].trace_id.hex() == trace_id.replace("-", "")
    evidence(
        f"worker's job {job} came through rotel in front of Midwatch, and went on to another OTLP endpoint "
        "with the same trace id"
    )


@contextmanager
def collector(canvas: Canvas, folder: Path) -> Iterator[str]:
    """rotel, which takes OTLP without a key and hands it on to Midwatch with one."""
    found = find_spec("rotel")
    assert found is not None
    assert found.submodule_search_locations
    port, log = free_port(), folder / "rotel.log"
    environment = {
        "ROTEL_OTLP_HTTP_ENDPOINT": f"127.0.0.1:{port}",
        "ROTEL_OTLP_GRPC_ENDPOINT": f"127.0.0.1:{free_port()}",
        "ROTEL_EXPORTER": "otlp",
        "ROTEL_OTLP_EXPORTER_ENDPOINT": canvas.system.told["otlp_http_url"],
        "ROTEL_OTLP_EXPORTER_PROTOCOL": "http",
        "ROTEL_OTLP_EXPORTER_CUSTOM_HEADERS": f"authorization=Bearer {canvas.system.told['key']}",
    }
    command = [str(Path(found.submodule_search_locations[0]) / "rotel-agent"), "start"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_for(port, process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def test_c17_a_stock_grafana_asks(canvas: Canvas, user: str, evidence: Evidence) -> None:
    """The requests of its Prometheus, Jaeger and Loki data sources, with the token as the password of Basic."""
    trace_id = str(uuid.uuid4())
    job = canvas.order(user, trace_id=trace_id)
    assert canvas.ended(user, job) == "READY"
    canvas.trace(trace_id, "job video", services={"web", "api", "worker"})
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


def test_c18_cost_per_job(canvas: Canvas, user: str, evidence: Evidence) -> None:
    """Images, voice, rendering and the model's tokens of one job, as the price list has them; and the mean."""
    job = canvas.order(user)
    assert canvas.ended(user, job) == "READY"
    prompt = "Lisbon in a day"

    def kinds() -> dict[str, float] | None:
        told = canvas.system.get("costs", by="kind", match=f"job_id={job}", start="now-1h")
        found = {one["value"]: float(one["amount"]) for one in told["rows"]}
        return found if {"images", "voice.characters", "render.seconds", "llm.output_tokens"} <= found.keys() else None

    found = canvas.system.until(kinds, VISIBLE_SECONDS)
    assert found["images"] == pytest.approx(3 * 0.04)
    assert found["voice.characters"] == pytest.approx(len(prompt) * 0.015 / 1000)
    assert found["llm.output_tokens"] > 0
    units = canvas.system.get("costs/units", start="now-1h")["units"]
    (mean,) = [one for one in units if one["name"] == "video"]
    assert float(mean["each"]) > 0
    evidence(
        f"worker's job {job} cost ${sum(found.values()):.4f}: {', '.join(f'{k} ${v:.5f}' for k, v in found.items())}; "
        f"a video costs ${float(mean['each']):.4f} on average"
    )
