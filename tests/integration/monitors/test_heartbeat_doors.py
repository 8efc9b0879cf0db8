"""Signs of life over every door: Sentry's SDK, cron URLs, Healthchecks' pings, our SDK; as series and history."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import KEY, Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough

PLAN = {
    "heartbeats": [
        {"name": "nightly", "schedule": "0 3 * * *", "time_zone": "Europe/Berlin", "labels": {"team": "billing"}},
        {"name": "poller", "every": "10s", "grace": "1s"},
    ]
}


@dataclass
class Watched:
    server: Server

    @property
    def dsn(self) -> str:
        scheme, _, rest = self.server.url.partition("://")
        return f"{scheme}://{KEY}@{rest}/1"

    def apply(self, plan: dict[str, Any]) -> None:
        with self.server.api() as api:
            answer = api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": json.dumps(plan)}}).json()
        assert answer["ok"], answer

    def all(self, name: str) -> list[dict[str, Any]]:
        with self.server.api() as api:
            found = api.get("/api/v1/heartbeats").json()["heartbeats"]
        return [one for one in found if one["name"] == name]

    def one(self, name: str) -> dict[str, Any]:
        """Summary, signs and changes of the one that has this name."""
        found = eventually(lambda: self.all(name))
        assert len(found) == 1, found
        with self.server.api() as api:
            answer: dict[str, Any] = api.get(f"/api/v1/heartbeats/{found[0]['id']}").json()
        return answer

    def becomes(self, name: str, condition: str) -> dict[str, Any]:
        def there() -> dict[str, Any] | None:
            found = self.one(name)
            return found if found["summary"]["condition"] == condition else None

        return eventually(there, seconds=40)

    def call(self, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        return httpx.request(method, self.server.url + path, timeout=30, **more)

    def answers(self, text: str, *values: float) -> None:
        def asked() -> bool:
            with self.server.api() as api:
                answer = api.get("/prometheus/api/v1/query", params={"query": text})
            assert answer.status_code == 200, answer.text
            return sorted(float(one["value"][1]) for one in answer.json()["data"]["result"]) == sorted(values)

        eventually(asked, seconds=60)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    server = Server(tmp_path_factory.mktemp("watched") / "data").start()
    found = Watched(server)
    found.apply(PLAN)
    yield found
    server.stop()


SENTRY = """
import sentry_sdk
from sentry_sdk.crons import monitor, capture_checkin
sentry_sdk.init(dsn={dsn!r}, environment="production", traces_sample_rate=1.0)
config = {{
    "schedule": {{"type": "crontab", "value": "*/10 * * * *"}}, "timezone": "Europe/Vienna",
    "checkin_margin": 5, "max_runtime": 10, "failure_issue_threshold": 2, "recovery_threshold": 1,
}}
with monitor(monitor_slug="sentry-good", monitor_config=config):
    pass
try:
    with monitor(monitor_slug="sentry-bad"):
        raise ValueError("the job fails")
except ValueError:
    pass
