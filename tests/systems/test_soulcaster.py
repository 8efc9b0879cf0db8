"""Every row of Soulcaster's document, by `make rows`: the processes of examples/soulcaster make it happen."""

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from playwright.sync_api import Browser, Page

from tests.systems.running import ROOT, Example, example
from tests.systems.soulcaster import (
    PATIENCE,
    SYSTEM,
    Counted,
    again_and_again,
    becomes,
    calm,
    failed_run,
    fixed,
    healthy,
    paged,
    panel,
    poller_says,
    reaches,
    recoveries,
    say,
    signed_in,
    slacked,
    state,
    states,
    value,
    visiting,
    wish,
)

pytestmark = [pytest.mark.rows, pytest.mark.timeout(2400)]
HURRY = 60
SHOTS = ROOT / "test-results"


@pytest.fixture(scope="module")
def soul(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    with example("soulcaster", tmp_path_factory.mktemp("soulcaster"), "--hurry", str(HURRY)) as started:
        started.api.timeout = httpx.Timeout(PATIENCE)
        yield started


@pytest.fixture
def visit(soul: Example, browser: Browser) -> Iterator[Callable[[], Page]]:
    """The dashboard's page as a person opens it."""
    with visiting(soul, browser) as opened:
        yield opened


# The rows.


def test_s01_the_backends_golden_signals(soul: Example, evidence: Callable[[str], None]) -> None:
    """Each panel of the board tells what was done: rates, p95, 5xx, exceptions, busy workers, Reddit's limit."""
    jobs = Counted(soul, 'http_requests_total{job="backend", route="/cluster-jobs", status="202"}')
    failures = Counted(soul, 'http_requests_total{job="backend", route="/ingest/{source}", status="500"}')
    soul.behave("reddit", "ok", remaining=321)
    for _ in range(8):
        say(soul, "The export loses rows").raise_for_status()
    for _ in range(3):
        fixed(soul)
    with soul.fault("error_spike"):
        again_and_again(lambda: say(soul, "anything"), lambda: panel(soul, "5xx").get("A", 0) > 0)
    left = reaches(soul, 'api_rate_limit_remaining{job="poller"}', lambda found: found == 321)
    soul.behave("reddit", "ok")
    failures.grows(1)
    assert jobs.grows(3) == 3
    p95 = soul.until(lambda: panel(soul, "p95 of ingest and cluster jobs"), PATIENCE)
    assert {"/ingest/{source}", "/cluster-jobs"} <= p95.keys()
    assert all(0 < one < 10 for one in p95.values() if one == one), p95
    assert panel(soul, "Requests by endpoint")["POST,/cluster-jobs"] > 0
    failing = panel(soul, "5xx")["A"]
    assert 0 < failing < 1
    busy = panel(soul, "Workers busy")
    assert 0 < busy["backend,event_loop"] <= 1
    issues = soul.until(lambda: soul.get("issues", service="backend")["issues"], PATIENCE)
    raised = [one for one in issues if one["type"] == "HTTPStatusError"]
    assert raised, issues
    evidence(
        f"backend (FastAPI) told of 3 jobs and a failed ingest: p95 {p95['/ingest/{source}']:.3f} s, "
        f"{failing:.1%} 5xx, sentry-sdk's {raised[0]['type']}, event loop {busy['backend,event_loop']:.1%} busy; "
        f"poller told of Reddit's {left:.0f} requests left"
    )


def test_s02_the_dashboards_golden_signals(
    soul: Example, visit: Callable[[], Page], evidence: Callable[[str], None]
) -> None:
    """LCP, API time, 5xx, a React crash, active users and the duration of sessions, of a page in Chromium."""
    say(soul, "The export loses rows").raise_for_status()
    page = visit()
    page.wait_for_timeout(1500)
    page.click("li button >> nth=0")
    page.wait_for_selector(".status:has-text('success')", timeout=PATIENCE * 1000)
    with soul.fault("react_crash"):
        crashed = visit()
        crashed.wait_for_selector("text=Something broke")
        crashed.close()
    with soul.fault("redis_gone"):
        failed = visit()
        assert "502" in (failed.text_content("[role=alert]") or "")
        failed.close()
    page.goto("about:blank")
    lcp = soul.until(
        lambda: next((one["figures"] for one in soul.get("vitals")["vitals"] if one["name"] == "lcp"), None), PATIENCE
    )
    sessions = soul.until(lambda: (s := soul.get("vitals")["sessions"])["users"] and s, PATIENCE)
    durations = soul.until(lambda: (s := soul.get("analytics/sessions")["stats_of_all"])["count"] and s, PATIENCE)
    crash = soul.until(lambda: soul.get("issues", service="dashboard-web", query="slice")["issues"], PATIENCE)[0]
    api = soul.until(lambda: soul.get("issues", service="dashboard")["issues"], PATIENCE)[0]
    reaches(soul, 'sum(http_requests_total{job="dashboard", route=~"/api/.*", status="502"})', lambda found: found >= 1)
    times = panel(soul, "API routes, p95")
    assert "/api/clusters" in times
    assert panel(soul, "LCP by route, p75")
    assert panel(soul, "Crashes in browsers")
    healthy(soul)
    evidence(
        f"dashboard-web (@sentry/react in Chromium): LCP p75 {lcp['p75']:.0f} ms, {sessions['users']} active users, "
        f"mean session {durations['mean_seconds']:.1f} s (posthog-js), crash {crash['type']!r}; "
        f"dashboard (Express, @sentry/node): /api/clusters p95 {times['/api/clusters']:.3f} s, 502 as {api['type']!r}"
    )


def test_s03_the_agents_golden_signals(soul: Example, evidence: Callable[[str], None]) -> None:
    """Success rate, time from pending to success, sandboxes in use against the limit, failures by category."""
    counted = 'sum by (category) (agent_jobs_total{{outcome="{}", category="{}"}})'
    before = {name: value(soul, counted.format("failed", name)) for name in FAILURES}
    done = value(soul, 'sum(agent_jobs_total{outcome="success"})')
    for _ in range(2):
        assert fixed(soul)["status"] == "success"
    with soul.fault("pr_creation_failed"):
        assert fixed(soul)["category"] == "PR creation failed"
    with soul.fault("linter_error"):
        assert fixed(soul)["category"] == "Linter error"
    with soul.fault("job_too_long"):
        job_id = wish(soul)
        sandbox = soul.until(lambda: state(soul, job_id).get("sandbox_id"), PATIENCE)
        in_use = reaches(soul, "sandboxes_in_use / sandboxes_limit", lambda found: found > 0)
        httpx.delete(f"{soul.told['outside_url']}/sandboxes/sandboxes/{sandbox}")
        assert becomes(soul, job_id, "failed")["category"] == "Sandbox timeout"
    for name in FAILURES:
        reaches(soul, counted.format("failed", name), lambda found, name=name: found >= before[name] + 1)  # type: ignore[misc]
    reaches(soul, 'sum(agent_jobs_total{outcome="success"})', lambda found: found >= done + 2)
    good, bad = (
        value(soul, f'sum(increase(agent_jobs_total{{outcome="{one}"}}[1h]))') for one in ("success", "failed")
    )
    rate = panel(soul, "Success rate")["A"]
    assert rate == pytest.approx(good / (good + bad), abs=0.05)
    lead = panel(soul, "From pending to success, p50 and p95")
    assert 0.5 < lead["A"] <= lead["B"]
    assert set(FAILURES) <= {name for name, number in panel(soul, "Failures by category").items() if number > 0}
    evidence(
        f"agent (Celery): success rate {rate:.0%}, pending to success p50 {lead['A']:.1f} s p95 {lead['B']:.1f} s, "
        f"{in_use:.0%} of sandboxes in use, one more failure each of {', '.join(FAILURES)}"
    )


FAILURES = ("PR creation failed", "Sandbox timeout", "Linter error")


def test_s04_redis_and_the_vector_store(soul: Example, evidence: Callable[[str], None]) -> None:
    """Connection errors, duration of commands, and usage against the plan, each equal to what the store says."""
    say(soul, "The export loses rows").raise_for_status()
    errors = value(soul, "sum(redis_connection_errors_total)")
    with soul.fault("redis_gone"):
        assert say(soul, "The export loses rows").status_code == 500
        lost = reaches(soul, "sum(redis_connection_errors_total)", lambda found: found > errors)
    with soul.fault("error_spike"):
        assert say(soul, "anything").status_code == 500
        reaches(soul, "sum(increase(vector_errors_total[10m]))", lambda found: found > 0)
    size = httpx.get(f"{soul.told['outside_url']}/vectors/info").json()["result"]["indexSize"]
    reaches(soul, 'sum(storage_used_bytes{store="vector"})', lambda found: found == size)
    with redis.Redis.from_url(soul.told["redis"]) as client:
        used = client.info("memory")["used_memory"]
    share = panel(soul, "Used of the plan")
    assert share["redis"] == pytest.approx(used / (256 << 20), rel=0.5)
    commands, vectors = panel(soul, "Redis commands, p95")["A"], panel(soul, "Vector commands, p95")["A"]
    assert commands > 0
    assert vectors > 0
    healthy(soul)
    evidence(
        f"backend and agent (redis-py): {lost - errors:.0f} connection errors, commands p95 {commands * 1000:.0f} ms; "
        f"vector store p95 {vectors * 1000:.0f} ms; {share['redis']:.1%} and {share['vector']:.4%} of the plans used"
    )


def test_s05_people_are_paged(soul: Example, evidence: Callable[[str], None]) -> None:
    """Backend down, 5xx, failing jobs, Redis lost: each goes through to PagerDuty, and tells the recovery hook."""
    heard: dict[str, float] = {}

    def told(alert: str, began: float) -> bool:
        found = paged(soul, alert, began)
        if found:
            heard.setdefault(alert, found[0]["at"] - began)
        return bool(found)

    began = time.time()
    with soul.fault("error_spike"):
        again_and_again(lambda: say(soul, "anything"), lambda: told("HighErrorRate", began))
    healthy(soul)
    began = time.time()
    with soul.fault("pr_creation_failed"):
        again_and_again(lambda: fixed(soul), lambda: told("AgentFailureSpike", began))
    began = time.time()
    with soul.fault("redis_gone"):
        again_and_again(lambda: say(soul, "anything"), lambda: told("RedisLost", began))
    healthy(soul)
    began = time.time()
    with soul.fault("backend_down"):
        soul.until(lambda: told("BackendDown", began), PATIENCE)
    healthy(soul)
    assert soul.until(lambda: recoveries(soul), PATIENCE)
    evidence(
        "PagerDuty was told, from the fault on at 60 times the document's speed, of "
        + ", ".join(f"{alert} in {seconds:.0f} s" for alert, seconds in heard.items())
        + "; the recovery process logged the hook's calls"
    )


def test_s06_people_are_notified(soul: Example, evidence: Callable[[str], None]) -> None:
    """Latency, nothing ingested, the sandbox quota, a job too long: each goes through to Slack, and pages nobody."""
    heard: dict[str, float] = {}

    def told(alert: str, began: float) -> bool:
        found = slacked(soul, alert, began)
        if found:
            heard.setdefault(alert, found[0]["at"] - began)
        return bool(found)

    first = began = time.time()
    with soul.fault("latency"), ThreadPoolExecutor(4) as people:
        again_and_again(
            lambda: list(people.map(lambda _: say(soul, "The export loses rows"), range(4))),
            lambda: told("HighLatency", began),
            seconds=2 * PATIENCE,
        )
    with ExitStack() as faults:
        faults.enter_context(soul.fault("reddit_silent"))
        silent = time.time()
        soul.until(lambda: calm(soul), PATIENCE)
        with soul.fault("job_too_long"):
            long = time.time()
            job_id = wish(soul)
            soul.until(lambda: told("JobTooLong", long), PATIENCE)
        becomes(soul, job_id, "failed")
        with soul.fault("quota_near"):
            used = time.time()
            soul.until(lambda: told("SandboxQuota", used), PATIENCE)
        soul.until(lambda: told("NothingIngested", silent), 2 * PATIENCE)
    for alert in ("HighLatency", "NothingIngested", "SandboxQuota"):
        assert paged(soul, alert, first) == []
    evidence(
        "Slack was told, from the fault on at 60 times the document's speed, of "
        + ", ".join(f"{alert} in {seconds:.0f} s" for alert, seconds in heard.items())
    )


def test_s07_health_is_one_line(soul: Example, evidence: Callable[[str], None]) -> None:
    """`/health` lives without Redis, `/ready` says what is missing; the backend's source has one line for both."""
    lines = [line for line in (SYSTEM / "backend" / "main.py").read_text().splitlines() if "health" in line]
    assert lines == ['midwatch.health(app, {"redis": client})']
    backend = soul.url("backend")
    answer = httpx.get(f"{backend}/health", timeout=60)
    assert (answer.status_code, answer.json()["status"], answer.json()["service"]) == (200, "ok", "backend")
    assert httpx.get(f"{backend}/ready", timeout=60).json()["checks"]["redis"]["healthy"]
    with soul.fault("redis_gone"):
        soul.until(lambda: httpx.get(f"{backend}/ready", timeout=60).status_code == 503, PATIENCE)
        assert httpx.get(f"{backend}/health", timeout=60).status_code == 200
    healthy(soul)
    evidence(f"backend answers /health with {answer.text}, and /ready with 503 while Redis is gone, by `{lines[0]}`")


def test_s08_json_logs_by_one_setting(soul: Example, evidence: Callable[[str], None]) -> None:
    """Every line of the Python processes is JSON with `LOG_FORMAT=json`, and text for people with `console`."""
    fixed(soul)
    told = {}
    for process in ("backend", "agent", "poller", "recovery"):
        text = (Path(soul.told["data"]) / "logs" / f"{process}.log").read_text(errors="replace")
        lines = [line for line in text.splitlines() if not line.startswith("midwatch: ")]
        assert lines, process
        told[process] = [json.loads(line) for line in lines[:-1]]
        for line in told[process]:
            assert line.keys() >= {"timestamp", "level", "message", "service", "env"}, line
            assert (line["service"], line["env"]) == (process, "production")
    said = poller_says(soul, LOG_FORMAT="console")
    assert "poll." in said
    assert not said.lstrip().startswith("{")
    assert json.loads(poller_says(soul, LOG_FORMAT="json").splitlines()[-1])["service"] == "poller"
    counts = ", ".join(f"{process} {len(lines)}" for process, lines in told.items())
    evidence(f"lines of JSON on stdout with LOG_FORMAT=json: {counts}; the poller with LOG_FORMAT=console writes text")


def test_s09_latency_histograms_without_writing_them(soul: Example, evidence: Callable[[str], None]) -> None:
    """The backend's source measures no request, and each endpoint's requests are in buckets all the same."""
    source = "".join(file.read_text() for file in (SYSTEM / "backend").glob("*.py"))
    assert re.findall(r"midwatch\.histogram|prometheus_client|perf_counter\(\)[^\n]*request", source) == []
    endpoint = 'http_request_duration_seconds_{}{{job="backend", route="/cluster-jobs"{}}}'
    soul.settled(f"sum({endpoint.format('count', '')})")
    count, last = Counted(soul, endpoint.format("count", "")), Counted(soul, endpoint.format("bucket", ', le="+Inf"'))
    for _ in range(4):
        wish(soul)
    assert count.grows(4) == last.grows(4) == 4
    buckets = len(soul.promql('count by (le) (http_request_duration_seconds_bucket{job="backend"})'))
    assert buckets > 8
    evidence(f"backend: 4 requests are 4 more in http_request_duration_seconds of /cluster-jobs, in {buckets} buckets")


def test_s10_the_pollers_heartbeat_is_watched(soul: Example, evidence: Callable[[str], None]) -> None:
    """A poller that hangs is missed and Slack is told so; it goes on, and is up again."""

    def condition() -> str:
        (found,) = [one for one in soul.get("heartbeats")["heartbeats"] if one["name"] == "reddit-poller"]
        return str(found["condition"])

    soul.until(lambda: condition() == "up", PATIENCE)
    began = time.time()
    with soul.fault("poller_stuck"):
        soul.until(lambda: condition() == "missed", PATIENCE)
        missed = time.time() - began
        told = soul.until(lambda: slacked(soul, "HeartbeatMissing", began), PATIENCE)
    soul.until(lambda: condition() == "up", PATIENCE)
    evidence(
        f"poller stopped: its heartbeat counted as missed after {missed:.0f} s (every 30 s, 10 s grace), "
        f"Slack told after {told[0]['at'] - began:.0f} s, up again when it went on"
    )


def test_s11_one_job_from_pending_to_its_end(soul: Example, browser: Browser, evidence: Callable[[str], None]) -> None:
    """A click, the queue, a sandbox, a failure, a replay by an engineer, the pull request: one story, and its page."""
    with soul.fault("pr_creation_failed"):
        job_id = wish(soul)
        assert becomes(soul, job_id, "failed")["category"] == "PR creation failed"
    run = soul.until(lambda: failed_run(soul, job_id), PATIENCE)
    payload = soul.get(f"handler-runs/{run['id']}/payload")["arguments"]
    assert (payload["job_id"], payload["repository"]) == (job_id, "soulcaster/app")
    ordered = soul.api.post("/api/v1/handler-replays", json={"reason": "GitHub is back", "ids": [run["id"]]})
    assert ordered.status_code == 202, ordered.text
    job = becomes(soul, job_id, "success")

    def whole() -> dict[str, Any] | None:
        story: dict[str, Any] = soul.get("story", job_id=job_id, fold="none", limit=1000)
        text = json.dumps(story)
        wanted = ("pull_request.opened", "handler.failed", "handler.replayed", "boot sandbox", "PrCreationFailed")
        told = {one["name"] for one in story["services"]} >= {"dashboard", "backend", "agent"}
        return story if told and all(word in text for word in wanted) else None

    story = soul.until(whole, PATIENCE)
    path = soul.until(lambda: found if len(found := states(soul, job_id)) == 5 else None, PATIENCE)
    assert path == [
        ("", "pending"),
        ("pending", "running"),
        ("running", "failed"),
        ("failed", "running"),
        ("running", "success"),
    ]
    services = {one["name"] for one in story["services"]}
    page = signed_in(soul, browser, f"/story?id={job_id}&kind=event")
    lines = page.get_by_role("region", name="Lines in order").locator("tbody tr")
    lines.filter(has_text="pull_request.opened").first.wait_for(timeout=60_000)
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / "soulcaster-story.png", full_page=True)
    page.context.close()
    evidence(
        f"story of job {job_id[:8]}: {story['total_lines']} lines of {', '.join(sorted(services))}; pending, running, "
        f"failed (PR creation failed), replayed in agent with its arguments, success with {job['pull_request']}; "
        f"test-results/soulcaster-story.png"
    )


