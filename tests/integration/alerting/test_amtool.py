"""Debian's amtool, Alertmanager and Prometheus against a running Midwatch."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests import alertmanager, prometheus
from tests.alertmanager import Amtool
from tests.conftest import TOKEN, Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough

ROUTES = """\
global: {resolve_timeout: 5m}
route:
  receiver: floor
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
  routes:
    - matchers: [severity=critical]
      receiver: primary
      group_by: [alertname, cluster]
      continue: true
      routes:
        - match_re: {team: deck|engine}
          receiver: crew
    - match: {severity: critical}
      receiver: chronicle
    - matchers: ['severity="warning"', 'team!~"deck.*"']
      receiver: secondary
      active_time_intervals: [business-hours]
receivers:
  - name: floor
  - name: primary
    webhook_configs: [{url: 'http://127.0.0.1:1/secret'}]
  - name: crew
  - name: chronicle
  - name: secondary
    pagerduty_configs: [{routing_key: very-secret}]
inhibit_rules:
  - {source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [cluster]}
time_intervals:
  - name: business-hours
    time_intervals:
      - {weekdays: ['monday:friday'], times: [{start_time: '09:00', end_time: '17:00'}]}
"""
PLAN = {"midwatch.yml": "{}\n", "alertmanager.yml": ROUTES}
ALERTS: list[list[str]] = [
    [],
    ["severity=critical"],
    ["severity=critical", "team=engine"],
    ["severity=critical", "team=engineers"],
    ["severity=warning"],
    ["severity=warning", "team=decks"],
    ["severity=info", "team=deck"],
]


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with these routes."""
    alertmanager.programs()
    server = Server(tmp_path_factory.mktemp("alerting")).start()
    with server.api() as api:
        answer = api.post("/api/v1/plan/apply", json={"files": PLAN}).json()
        assert answer["ok"], answer
    yield server
    server.stop()


@pytest.fixture(scope="module")
def amtool(watch: Server, tmp_path_factory: pytest.TempPathFactory) -> Amtool:
    return Amtool(tmp_path_factory.mktemp("amtool"), f"{watch.url}/alertmanager", TOKEN)


def posted(client: httpx.Client, path: str, alerts: list[dict[str, Any]]) -> None:
    answer = client.post(path, json=alerts)
    assert answer.status_code == 200, answer.text


def labelled(**labels: str) -> dict[str, Any]:
    return {"labels": labels, "annotations": {"summary": "größer"}, "generatorURL": "http://example.org/g?x=1"}


@pytest.mark.parametrize("labels", ALERTS)
def test_amtool_routes_alike_by_what_midwatch_shows(watch: Server, amtool: Amtool, labels: list[str]) -> None:
    """By the plan's file, by the configuration that it asks Midwatch for, and by Midwatch itself."""
    shown = amtool("config", "routes", "test", *labels).strip().split(",")
    with watch.api() as api:
        asked = api.post("/api/v1/alert-routing", json={"labels": dict(one.split("=") for one in labels)}).json()
    assert [one["receiver"] for one in asked["told"]] == shown


def test_amtool_finds_plan_and_shown_configuration_right(watch: Server, amtool: Amtool, tmp_path: Path) -> None:
    """Both are Alertmanager's, and secrets are not shown."""
    written = tmp_path / "alertmanager.yml"
    written.write_text(ROUTES)
    assert "SUCCESS" in alertmanager.check_config(written)
    text = amtool("config", "show")
    assert "secret" not in text.replace("<secret>", "")
    assert "Routing tree" in amtool("config", "routes", "show")
    for labels in ALERTS:
        assert alertmanager.routed(written, labels) == amtool("config", "routes", "test", *labels).strip().split(",")


def test_amtool_adds_and_finds_alerts(amtool: Amtool) -> None:
    """With annotations, an end, and filters of both syntaxes."""
    end = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    amtool("alert", "add", "Leak", "deck=two", "--annotation=summary=wet", f"--end={end}")
    (found,) = amtool.json("alert", "query", "Leak")
    assert found["labels"] == {"alertname": "Leak", "deck": "two"}
    assert found["annotations"] == {"summary": "wet"}
    assert found["endsAt"].startswith(end[:-1])
    assert found["receivers"] == [{"name": "floor"}]
    assert found["status"]["state"] == "active"
    assert amtool.json("alert", "query", "deck=~one|two", "alertname=Leak")
    assert not amtool.json("alert", "query", "deck!=two", "alertname=Leak")
    assert "Leak" in amtool("alert", "query", "--receiver=floor")
    assert "expected a comma" in amtool("alert", "query", 'a="b"c', code=1)