run = capture_checkin(monitor_slug="sentry-running", status="in_progress")
sentry_sdk.capture_message("something else")
sentry_sdk.flush(10)
"""


def test_sentrys_sdk_checks_in(watched: Watched) -> None:
    """`sentry_sdk.crons`: started and ended by the same id, upserted by `monitor_config`; what fails says so."""
    script = SENTRY.format(dsn=watched.dsn)
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    good = watched.becomes("sentry-good", "up")
    summary = good["summary"]
    assert (summary["environment"], summary["source"], summary["healthy"]) == ("production", "sentry", True)
    schedule = {"cron": "*/10 * * * *", "time_zone": "Europe/Vienna", "grace_seconds": 300, "failures": 2}
    assert schedule.items() <= summary["schedule"].items()
    assert summary["schedule"]["max_runtime_seconds"] == 600
    assert [one["status"] for one in good["signs"]] == ["ok", "started"]
    assert good["signs"][0]["run"] == good["signs"][1]["run"] != ""
    assert summary["last_seconds"] is not None
    assert summary["expected"] == good["upcoming"][0]
    assert watched.becomes("sentry-bad", "failed")["summary"]["healthy"] is False
    running = watched.becomes("sentry-running", "running")["summary"]
    assert len(running["runs"]) == 1
    with watched.server.api() as api:
        page = api.get("/metrics").text
    assert 'midwatch_sentry_items_total{outcome="kept",type="event"} 1' in page, [
        line for line in page.splitlines() if "sentry" in line
    ]


def envelope(*items: tuple[dict[str, Any], bytes]) -> bytes:
    body = b'{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}\n'
    for headers, payload in items:
        body += json.dumps(headers).encode() + b"\n" + payload + b"\n"
    return body


def check_in(**fields: Any) -> bytes:
    return json.dumps({"monitor_slug": "hand-made", "status": "ok", **fields}).encode()


WRONG = [
    (b"", "the body is empty"),
    (b"[]\n", "the envelope's headers: expected a JSON object"),
    (b'{}\n{"type":"check_in","length":99}\n{}', "item 1 has 2 bytes; expected the 99"),
    (b'{}\n{"type":"check_in","length":-1}\n{}', "length of item 1: expected a number"),
    (envelope(({"type": "check_in"}, b"{}")), "monitor_slug: expected text"),
    (envelope(({"type": "check_in"}, check_in(status="missed"))), "status=missed: expected ok"),
    (envelope(({"type": "check_in"}, check_in(duration="1"))), "duration: expected seconds"),
    (envelope(({"type": "check_in"}, check_in(check_in_id="x"))), "check_in_id: expected a UUID"),
    (envelope(({"type": "check_in"}, check_in(monitor_slug="a b"))), "monitor_slug=a b"),
    (
        envelope(
            ({"type": "check_in"}, check_in(monitor_config={"schedule": {"type": "crontab", "value": "61 * * * *"}}))
        ),
        "schedule=61 * * * *",
    ),
    (
        envelope(
            (
                {"type": "check_in"},
                check_in(monitor_config={"schedule": {"type": "interval", "value": 0, "unit": "hour"}}),
            )
        ),
        "value: expected a whole number from 1",
    ),
    (b"{}\n" + b'{"type":"odd","length":0}\n\n' * 1001, "expected at most 1000 items"),
]


@pytest.mark.parametrize(("body", "said"), WRONG)
def test_envelopes_that_are_none_are_refused(watched: Watched, body: bytes, said: str) -> None:
    """400 with what is wrong, in the field that SDKs log."""
    answer = watched.call(
        "/api/1/envelope/", "POST", content=body, headers={"x-sentry-auth": f"Sentry sentry_key={KEY}"}
    )
    assert (answer.status_code, said in answer.json()["detail"]) == (400, True), answer.text
    assert watched.all("hand-made") == []


def test_the_envelope_door_knows_its_keys(watched: Watched) -> None:
    """By header or query, gzip and length-less items; unknown keys 401, another project 400, browsers may ask."""
    auth = {"x-sentry-auth": f"Sentry sentry_version=7, sentry_key={KEY}, sentry_client=x/1"}
    item = envelope(({"type": "odd"}, b"whatever"), ({"type": "check_in"}, check_in(monitor_slug="by-hand")))
    answer = watched.call("/api/1/envelope/", "POST", content=item, headers=auth)
    assert answer.json() == {"id": "9ec79c33ec9942ab8353589fcb2e04dc"}
    assert watched.call(f"/api/1/envelope/?sentry_key={KEY}", "POST", content=item).status_code == 200
    assert len(watched.one("by-hand")["signs"]) == 2
    assert watched.call("/api/1/envelope/?sentry_key=wrong", "POST", content=item).status_code == 401
    assert watched.call(f"/api/2/envelope/?sentry_key={KEY}", "POST", content=item).status_code == 400
    asked = watched.call("/api/1/envelope/", "OPTIONS", headers={"origin": "https://app.example"})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "*")
    large = envelope(({"type": "attachment", "length": 3 << 20}, b"x" * (3 << 20)))
    assert watched.call(f"/api/1/envelope/?sentry_key={KEY}", "POST", content=large).status_code == 200


def test_cron_urls_check_in(watched: Watched) -> None:
    """What Sentry's docs have for curl: status, id and duration in the query, a monitor's configuration as JSON."""
    path, run = f"/api/1/cron/curled/{KEY}/", str(uuid.uuid4())
    config = {"monitor_config": {"schedule": {"type": "interval", "value": 2, "unit": "hour"}}, "status": "in_progress"}
    assert watched.call(path, "POST", params={"check_in_id": run}, json=config).status_code == 202
    found = watched.becomes("curled", "running")["summary"]
    assert (found["schedule"]["every_seconds"], found["runs"][0]["run"]) == (7200, run.replace("-", ""))
    assert watched.call(path, params={"status": "ok", "check_in_id": run, "duration": "2.5"}).status_code == 202
    found = watched.becomes("curled", "up")["summary"]
    assert (found["last_seconds"], found["runs"]) == (2.5, [])
    assert watched.call(path, params={"status": "error", "environment": "staging"}).status_code == 202
    assert {one["environment"] for one in watched.all("curled")} == {"", "staging"}
    assert watched.call("/api/1/cron/curled/wrong/", params={"status": "ok"}).status_code == 404
    assert watched.call("/api/1/cron/curled/", params={"status": "ok"}).status_code == 401
    assert watched.call(path, params={"status": "odd"}).status_code == 400
    assert watched.call(path, params={"duration": "long"}).status_code == 400
    assert watched.call(path, "POST", content=b"[]").status_code == 400


def test_healthchecks_pings(watched: Watched) -> None:
    """By UUID and by ping key and slug: success, start, fail, log and exit status; run ids; HEAD, GET and POST."""
    base = f"/ping/{KEY}/backup"
    assert watched.call(base).status_code == 404
    made = watched.call(f"{base}?create=1")
    assert (made.status_code, made.text, made.headers["ping-body-limit"]) == (201, "Created", "10000")
    found = watched.becomes("backup", "up")["summary"]
    assert (found["schedule"]["every_seconds"], found["source"]) == (86_400, "healthchecks")
    one, run = found["ping_path"], str(uuid.uuid4())
    assert watched.call(f"{one}/start?rid={run}", "HEAD").status_code == 200
    assert watched.becomes("backup", "running")["summary"]["runs"][0]["run"] == run
    assert watched.call(f"{base}/0?rid={run}", "POST", content=b"all copied").text == "OK"
    after = watched.becomes("backup", "up")
    assert (after["signs"][0]["detail"], after["summary"]["runs"]) == ("all copied", [])
    assert watched.call(f"{one}/3").status_code == 200
    failed = watched.becomes("backup", "failed")["summary"]
    assert (failed["reason"], failed["healthy"]) == ("exit status 3", False)
    assert watched.call(f"{one}/log", "POST", content=b"x" * 20_000).status_code == 200
    assert len(watched.one("backup")["signs"][0]["detail"]) == 10_000
    assert watched.call(one).status_code == 200
    assert watched.call(f"{one}/fail").status_code == 200
    assert watched.becomes("backup", "failed")["changes"][0]["condition_from"] == "up"
    for path, status in (
        (f"{one}/256", 400),
        (f"{one}/odd", 400),
        (f"{one}?rid=odd", 400),
        (f"/ping/{uuid.uuid4()}", 404),
        ("/ping/odd", 404),
        (f"/ping/{KEY}/a b", 400),
        ("/ping/wrong/backup", 404),
    ):
        answer = watched.call(path)
        assert answer.status_code == status, (path, answer.text)
    assert watched.call(one, "PUT").status_code == 405


def test_a_heart_that_beats_too_fast_is_told_to_wait(watched: Watched) -> None:
    """More than 120 signs of one heartbeat a minute are refused with 429."""
    watched.call(f"/ping/{KEY}/hasty?create=1")
    path = watched.one("hasty")["summary"]["ping_path"]
    with httpx.Client(base_url=watched.server.url, timeout=30) as client:
        found = [client.get(path) for _ in range(140)]
    assert {one.status_code for one in found} == {200, 429}
    assert found[-1].headers["retry-after"] == "1"
    assert len(watched.one("hasty")["signs"]) <= 200


OURS = """
import midwatch
midwatch.init(service="shop", environment="staging", dsn={dsn!r})
midwatch.heartbeat("reddit-poller", every_seconds=60, grace_seconds=30, found=3)

