"""Rows of Tabbi's document that its page makes true: the built page, as the edge serves it, in Chromium."""

import json
import operator
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page
from tools import npm

from tests.systems.chromium import chromium
from tests.systems.running import ROOT, example
from tests.systems.tabbi_people import (
    PATIENCE,
    SHOTS,
    Tabbi,
    new_id,
    send_prompt,
    sign_in,
    start_session,
)

pytestmark = [pytest.mark.rows, pytest.mark.timeout(900)]
WEB = ROOT / "examples" / "tabbi" / "web"
STEPS = ("visited", "signed in", "session started", "session running", "first prompt")
VISITS, AT_ONCE = 60, 10
SERVICES = {"web", "api", "modal", "opencode"}


@pytest.fixture(scope="module")
def tabbi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tabbi]:
    with example("tabbi", tmp_path_factory.mktemp("tabbi")) as started, chromium() as browser:
        started.api.timeout = httpx.Timeout(PATIENCE)
        yield Tabbi(started, browser)


def crash(tabbi: Tabbi, name: str, address: str) -> None:
    """The page breaks for somebody of this name."""
    with tabbi.system.fault("react_crash"), tabbi.person() as person:
        page = person.new_page()
        sign_in(page, name, address)
        page.wait_for_selector("text=Something broke")
        tabbi.leave(page, 6000)