def test_s12_generate_fix_is_counted(soul: Example, visit: Callable[[], Page], evidence: Callable[[str], None]) -> None:
    """Each click is one event of posthog-js and, once the API has taken it, one of posthog-node, of the same person."""

    def count(event: str) -> int:
        return int(soul.get("analytics/trends", event=event)["total"])

    for title in ("The export loses rows", "Nobody can sign in any more", "A wholly different wish for search"):
        say(soul, title).raise_for_status()
    clicks, wishes = count("generate fix"), count("fix requested")
    page = visit()
    person = page.evaluate("Object.keys(localStorage).find(key => key.startsWith('ph_'))")
    assert person
    for number in range(3):
        page.click(f"li button >> nth={number}")
        page.wait_for_selector(f"li >> nth={number} >> .status")
    page.wait_for_timeout(1000)
    page.goto("about:blank")
    soul.until(lambda: count("generate fix") >= clicks + 3, PATIENCE)
    soul.until(lambda: count("fix requested") >= wishes + 3, PATIENCE)
    assert count("generate fix") == clicks + 3
    assert count("fix requested") == wishes + 3
    funnel = {"start": "now-1h", "steps": [{"event": "generate fix"}, {"event": "fix requested"}]}
    steps = soul.api.post("/api/v1/analytics/funnel", json=funnel).json()["steps"]
    assert steps[0]["count"] == steps[1]["count"] >= 1
    evidence(
        f"dashboard-web (posthog-js in Chromium): 3 clicks are 3 more 'generate fix'; dashboard (posthog-node): "
        f"3 more 'fix requested'; {steps[1]['count']} of {steps[0]['count']} persons go all the way"
    )


