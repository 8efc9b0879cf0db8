"""How Soulcaster is driven from outside, and how what came of it is seen."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

from tests.systems.chromium import person
from tests.systems.running import ROOT, Example

SYSTEM = ROOT / "examples" / "soulcaster"
BOARD = "soulcaster-golden-signals"
PATIENCE = 300.0
"""Seconds for whatever is waited for: the machine may be busy with other things."""


# What people and the world do.


@contextmanager
def visiting(soul: Example, browser: Browser) -> Iterator[Callable[[], Page]]:
    """Opens the dashboard's page, each time it is called, for one and the same person."""
    context = person(browser, soul.url("dashboard"))

    def opened() -> Page:
        page = context.new_page()
        page.goto("/")
        page.wait_for_selector("li button, [role=alert]")
        return page

    yield opened
    context.close()


def say(soul: Example, *titles: str) -> httpx.Response:
    """Feedback by hand; the backend's answer, whatever it is."""
    items = [{"id": uuid.uuid4().hex, "title": title} for title in titles]
    return httpx.post(f"{soul.url('backend')}/ingest/manual", json={"items": items}, timeout=60)


def wish(soul: Example) -> str:
    """Somebody wants a fix, through the dashboard's API: the id of the job."""
    clusters = httpx.get(f"{soul.url('dashboard')}/api/clusters", timeout=60).raise_for_status().json()
    if not clusters:
        say(soul, "The export loses rows").raise_for_status()
        return wish(soul)
    path = f"/api/clusters/{clusters[0]['id']}/fix"
    answer = httpx.post(soul.url("dashboard") + path, headers={"x-distinct-id": "ada"}, timeout=60)
    job_id: str = answer.raise_for_status().json()["job_id"]
    return job_id


def state(soul: Example, job_id: str) -> dict[str, str]:
    """The job as the backend tells of it."""
    found: dict[str, str] = httpx.get(f"{soul.url('backend')}/cluster-jobs/{job_id}", timeout=60).json()
    return found


def becomes(soul: Example, job_id: str, *statuses: str) -> dict[str, str]:
    def found() -> dict[str, str] | None:
        job = state(soul, job_id)
        return job if job.get("status") in statuses else None

    return soul.until(found, PATIENCE)


def fixed(soul: Example) -> dict[str, str]:
    """A job that has ended."""
    return becomes(soul, wish(soul), "success", "failed")


# What is seen of it.


def value(soul: Example, query: str) -> float:
    return soul.value(query)


def reaches(soul: Example, query: str, wanted: Callable[[float], bool]) -> float:
    return soul.reaches(query, wanted, PATIENCE)


class Counted:
    """How much a counter has grown since now, whichever processes have come and gone meanwhile."""

    def __init__(self, soul: Example, selector: str) -> None:
        self._soul, self._query = soul, f"sum by (instance) ({selector})"
        self._before = self._now()

    def _now(self) -> dict[str, float]:
        return {one["metric"].get("instance", ""): float(one["value"][1]) for one in self._soul.promql(self._query)}

    def grown(self) -> float:
        return sum(number - self._before.get(instance, 0.0) for instance, number in self._now().items())

    def grows(self, wanted: float) -> float:
        """By that much at last; by how much."""
        self._soul.until(lambda: self.grown() >= wanted, PATIENCE)
        return self.grown()


def panel(soul: Example, title: str) -> dict[str, float]:
    """What a panel of the board shows now: values by legend label, or the number of log lines."""
    board = soul.get(f"dashboards/{BOARD}")["dashboard"]
    (found,) = [one for row in board["rows"] for one in row["panels"] if one["title"] == title]
    shown: dict[str, float] = {}
    for query in found["queries"]:
        if query["language"] == "logs":
            shown["lines"] = len(soul.get("logs", query=query["text"])["rows"])
            continue
        for series in soul.promql(query["text"]):
            name = ",".join(one for key, one in sorted(series["metric"].items()) if key not in ("env", "instance"))
            shown[name or query["ref"]] = float(series["value"][1])
    return shown


def paged(soul: Example, alert: str, after: float) -> list[dict[str, Any]]:
    """What PagerDuty was told of it."""
    return [
        one
        for one in soul.notified("/v2/enqueue", alert, after)
        if json.loads(one["body"])["event_action"] == "trigger"
    ]


def slacked(soul: Example, alert: str, after: float) -> list[dict[str, Any]]:
    return soul.notified("/services/", alert, after)


def again_and_again(act: Callable[[], Any], ended: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `ended` gives, while `act` is done over and over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        act()
        if found := ended():
            return found
        time.sleep(0.2)
    raise AssertionError(f"never became true within {seconds:g} s")


def healthy(soul: Example) -> None:
    """The whole way works, after what a test has broken."""
    soul.until(lambda: say(soul, "The export loses rows").status_code == 202, PATIENCE)
    soul.until(lambda: fixed(soul)["status"] == "success", PATIENCE)


def poller_says(soul: Example, **environment: str) -> str:
    """The first lines of a poller of its own, which tells Midwatch nothing."""
    env = {**os.environ, "OUTSIDE_URL": soul.told["outside_url"], "BACKEND_URL": soul.url("backend"), **environment}
    env |= {"PYTHONPATH": str(ROOT / "src"), "POLL_SECONDS": "0.5", "PYTHONUNBUFFERED": "1", "FORCE_COLOR": ""}
    command = [sys.executable, "-m", "poller.main"]
    with subprocess.Popen(command, cwd=SYSTEM, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = [next(process.stdout) for _ in range(3)]
        process.kill()
    return "".join(found)


def recoveries(soul: Example) -> list[dict[str, Any]]:
    """What the hook's process has logged of its calls."""
    rows = soul.get("logs", query='service:recovery body:"recovery.done"', start="now-10m")["rows"]
    return [one["attributes"] for one in rows]


def failed_run(soul: Example, job_id: str) -> dict[str, Any] | None:
    runs = soul.get("handler-runs", service="agent", limit=100)["runs"]
    return next((one for one in runs if one["key"] == job_id and one["state"] == "failed"), None)


def states(soul: Example, job_id: str) -> list[tuple[str, str]]:
    """What it went through, in order."""
    events = soul.get(f"entities/job/{job_id}")["events"]
    changes = sorted((one["time"], one["from_state"], one["to_state"]) for one in events if one["to_state"])
    return [(was, now) for _, was, now in changes]


def signed_in(soul: Example, browser: Browser, path: str) -> Page:
    users = soul.get("users")["users"]
    admin = next(one for one in users if one["role"] == "admin")
    link = soul.api.post(f"/api/v1/users/{admin['id']}/link").raise_for_status().json()["signin_link"]
    context = browser.new_context(base_url=soul.told["midwatch_url"], viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.goto(link)
    soul.until(lambda: page.wait_for_timeout(200) or context.cookies(), PATIENCE)  # type: ignore[func-returns-value]
    page.goto(path)
    return page


def calm(soul: Example) -> bool:
    """No job is stuck, and no alert says so any more."""
    return not soul.get("alerts", filter='alertname="JobTooLong"')["alerts"]
