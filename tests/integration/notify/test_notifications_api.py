"""A whole server with receivers: alerts come in, people are told, answer, and see what was sent."""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from tests.conftest import Server
from tests.eventually import eventually
from tests.vendors import Scripted, Vendors, vendors

ROUTES = """
global:
  slack_app_url: URL/api/chat.postMessage
route:
  receiver: oncall
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  routes:
    - matchers: [team="web"]
      receiver: web
receivers:
  - name: oncall
    webhook_configs:
      - url: URL/webhook
    ntfy_configs:
      - {url: URL/ntfy, topic: alerts, title: '{{ template "own.title" . }}'}
  - name: web
    slack_configs:
      - {app_token: xoxb-bot-token, channel: '#web', signing_secret: slack-signing-secret, send_resolved: true}
  - name: "pager/duty"
    pagerduty_configs:
      - {routing_key: 0123456789abcdef0123456789abcdef, url: URL/v2/enqueue}
"""
BROKEN = """
route: {receiver: a}
receivers:
  - name: a
    slack_configs:
      - api_url: https://hooks.example.com/x
        title: '{{ .Status | lower }}'
        chanel: x
"""
PLAN = """
dead_mans_switch: {url: URL/alive/secret-part, interval: 10s}
"""


class Watched:
    def __init__(self, server: Server, door: Vendors) -> None:
        self.server, self.door, self.api = server, door, server.api()

    def fire(self, name: str, **labels: str) -> None:
        alert = {"labels": {"alertname": name, **labels}, "annotations": {"summary": f"{name} <fires>"}}
        assert self.api.post("/alertmanager/api/v2/alerts", json=[alert]).status_code == 200

    def told(self, path: str, name: str) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            bodies = [one.json for one in self.door.at(path)]
            return next((body for body in bodies if name in json.dumps(body)), None)

        body = eventually(found, seconds=30)
        assert body is not None
        return body


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    base = tmp_path_factory.mktemp("watched")
    with vendors() as door:
        write_plan(base / "plan", door.url)
        options = ("--plan", str(base / "plan"), "--private-networks", "all")
        server = Server(base / "data", options=options).start()
        yield Watched(server, door)
        server.stop()


def write_plan(folder: Path, url: str) -> None:
    (folder / "templates").mkdir(parents=True)
    (folder / "midwatch.yml").write_text(PLAN.replace("URL", url))
    (folder / "alertmanager.yml").write_text(ROUTES.replace("URL", url))
    own = '{{ define "own.title" }}{{ .Status | toUpper }} {{ .GroupLabels.alertname }}{{ end }}'
    (folder / "templates" / "own.tmpl").write_text(own)


def test_what_fires_is_told_and_shown(watched: Watched) -> None:
    """By every integration of the receiver; the API has each with its request and answer."""
    watched.fire("Down", service="api")
    assert watched.told("/webhook", "Down")["receiver"] == "oncall"
    assert watched.told("/ntfy", "Down")["title"] == "FIRING Down"

    def delivered() -> list[dict[str, Any]] | None:
        found = watched.api.get("/api/v1/notifications", params={"receiver": "oncall", "state": "delivered"}).json()
        mine = [one for one in found["notifications"] if "Down" in one["group_key"]]
        return mine if len(mine) == 2 else None

    rows = eventually(delivered, seconds=20)
    assert {one["integration"] for one in rows} == {"webhook[0]", "ntfy[0]"}
    detail = watched.api.get(f"/api/v1/notifications/{rows[0]['id']}").json()
    assert detail["alerts"][0]["labels"] == {"alertname": "Down", "service": "api"}
    (attempt,) = detail["history"]
    assert attempt["verdict"] == "delivered"
    assert attempt["exchanges"][0]["answer"]["status"] == 200
    of_alert = {"fingerprint": detail["alerts"][0]["fingerprint"]}
    of_both = [{"fingerprint": "00000000000000ff"}, of_alert]
    found = [watched.api.get("/api/v1/notifications", params=one).json()["notifications"] for one in of_both]
    assert [{one["id"] for one in rows_of} for rows_of in found] == [set(), {one["id"] for one in rows}]
    receivers = {one["name"]: one for one in watched.api.get("/api/v1/receivers").json()["receivers"]}
    assert set(receivers) == {"oncall", "web", "pager/duty"}
    assert all(one["last_delivered"] for one in receivers["oncall"]["integrations"])
    again = watched.api.post(f"/api/v1/notifications/{rows[0]['id']}/resend")
    assert again.status_code == 201
    resent = watched.api.get(f"/api/v1/notifications/{again.json()['id']}").json()
    assert resent["resend_of"] == rows[0]["id"]
    assert watched.api.get("/api/v1/notifications/00000000-0000-0000-0000-000000000000").status_code == 404
    assert watched.api.get("/api/v1/notifications", params={"state": "lost"}).status_code == 422