@midwatch.cron("cleanup", schedule="0 4 * * *", time_zone="Europe/Berlin", grace_seconds=600)
def cleanup():
    pass

cleanup()
midwatch.shutdown()
"""


def test_our_sdks_heartbeats_come_with_its_logs(watched: Watched, tmp_path: Path) -> None:
    """`midwatch.heartbeat` and `midwatch.cron` over OTLP: schedule, environment, start and end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MIDWATCH_")}
    script = OURS.format(dsn=watched.dsn.removesuffix("/1"))
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60, cwd=tmp_path, env=environment)
    poller = watched.becomes("reddit-poller", "up")["summary"]
    assert (poller["environment"], poller["source"]) == ("staging", "sdk")
    assert (poller["schedule"]["every_seconds"], poller["schedule"]["grace_seconds"]) == (60, 30)
    cleanup = watched.becomes("cleanup", "up")
    assert cleanup["summary"]["schedule"]["cron"] == "0 4 * * *"
    assert [one["status"] for one in cleanup["signs"]] == ["ok", "started"]


def test_the_plans_heartbeats_are_there_from_the_start(watched: Watched) -> None:
    """New until heard of; the first environment that is heard takes the place; no sender changes its schedule."""
    new = watched.becomes("nightly", "new")["summary"]
    assert (new["source"], new["labels"], new["expected"]) == ("plan", {"team": "billing"}, None)
    config = {"monitor_config": {"schedule": {"type": "interval", "value": 1, "unit": "minute"}}}
    watched.call(f"/api/1/cron/nightly/{KEY}/", "POST", params={"environment": "production"}, json=config)
    found = watched.becomes("nightly", "up")["summary"]
    assert (found["environment"], found["schedule"]["cron"], found["id"]) == ("production", "0 3 * * *", new["id"])
    with watched.server.api() as api:
        body = {"description": "", "schedule": {"every_seconds": 60.0}}
        assert api.put(f"/api/v1/heartbeats/{new['id']}", json=body).status_code == 409
        assert api.delete(f"/api/v1/heartbeats/{new['id']}").status_code == 409
    watched.answers('heartbeat_up{heartbeat="nightly",env="production",team="billing",job="heartbeats"}', 1)
    watched.answers('heartbeat_state{heartbeat="nightly",state="up"}', 1)