def test_s13_the_recovery_hook_mends_or_somebody_is_paged(soul: Example, evidence: Callable[[str], None]) -> None:
    """The hook kills what hangs, and nobody is paged; where the hook is away, the developer on call is."""
    soul.until(lambda: calm(soul), PATIENCE)
    began = time.time()
    with soul.fault("job_too_long"):
        job_id = wish(soul)
        assert becomes(soul, job_id, "failed")["category"] == "Sandbox timeout"
        mended = time.time() - began
    done = soul.until(lambda: [one for one in recoveries(soul) if one["killed"]], PATIENCE)
    soul.until(lambda: calm(soul), PATIENCE)
    time.sleep(130)
    assert paged(soul, "JobTooLong", began) == []
    failing = time.time()
    with soul.fault("recovery_fails"), soul.fault("job_too_long"):
        job_id = wish(soul)
        (page, *_) = soul.until(lambda: paged(soul, "JobTooLong", failing), 2 * PATIENCE)
        assert state(soul, job_id)["status"] == "running"
    assert "Developer on call" in json.dumps(soul.get("on-call"))
    httpx.delete(f"{soul.told['outside_url']}/sandboxes/sandboxes/{state(soul, job_id)['sandbox_id']}")
    becomes(soul, job_id, "failed")
    evidence(
        f"recovery killed the sandbox of a job that hung {mended:.0f} s after it began ({len(done)} calls logged), "
        f"and nobody was paged; with recovery dead, PagerDuty was told after {page['at'] - failing:.0f} s, for the "
        f"developer on call"
    )