def test_amtool_silences(amtool: Amtool) -> None:
    """Adds one that hides an alert, finds, changes and expires it."""
    amtool("alert", "add", "Noise", "deck=three")
    id_ = amtool("silence", "add", "alertname=Noise", "deck=~t.+", "--author=ada", "--comment=known", "-d2h").strip()
    (silence,) = amtool.json("silence", "query", "alertname=Noise")
    assert (silence["id"], silence["createdBy"], silence["comment"]) == (id_, "ada", "known")
    assert silence["status"] == {"state": "active"}
    (hidden,) = amtool.json("alert", "query", "--silenced", "alertname=Noise")
    assert hidden["status"] == {"inhibitedBy": [], "silencedBy": [id_], "state": "suppressed"}
    assert not amtool.json("alert", "query", "alertname=Noise")
    assert amtool("silence", "update", "--duration=4h", id_)
    assert amtool("silence", "query", "-q", "alertname=Noise").strip() == id_
    amtool("silence", "expire", id_)
    assert amtool("silence", "query", "-q", "alertname=Noise") == ""
    assert amtool("silence", "query", "-q", "--expired", "alertname=Noise").strip() == id_
    assert amtool.json("alert", "query", "alertname=Noise")
    assert "not match the empty" in amtool("silence", "add", "a=~.*", "--author=a", "--comment=c", code=1)


def test_alerts_are_shown_as_a_real_alertmanager_shows_them(watch: Server, tmp_path: Path) -> None:
    """The same alerts in: the same fingerprints, labels, receivers and inhibition out; groups alike, too."""
    alerts = [
        labelled(alertname="Side", severity="critical", cluster="north", team="engine"),
        labelled(alertname="Side", severity="warning", cluster="north"),
        labelled(alertname="Side", severity="warning", cluster="south"),
        labelled(alertname="Side", instance='ü\n"q"', empty=""),
    ]
    with alertmanager.running(tmp_path, ROUTES) as real, watch.api() as ours:
        posted(real, "/api/v2/alerts", alerts)
        posted(ours, "/alertmanager/api/v2/alerts", alerts)
        chosen = {"filter": 'alertname="Side"'}

        def comparable(client: httpx.Client, path: str) -> Any:
            return [told_apart(one) for one in client.get(path, params=chosen).json()]

        def told_apart(one: dict[str, Any]) -> dict[str, Any]:
            if "alerts" in one:
                inner = sorted((told_apart(alert) for alert in one["alerts"]), key=lambda alert: alert["fingerprint"])
                return {"labels": one["labels"], "receiver": one["receiver"], "alerts": inner}
            # Times are those of two servers; 0.25 knows no mutedBy, and no state of alerts nobody looked at.
            status = {key: value for key, value in one["status"].items() if key not in ("mutedBy", "state")}
            rest = {key: value for key, value in one.items() if not key.endswith("At") and key != "status"}
            return {**rest, "status": status}

        def settled() -> bool:
            shown = real.get("/api/v2/alerts", params=chosen).json()
            return len(shown) == 4 and all(one["status"]["state"] != "unprocessed" for one in shown)

        eventually(settled, seconds=30)
        found = comparable(ours, "/alertmanager/api/v2/alerts")
        assert found == comparable(real, "/api/v2/alerts")
        assert [one["status"]["inhibitedBy"] for one in found].count([]) == 3
        groups = comparable(ours, "/alertmanager/api/v2/alerts/groups")
        assert sorted(groups, key=json.dumps) == sorted(comparable(real, "/api/v2/alerts/groups"), key=json.dumps)


def test_a_prometheus_sends_its_alerts_to_midwatch(watch: Server, tmp_path: Path) -> None:
    """`alerting:` of its configuration names Midwatch; what fires there is shown here, with what it says."""
    address = prometheus.free_address()
    (tmp_path / "rules.yml").write_text(
        "groups: [{name: g, interval: 1s, rules: [{alert: FromPrometheus, expr: 'vector(1)', for: 8s, "
        "labels: {severity: critical}, annotations: {summary: 'is {{ $value }}'}}]}]\n"
    )
    configuration = f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s, external_labels: {{cluster: here}}}}
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - path_prefix: /alertmanager
      api_version: v2
      authorization: {{credentials: {TOKEN}}}
      static_configs: [{{targets: ['{watch.url.removeprefix("http://")}']}}]
"""
    chosen = {"filter": "alertname=FromPrometheus"}
    with watch.api() as ours, prometheus.running(tmp_path, address, configuration, "native-histograms") as real:

        def shown() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = ours.get("/alertmanager/api/v2/alerts", params=chosen).json()
            return found

        eventually(lambda: bool(shown()), seconds=60)
        (alert,) = shown()
        assert alert["labels"] == {"alertname": "FromPrometheus", "severity": "critical", "cluster": "here"}
        assert alert["annotations"] == {"summary": "is 1"}
        assert sorted(one["name"] for one in alert["receivers"]) == ["chronicle", "primary"]
        assert real.get("/api/v1/alertmanagers").json()["data"]["activeAlertmanagers"]