def upload_maps(tabbi: Tabbi) -> None:
    """What a build does: the maps of the page's scripts, by Sentry's command line."""
    env = npm.node_environment() | {"HOME": tabbi.system.told["data"], "PATH": npm.node_environment()["PATH"]}
    env |= {"SENTRY_URL": tabbi.system.told["midwatch_url"], "SENTRY_AUTH_TOKEN": tabbi.system.told["token"]}
    env |= {"SENTRY_ORG": "midwatch", "SENTRY_PROJECT": "1", "RELEASE": "1.4.0", "LANG": os.environ.get("LANG", "C")}
    done = subprocess.run(["npm", "run", "maps"], cwd=WEB, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_t01_a_browser_exception(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """What breaks the page is an issue of @sentry/react: its line of source, who, and what they did before."""
    upload_maps(tabbi)
    crash(tabbi, "ada", "/?traces=1&replays=0")
    found = tabbi.error("Cannot read properties of null", "web", user="id:ada")
    facts, event = found["facts"], found["event"]
    assert facts["sdk"].startswith("sentry.javascript.react")
    assert (facts["user"], facts["handled"], facts["release"]) == ("id:ada", False, "1.4.0")
    frames = [frame for one in event["exception"]["values"] for frame in one["stacktrace"]["frames"]]
    mine = [frame for frame in frames if frame["filename"].endswith("src/tabbi.jsx")]
    lines = (WEB / "src" / "tabbi.jsx").read_text().splitlines()
    at = [frame["lineno"] for frame in mine if ".split(" in lines[frame["lineno"] - 1]]
    assert at, frames[-3:]
    crumbs = event["breadcrumbs"]["values"]
    assert any(one.get("category") == "ui.click" for one in crumbs)
    assert any(one.get("message") == "signed in" and one.get("category") == "log" for one in crumbs), crumbs
    evidence(
        f"web ({facts['sdk']} in Chromium): {facts['title']!r} of user ada, at line {at[0]} of tabbi.jsx, "
        f"{len(crumbs)} breadcrumbs"
    )


def test_t05_one_waterfall_from_the_browser_on(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """A click, the edge, the sandbox, the agent: one trace in the page, and the same through Jaeger's API."""
    with tabbi.person() as person:
        page = person.new_page()
        sign_in(page, "bea")
        request_id = start_session(page)
        tabbi.leave(page)

    def whole() -> str | None:
        for one in tabbi.traces(f"request_id:{request_id} service:web"):
            if {told["service"] for told in one["services"]} == SERVICES:
                return str(one["trace_id"])
        return None

    trace_id = tabbi.system.until(whole, PATIENCE)
    spans = tabbi.spans(trace_id)
    (root,) = [span for span in spans if not span["parent_span_id"]]
    assert (root["service"], root["name"]) == ("web", 'User clicks "Start Session"')
    answer = tabbi.system.api.get(f"/jaeger/api/traces/{trace_id}")
    (told,) = answer.json()["data"]
    assert {span["spanID"] for span in told["spans"]} >= {span["span_id"] for span in spans}
    assert {one["serviceName"] for one in told["processes"].values()} == SERVICES
    with tabbi.midwatch(f"/traces/{trace_id}") as shown:
        shown.get_by_text("create_sandbox").first.wait_for()
        SHOTS.mkdir(exist_ok=True)
        shown.screenshot(path=SHOTS / "tabbi-trace.png", full_page=True)
    evidence(
        f"web, api, modal, opencode: {len(spans)} spans under a click of {root['duration_ns'] / 1e6:.0f} ms, "
        f"{len(told['spans'])} of them through Jaeger's API; test-results/tabbi-trace.png"
    )


def measured(tabbi: Tabbi, wanted: set[str]) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        report: dict[str, Any] = tabbi.system.get("vitals", route="/")
        there = {one["name"] for one in report["vitals"] if one["figures"]}
        return report if wanted <= there and report["sessions"]["sessions"] else None

    return tabbi.system.until(found, PATIENCE)


def look_around(tabbi: Tabbi, name: str) -> None:
    with tabbi.person() as person:
        page = person.new_page()
        sign_in(page, name)
        page.wait_for_selector("text=Start session")
        tabbi.leave(page)


def test_t07_core_web_vitals(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """LCP, INP, FID and CLS of the route as p75, with sessions and users, and what the page of Midwatch says of it."""
    for name in ("cid", "cleo"):
        look_around(tabbi, name)
    report = measured(tabbi, {"lcp", "inp", "fid", "cls"})
    p75 = {one["name"]: one["figures"]["p75"] for one in report["vitals"] if one["figures"]}
    assert 0 < p75["lcp"] < 60_000
    assert 0 <= p75["fid"] < 10_000
    assert 0 <= p75["cls"] < 1
    assert "/" in {one["route"] for one in tabbi.system.get("vitals")["routes"]}
    sessions = report["sessions"]
    assert sessions["sessions"] >= 2
    assert sessions["users"] >= 1
    with tabbi.midwatch("/vitals") as shown:
        shown.get_by_text("LCP").first.wait_for()
    evidence(
        f"web: p75 of / is LCP {p75['lcp']:.0f} ms, INP {p75['inp']:.0f} ms, FID {p75['fid']:.1f} ms, "
        f"CLS {p75['cls']:.3f}; {sessions['sessions']} sessions of {sessions['users']} users"
    )


def test_t14_web_metrics_are_charted(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """web.lcp, web.fid and web.cls are histograms in PromQL, web.errors counts what broke."""
    queries = [f'sum(increase({{"web.{name}_count"}}[1h]))' for name in ("lcp", "fid", "cls")]
    before = [tabbi.value(query) for query in queries]
    look_around(tabbi, "dan")
    grown = [
        tabbi.reaches(query, partial(operator.le, was + 0.5)) - was for query, was in zip(queries, before, strict=True)
    ]
    errors = 'sum(increase({"web.errors"}[1h]))'
    broken = tabbi.value(errors)
    crash(tabbi, "dan", "/?traces=0&replays=0")
    told = tabbi.reaches(errors, lambda found: found > broken + 0.5) - broken
    p75 = tabbi.value('histogram_quantile(0.75, sum by (le) (increase({"web.lcp_bucket"}[1h])))')
    assert p75 > 0
    evidence(
        f"web: a visit is {grown[0]:.0f} more of web.lcp, {grown[1]:.0f} of web.fid, {grown[2]:.0f} of "
        f"web.cls; a crash {told:.0f} more of web.errors; p75 of web.lcp {p75:.0f} ms by histogram_quantile"
    )


def test_t17_one_request_id_there_and_back(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """From a click to the agent and back over SSE and WebSocket: on the page's socket, on spans, lines and errors."""
    frames: list[str] = []
    with tabbi.person() as person:
        page = person.new_page()
        page.on("websocket", lambda socket: socket.on("framereceived", lambda text: frames.append(str(text))))
        sign_in(page, "eve")
        request_id = start_session(page)
        send_prompt(page, "Explain this repository")
        tabbi.leave(page)
    heard = [json.loads(frame) for frame in frames]
    assert {"message.started", "message.part", "message.completed", "state"} <= {one["type"] for one in heard}
    assert {one["request_id"] for one in heard} == {request_id}

    def spans() -> set[str] | None:
        found = {
            one["service"]
            for trace in tabbi.traces(f"request_id:{request_id}")
            for one in trace["services"]
            if tabbi.traces(f"request_id:{request_id} service:{one['service']}")
        }
        return found if found == SERVICES else None

    tabbi.system.until(spans, PATIENCE)

    def lines() -> dict[str, int] | None:
        rows = tabbi.lines(f"request_id:{request_id}")
        count = {name: sum(row["service"] == name for row in rows) for name in SERVICES - {"web"}}
        return count if all(count.values()) else None

    count = tabbi.system.until(lines, PATIENCE)
    (back,) = tabbi.system.until(lambda: tabbi.lines(f'request_id:{request_id} "Agent answered"'), PATIENCE)
    assert back["service"] == "api"
    failing = new_id()
    with tabbi.system.fault("sandbox_fails"):
        tabbi.becomes(tabbi.start("eve", failing), "error")

    def errors() -> dict[str, Any] | None:
        story: dict[str, Any] = tabbi.system.get("story", request_id=failing, fold="none", limit=1000)
        text = json.dumps(story)
        return story if "CallFailed" in text and "SandboxFailed" in text else None

    tabbi.system.until(errors, PATIENCE)
    evidence(
        f"request {request_id[:8]}: {len(heard)} messages on the page's socket, spans of web, api, modal and opencode, "
        f"lines {count}; the story of one that fails has CallFailed of api and SandboxFailed of modal"
    )


def asked(tabbi: Tabbi, **more: Any) -> list[dict[str, Any]]:
    body = {"start": "now-1h", "steps": [{"event": event} for event in STEPS], **more}
    answer = tabbi.system.api.post("/api/v1/analytics/funnel", json=body)
    assert answer.status_code == 200, answer.text
    steps: list[dict[str, Any]] = answer.json()["steps"]
    return steps


def test_t31_the_funnel(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """Of four who visit, three sign in, two start a session that runs, and one says something: so says the funnel."""
    before = [step["count"] for step in asked(tabbi)]
    for number in range(4):
        with tabbi.person() as person:
            page = person.new_page()
            page.goto("/?traces=0&replays=0")
            page.wait_for_selector("[name=user]")
            if number < 3:
                sign_in(page, f"visitor-{number}-{new_id()[:6]}", page.url)
            if number < 2:
                start_session(page)
            if number == 0:
                send_prompt(page, "Explain this repository")
            tabbi.leave(page)

    def grown() -> list[int]:
        return [step["count"] - was for step, was in zip(asked(tabbi), before, strict=True)]

    tabbi.system.until(lambda: grown() == [4, 3, 2, 2, 1], PATIENCE)
    steps = asked(tabbi)
    for step, first in zip(steps[1:], steps, strict=False):
        assert step["of_previous"] == pytest.approx(step["count"] / first["count"], abs=0.01)
    evidence(
        "web (posthog-js): " + ", ".join(f"{one['event']} {one['count']} ({one['of_first']:.0%})" for one in steps)
    )


def use_templates(page: Page) -> None:
    page.click("text=Mend the failing test")
    page.click("text=Send")
    page.wait_for_selector("#answer >> text=∎")


def test_t32_usage_by_flag(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """Who has the flag and who uses what it switches on: those with it can, those without it cannot."""
    for variant in ("on", "on", "off"):
        with tabbi.person() as person:
            person.add_init_script(f"localStorage.variant = '{variant}'")
            page = person.new_page()
            sign_in(page, f"flag-{variant}-{new_id()[:6]}", "/?traces=0&replays=0")
            start_session(page)
            if variant == "on":
                use_templates(page)
            else:
                assert page.get_by_text("Mend the failing test").count() == 0
                send_prompt(page, "Mend it")
            tabbi.leave(page)

    def usage() -> dict[str, dict[str, Any]] | None:
        told = tabbi.system.get("analytics/features", flag="prompt-templates", event="template used")
        found = {one["value"]: one for one in told["values"]}
        return found if {"on", "off"} <= found.keys() and found["on"]["used"] >= 2 else None

    found = tabbi.system.until(usage, PATIENCE)
    assert found["off"]["used"] == 0
    evidence(
        f"web: prompt-templates on for {found['on']['persons']} persons, {found['on']['used']} used a template; "
        f"off for {found['off']['persons']}, {found['off']['used']} did"
    )


def test_t33_how_long_sessions_last(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """Visits by how long they lasted, from PostHog's sessions; agents' sessions from the edge's histogram."""
    before = tabbi.system.get("analytics/sessions")["stats_of_all"]["count"]
    with tabbi.person() as person:
        page = person.new_page()
        sign_in(page, f"long-{new_id()[:6]}")
        start_session(page)
        page.wait_for_timeout(11_000)
        send_prompt(page, "Still there?")
        tabbi.leave(page)
    tabbi.system.until(lambda: tabbi.system.get("analytics/sessions")["stats_of_all"]["count"] > before, PATIENCE)

    def longer() -> dict[str, Any] | None:
        told: dict[str, Any] = tabbi.system.get("analytics/sessions")
        return told if sum(one["count"] for one in told["buckets"] if one["from_seconds"] >= 10) else None

    told = tabbi.system.until(longer, PATIENCE)
    stats = told["stats_of_all"]
    assert sum(one["count"] for one in told["buckets"]) == stats["count"]
    session_id = tabbi.running("long")
    ended = tabbi.grows("session_duration_seconds_count", lambda: tabbi.remove(session_id), 1)
    evidence(
        f"web: {stats['count']} visits, median {stats['p50_seconds']:.1f} s, p90 {stats['p90_seconds']:.1f} s, in "
        f"{sum(one['count'] > 0 for one in told['buckets'])} classes; api: session.duration has {ended:.0f} more"
    )


def loads(tabbi: Tabbi) -> set[str]:
    """Traces of loads of the page that were told."""
    rows = tabbi.system.get("vitals/page-loads", route="/", limit=500)["rows"]
    return {one["trace_id"] for one in rows if one["kind"] == "pageload"}


def replays(tabbi: Tabbi) -> set[str]:
    """Those that were recorded from the start, not because of an error."""
    return {one["id"] for one in tabbi.system.get("replays", limit=200)["replays"] if not one["is_buffer"]}


def test_t39_sampling_and_a_replay(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """By default a tenth of loads is traced and recorded, every one that breaks is recorded, and it can be played."""
    traced, recorded = loads(tabbi), replays(tabbi)
    with tabbi.person() as person:
        for _ in range(VISITS // AT_ONCE):
            pages = [person.new_page() for _ in range(AT_ONCE)]
            for page in pages:
                page.goto("/")
                page.wait_for_selector("[name=user]")
            # A recording is sent every five seconds.
            pages[0].wait_for_timeout(7000)
            for page in pages:
                page.close()
    tabbi.system.until(lambda: loads(tabbi) - traced and replays(tabbi) - recorded, PATIENCE)
    time.sleep(5)
    traces, recordings = len(loads(tabbi) - traced), len(replays(tabbi) - recorded)
    # Of 60 with 1 in 10 each: outside of this is one chance in a thousand.
    assert 0 < traces <= 15
    assert 0 < recordings <= 15
    before = {one["id"] for one in tabbi.system.get("replays", with_errors=True)["replays"]}
    for number in range(3):
        crash(tabbi, f"broken-{number}", "/")

    def kept() -> list[dict[str, Any]] | None:
        found = [one for one in tabbi.system.get("replays", with_errors=True)["replays"] if one["id"] not in before]
        return found if len(found) >= 3 else None

    found = tabbi.system.until(kept, PATIENCE)
    assert {one["user"] for one in found} >= {"broken-0", "broken-1", "broken-2"}
    with tabbi.midwatch(f"/replays/{found[0]['id']}") as shown:
        shown.locator("iframe").first.wait_for()
        shown.screenshot(path=SHOTS / "tabbi-replay.png", full_page=True)
    evidence(
        f"web: of {VISITS} loads {traces} were traced and {recordings} recorded; 3 of 3 that broke are "
        f"replays with their error, one was played: test-results/tabbi-replay.png"
    )