def test_s14_dogstatsd_from_datadogs_client(soul: Example, evidence: Callable[[str], None]) -> None:
    """Counters, gauges and distributions that the backend sends with the `datadog` package are series with its tags."""
    limit = reaches(soul, 'storage_limit_bytes{store="redis"}', lambda found: found > 0)
    assert limit == 256 << 20
    counted = 'sum(histogram_count(increase(vector_command_seconds{command="query"}[1h])))'
    before = value(soul, counted)
    for _ in range(20):
        say(soul, "The export loses rows").raise_for_status()
    made = reaches(soul, counted, lambda found: found >= before + 19) - before
    quantile = value(soul, 'histogram_quantile(0.95, sum(rate(vector_command_seconds{command="query"}[1h])))')
    assert 0 < quantile < 30
    (series,) = soul.promql('storage_limit_bytes{store="redis"}')
    assert (series["metric"]["job"], series["metric"]["env"]) == ("backend", "production")
    errors = value(soul, "sum(increase(vector_errors_total[1h]))")
    with soul.fault("error_spike"):
        say(soul, "anything")
        reaches(soul, "sum(increase(vector_errors_total[1h]))", lambda found: found > errors)
    evidence(
        f"backend (datadog's client): {made:.0f} more of the distribution vector.command.seconds (p95 "
        f"{quantile * 1000:.0f} ms), the gauge storage.limit_bytes at 256 MiB, and the counter vector.errors"
    )
