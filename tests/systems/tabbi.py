"""How Tabbi is driven from outside, and how what came of it is seen."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.systems.running import ROOT, Example
from tests.systems.soulcaster import PATIENCE

SYSTEM = ROOT / "examples" / "tabbi"
SHOTS = ROOT / "test-results"


class People:
    """Who uses Tabbi through its API."""

    def __init__(self, tabbi: Example, name: str = "ada") -> None:
        self.tabbi = tabbi
        self.http = httpx.Client(base_url=tabbi.url("edge"), timeout=150)
        self.token: str = self.http.post("/signin", json={"user_id": name}).raise_for_status().json()["token"]
        self.http.headers["authorization"] = f"Bearer {self.token}"

    def start(self, request_id: str = "", **more: Any) -> httpx.Response:
        """A session, as the API answers; it never pauses by itself unless `idle_seconds` says so."""
        wish = {"repository": "tabbi/app", "idle_seconds": 86_000, **more}
        return self.http.post("/sessions", json=wish, headers={"x-request-id": request_id} if request_id else {})

    def state(self, session_id: str) -> str:
        return str(self.http.get(f"/sessions/{session_id}").json().get("state", ""))

    def becomes(self, session_id: str, *states: str) -> str:
        return self.tabbi.until(lambda: (s := self.state(session_id)) in states and s, PATIENCE)

    def session(self, *, becomes: str = "running") -> str:
        """The id of a session that has come so far."""
        session_id: str = self.start().raise_for_status().json()["session_id"]
        self.becomes(session_id, becomes)
        return session_id

    def does(self, session_id: str, what: str) -> None:
        self.http.post(f"/sessions/{session_id}/{what}").raise_for_status()

    def end(self, *session_ids: str) -> None:
        for one in session_ids:
            self.http.delete(f"/sessions/{one}").raise_for_status()


@contextmanager
def faults(tabbi: Example, *names: str) -> Iterator[None]:
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(tabbi.fault(name))
        yield


# What is seen of it.


def board(tabbi: Example, uid: str) -> dict[str, dict[str, Any]]:
    """Its panels by title."""
    rows = tabbi.get(f"dashboards/{uid}")["dashboard"]["rows"]
    return {panel["title"]: panel for row in rows for panel in row["panels"]}


def panel(tabbi: Example, uid: str, title: str) -> dict[str, float]:
    """What a panel shows now: values by label, or by the query's letter without one; of SQL, by first column."""
    shown: dict[str, float] = {}
    for query in board(tabbi, uid)[title]["queries"]:
        text = query["text"].replace("$env", "production")
        if query["language"] == "sql":
            for row in rows(tabbi, text):
                shown[str(row[0])] = float(row[-1])
            continue
        for series in tabbi.promql(text):
            told = ",".join(one for key, one in sorted(series["metric"].items()) if key not in ("env", "instance"))
            shown[told or query["legend"] or query["ref"]] = float(series["value"][1])
    return shown


def rows(tabbi: Example, sql: str) -> list[list[Any]]:
    answer = tabbi.api.post("/api/v1/sql", json={"query": sql})
    assert answer.status_code == 200, answer.text
    found: list[list[Any]] = answer.json()["rows"]
    return found


def lines(tabbi: Example, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tabbi.get("logs", query=query, start="now-30m", limit=500)["rows"]
    return found


def told_of(told: dict[str, Any]) -> Any:
    return json.loads(told["body"])


def paged(tabbi: Example, alert: str, after: float, action: str = "trigger") -> list[dict[str, Any]]:
    """What PagerDuty was told of it."""
    found = [told_of(one) | {"at": one["at"]} for one in tabbi.notified("/v2/enqueue", "", after)]
    keys = {one["dedup_key"] for one in found if alert in json.dumps(one)}
    return [one for one in found if one["dedup_key"] in keys and one["event_action"] == action]


def ticketed(tabbi: Example, alert: str, after: float) -> list[dict[str, Any]]:
    """Issues that were opened of it."""
    return [
        told_of(one) | {"at": one["at"]}
        for one in tabbi.seen("github")
        if one["method"] == "POST" and one["path"].endswith("/issues") and alert in one["body"] and one["at"] >= after
    ]


def firing(tabbi: Example, alert: str) -> dict[str, Any] | None:
    found = tabbi.get("alerts", filter=f'alertname="{alert}"')["alerts"]
    return next((one for one in found if one["state"] != "resolved"), None) if found else None


# The plan, as it lies in force on this machine.


def plan(tabbi: Example) -> Path:
    return Path(tabbi.told["environment"]["PLAN"])


def change(tabbi: Example, file: str, changed: Callable[[str], str]) -> None:
    """Write a file of the plan anew, and wait until it is in force."""
    path = plan(tabbi) / file
    was = tabbi.get("plan")["applied_at"]
    path.write_text(changed(path.read_text()))
    tabbi.until(lambda: tabbi.get("plan")["applied_at"] != was, PATIENCE)


def office_hours(tabbi: Example, *, now: bool) -> None:
    """Whether it is business hours at this moment, by the plan."""
    day = time.strftime("%A", time.gmtime()).lower()
    other = "monday" if day not in ("sunday", "monday", "tuesday") else "thursday"
    days = "sunday:saturday" if now else other

    def changed(text: str) -> str:
        told = yaml.safe_load(text)
        (interval,) = told["time_intervals"][0]["time_intervals"]
        interval["weekdays"] = [days]
        interval["times"] = [{"start_time": "00:00", "end_time": "24:00"}]
        return str(yaml.safe_dump(told, sort_keys=False))

    if changed(text := (plan(tabbi) / "alertmanager.yml").read_text()) != text:
        change(tabbi, "alertmanager.yml", changed)


def number_of(text: str) -> float:
    """The first number in what the page shows."""
    found = re.search(r"-?\d+(?:[.,]\d+)?", text)
    assert found, text
    return float(found[0].replace(",", ""))