def test_a_receiver_is_tested_with_marked_messages(watched: Watched) -> None:
    """The vendor's own answer comes back; PagerDuty's incident is closed at once; all is kept and audited."""
    found = watched.api.post("/api/v1/receivers/pager/duty/test", json={"message": "only a test"}).json()
    (result,) = found["results"]
    assert (result["integration"], result["delivered"], result["error"]) == ("pagerduty[0]", True, "")
    assert result["exchanges"][0]["answer"]["status"] == 202
    assert "0123456789abcdef" not in json.dumps(found)
    trigger, resolve = (one.json for one in watched.door.at("/v2/enqueue"))
    assert trigger["payload"]["summary"].startswith("[TEST] ")
    assert (resolve["event_action"], resolve["dedup_key"]) == ("resolve", trigger["dedup_key"])
    watched.door.scripts["/webhook"].append(Scripted(410, b"this hook is gone"))
    results = watched.api.post("/api/v1/receivers/oncall/test", json={}).json()["results"]
    assert {one["integration"]: (one["delivered"], one["error"]) for one in results} == {
        "webhook[0]": (False, "answered 410: this hook is gone"),
        "ntfy[0]": (True, ""),
    }
    kept = watched.api.get(f"/api/v1/notifications/{results[0]['notification_id']}").json()
    assert (kept["state"], kept["reason"]) == ("failed", "drill")
    missing = watched.api.post("/api/v1/receivers/nobody/test", json={})
    assert missing.status_code == 404
    assert "expected one of oncall, pager/duty, web" in missing.json()["error"]


def test_a_signed_link_acknowledges(watched: Watched) -> None:
    """Opening it changes nothing; its button does; a changed link is refused, and so is one about what is over."""
    watched.fire("LinkDown", service="<script>")
    told = watched.told("/ntfy", "LinkDown")
    link = next(one["url"] for one in told["actions"] if one["label"] == "Acknowledge")
    path = f"{urlsplit(link).path}?{urlsplit(link).query}"
    with httpx.Client(base_url=watched.server.url) as anybody:
        page = anybody.get(path)
        assert page.status_code == 200
        assert "LinkDown &lt;fires&gt;" in page.text
        assert "<script>" not in page.text
        marks = watched.api.get("/api/v1/alert-marks").json()["marks"]
        assert not [one for one in marks if "LinkDown" in json.dumps(one)]
        done = anybody.post(path, data={"who": "Ana", "comment": "on it"})
        assert "Acknowledged: 1 alert" in done.text
        (mark,) = [one for one in watched.api.get("/api/v1/alert-marks").json()["marks"] if one["comment"] == "on it"]
        assert mark["by"] == "Ana (by a link sent to oncall)"
        changed = re.sub(r"s=.", lambda found: "s=" + ("0" if found[0][-1] != "0" else "1"), path)
        assert anybody.get(changed).status_code == 403
        assert anybody.post(changed).status_code == 403


def press(watched: Watched, value: str, action: str, secret: str = "slack-signing-secret", age: int = 0) -> int:
    payload = {
        "type": "block_actions",
        "user": {"id": "U1", "name": "ana"},
        "actions": [{"action_id": action, "value": value}],
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    seconds = str(int(time.time()) - age)
    signed = hmac.new(secret.encode(), b"v0:" + seconds.encode() + b":" + body, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": seconds,
        "x-slack-signature": f"v0={signed}",
    }
    return httpx.post(f"{watched.server.url}/api/v1/slack/interactions", content=body, headers=headers).status_code


def test_buttons_of_slack_act(watched: Watched) -> None:
    """Signed by the app; the message is updated in place; a wrong or old signature is refused."""
    watched.fire("SlackDown", team="web")
    told = watched.told("/api/chat.postMessage", "SlackDown")
    value = told["attachments"][1]["blocks"][0]["elements"][0]["value"]
    assert press(watched, value, "midwatch_acknowledge", secret="another") == 400
    assert press(watched, value, "midwatch_acknowledge", age=600) == 400
    assert press(watched, value, "midwatch_acknowledge") == 200
    updated = watched.told("/api/chat.update", "SlackDown")
    assert updated["attachments"][0]["footer"] == "Acknowledged by ana (Slack)"
    assert press(watched, value, "midwatch_silence") == 200
    silences = watched.api.get("/alertmanager/api/v2/silences").json()
    (silence,) = [one for one in silences if one["createdBy"] == "ana (Slack)"]
    assert silence["matchers"] == [{"name": "alertname", "value": "SlackDown", "isRegex": False, "isEqual": True}]
    assert watched.door.wrong == []


def test_somebody_outside_hears_that_midwatch_lives(watched: Watched) -> None:
    """The dead man's switch pings at once, and is counted."""
    eventually(lambda: watched.door.at("/alive/secret-part") or None, seconds=20)
    page = eventually(lambda: found if 'outcome="answered"} 1' in (found := watched.api.get("/metrics").text) else None)
    assert "midwatch_notify_failing" in page
    assert "secret-part" not in watched.api.get("/api/v1/plan").text


def test_what_is_wrong_with_receivers_is_told_by_place(watched: Watched) -> None:
    """Templates, keys and files: with line and column, and the plan in force stays."""
    files = {
        "midwatch.yml": "",
        "templates/own.tmpl": '{{ define "x" }}\n{{ nope }}{{ end }}',
        "alertmanager.yml": BROKEN,
    }
    answer = watched.api.post("/api/v1/plan/check", json={"files": files})
    text = json.dumps(answer.json())
    assert "function 'nope' not defined" in text
    assert "function 'lower' not defined" in text
    assert "chanel" in text
    assert "channel" in text
