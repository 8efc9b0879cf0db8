"""A page climbs from person to person on a running server, and stops when somebody acknowledges it."""

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from tests.conftest import Server
from tests.eventually import eventually

PLAN = """on_call:
  people:
    ana: {{name: Ana, receiver: ana-phone}}
    bo: {{name: Bo, receiver: bo-phone}}
  schedules:
    primary:
      zone: Europe/Madrid
      layers:
        - {{people: [ana], turn: 7d, starts: "2026-01-05 09:00"}}
  escalations:
    page:
      repeat: 0
      steps:
        - schedules: [primary]
        - {{after: 3s, people: [bo]}}
        - {{after: {last}, people: [ana]}}
"""
ROUTES = """route:
  receiver: climbing
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
receivers:
  - name: climbing
    escalation_configs: [{{policy: page}}]
  - {{name: ana-phone, webhook_configs: [{{url: "{url}/ana"}}]}}
  - {{name: bo-phone, webhook_configs: [{{url: "{url}/bo"}}]}}
"""


@pytest.fixture
def phones() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """An address, and what came in there: the path and the body."""
    came: list[tuple[str, Any]] = []

    class Phone(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.append((self.path.strip("/"), json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Phone)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}", came
    listening.shutdown()


def test_a_page_climbs_until_somebody_acknowledges(tmp_path: Path, phones: tuple[str, list[tuple[str, Any]]]) -> None:
    """Ana is on duty and told at once, Bo three seconds later; after the acknowledgement nobody is, until it ends. An
    override puts Bo on duty; the calendar says who is."""
    url, came = phones
    server = Server(tmp_path / "data", options=("--private-networks", "127.0.0.0/8")).start()
    try:
        with server.api() as api:
            plan = {"midwatch.yml": PLAN.format(last="5s"), "alertmanager.yml": ROUTES.format(url=url)}
            applied = api.post("/api/v1/plan/apply", json={"files": plan}).json()
            assert applied["ok"], applied
            (schedule,) = api.get("/api/v1/on-call").json()["schedules"]
            assert (schedule["on_duty"], schedule["until"]) == ("ana", None)
            now = datetime.now(UTC).isoformat()
            alert = {"labels": {"alertname": "Down", "severity": "page"}, "startsAt": now}
            assert api.post("/alertmanager/api/v2/alerts", json=[alert]).status_code == 200
            eventually(lambda: [path for path, _ in came] == ["ana", "bo"], seconds=40)
            (group,) = api.get("/api/v1/alert-groups").json()["groups"]
            mark = {"kind": "acknowledged", "group_key": group["key"], "comment": "on it"}
            assert api.post("/api/v1/alert-marks", json=mark).status_code == 201
            override = {"person": "bo", "start": "now-1h", "end": datetime.now(UTC).isoformat(), "reason": "swap"}
            override["end"] = "2036-01-01T00:00:00Z"
            refused = api.post("/api/v1/on-call/primary/overrides", json=override)
            assert (refused.status_code, "at most 90 days later" in refused.text) == (400, True)
            override["end"] = datetime.fromtimestamp(datetime.now(UTC).timestamp() + 3600, UTC).isoformat()
            made = api.post("/api/v1/on-call/primary/overrides", json=override)
            assert made.status_code == 201, made.text
            (schedule,) = api.get("/api/v1/on-call").json()["schedules"]
            assert schedule["on_duty"] == "bo"
            calendar = Calendar.from_ical(api.get("/api/v1/on-call/primary/calendar.ics").content)
            summaries = {str(one["summary"]) for one in calendar.walk("VEVENT")}
            assert summaries == {"Ana on call (primary)", "Bo on call (primary)"}
            shifts = api.get("/api/v1/on-call/primary/shifts", params={"start": "now-2h"}).json()["shifts"]
            assert [one["person"] for one in shifts] == ["ana", "bo", "ana"]
            assert api.delete(f"/api/v1/on-call-overrides/{made.json()['id']}").status_code == 204
            ended = {**alert, "endsAt": datetime.now(UTC).isoformat()}
            assert api.post("/alertmanager/api/v2/alerts", json=[ended]).status_code == 200
            eventually(lambda: len(came) >= 4, seconds=40)
            assert sorted((path, body["status"]) for path, body in came) == [
                ("ana", "firing"),
                ("ana", "resolved"),
                ("bo", "firing"),
                ("bo", "resolved"),
            ]
    finally:
        server.stop()


def test_whoever_cannot_be_told_is_named(tmp_path: Path) -> None:
    """A receiver that is not there, a policy that is not there: with file and line, and the plan is refused."""
    server = Server(tmp_path / "data").start()
    try:
        with server.api() as api:
            wrong = {
                "midwatch.yml": PLAN.format(last="5s").replace("receiver: bo-phone", "receiver: bo-fone"),
                "alertmanager.yml": ROUTES.format(url="http://127.0.0.1:9").replace("policy: page", "policy: pages"),
            }
            refused = api.post("/api/v1/plan/apply", json={"files": wrong}).json()
            assert refused["ok"] is False
            told = [(one["file"], one["line"], one["message"].partition(";")[0]) for one in refused["problems"]]
            assert told == [
                ("alertmanager.yml", 8, "policy=pages: is not in on_call.escalations of midwatch.yml"),
                ("midwatch.yml", 4, "bo-fone: is no receiver of alertmanager.yml"),
            ]
    finally:
        server.stop()