def test_who_stays_away_is_late_then_missed_then_back(watched: Watched) -> None:
    """By the server's own clock, as series and history; over a restart nobody is missed for it."""
    watched.call(f"/ping/{KEY}/poller")
    watched.becomes("poller", "up")
    missed = watched.becomes("poller", "missed")
    assert missed["summary"]["healthy"] is False
    assert [one["condition_to"] for one in missed["changes"]][:3] == ["missed", "late", "up"]
    watched.answers('heartbeat_up{heartbeat="poller"}', 0)
    watched.answers('heartbeat_state{heartbeat="poller",state="missed"}', 1)
    watched.call(f"/ping/{KEY}/poller")
    watched.becomes("poller", "up")
    watched.answers('heartbeat_up{heartbeat="poller"}', 1)


def test_heartbeats_are_made_changed_and_removed_in_the_page(watched: Watched) -> None:
    """Over the API, with its limits; who may only look sees no ping address."""
    with watched.server.api() as api:
        body = {"name": "by-page", "schedule": {"cron": "*/5 * * * *", "time_zone": "UTC"}}
        made = api.post("/api/v1/heartbeats", json=body)
        assert made.status_code == 201, made.text
        one = made.json()
        assert api.post("/api/v1/heartbeats", json=body).status_code == 409
        for wrong in (
            {"name": "x", "schedule": {"cron": "61 * * * *"}},
            {"name": "x", "schedule": {"cron": "* * * * *", "time_zone": "Mars/X"}},
        ):
            assert api.post("/api/v1/heartbeats", json=wrong).status_code == 400
        for wrong in (
            {"name": "a b", "schedule": {}},
            {"name": "x", "schedule": {"every_seconds": 1.0}},
            {"name": "x", "schedule": {"cron": "* * * * *", "every_seconds": 60.0}},
            {"name": "x" * 201, "schedule": {}},
        ):
            assert api.post("/api/v1/heartbeats", json=wrong).status_code == 422
        changed = api.put(f"/api/v1/heartbeats/{one['id']}", json={"schedule": {"every_seconds": 60.0}}).json()
        assert (changed["schedule"]["cron"], changed["schedule"]["every_seconds"]) == ("", 60)
        token = api.post("/api/v1/tokens", json={"name": "looks", "role": "viewer", "scopes": ["read"]}).json()["token"]
        with watched.server.api(token) as viewer:
            shown = viewer.get(f"/api/v1/heartbeats/{one['id']}").json()["summary"]
            assert shown["ping_path"] is None
        assert api.delete(f"/api/v1/heartbeats/{one['id']}").status_code == 204
        assert api.get(f"/api/v1/heartbeats/{one['id']}").status_code == 404


def test_what_leaves_the_plan_ends(watched: Watched) -> None:
    """It is gone from the list, and its series end."""
    watched.apply({"heartbeats": PLAN["heartbeats"][1:]})
    eventually(lambda: not watched.all("nightly"))
    watched.answers('heartbeat_up{heartbeat="nightly"}')
    watched.apply(PLAN)


def test_a_restart_is_no_alarm(watched: Watched) -> None:
    """Kill -9, a minute away, and back: what was to be heard meanwhile is not missed."""
    watched.call(f"/ping/{KEY}/poller")
    watched.becomes("poller", "up")
    watched.server.kill()
    document = watched.server.data / "workspace.db"
    import sqlite3

    with sqlite3.connect(document) as connection:
        # As if it had been away for an hour: what it wrote down last is an hour old.
        value = connection.execute("SELECT value FROM documents WHERE name = 'heartbeats.alive'").fetchone()[0]
        at_ns = json.loads(value)["at_ns"] - 3600 * 10**9
        told = json.dumps({"at_ns": at_ns})
        connection.execute("UPDATE documents SET value = ? WHERE name = 'heartbeats.alive'", (told,))
        rows = connection.execute("SELECT id, life FROM heartbeats WHERE name = 'poller'").fetchall()
        for heartbeat_id, text in rows:
            life = json.loads(text)
            life["expected_ns"] = at_ns + 60 * 10**9
            query = "UPDATE heartbeats SET life = ?, due_ns = ? WHERE id = ?"
            connection.execute(query, (json.dumps(life), at_ns + 60 * 10**9, heartbeat_id))
    watched.server.start()
    found = watched.becomes("poller", "unknown")["summary"]
    assert found["healthy"] is True
    assert "Midwatch could hear nobody" in found["reason"]
