"""Rules of a plan directory, from a file to what Prometheus's API and ours say of them."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests import remote_write
from tests.conftest import Server
from tests.eventually import eventually

MAIN = "retention: {metrics: 30d}\nrunbooks: warn\n"
RULES = """
groups:
  - name: queues
    interval: 1s
    labels: {team: mail}
    rules:
      - record: job:queue_length:sum
        expr: sum by (job) (queue_length)
      - alert: QueueLong
        expr: job:queue_length:sum > 100
        for: 2s
        labels: {severity: page}
        annotations:
          summary: '{{ $labels.job }} has {{ $value | humanize }} waiting'
      - alert: Quiet
        absent: {of: 'queue_length{job="nobody"}', over: 10s}
        for: 1h
"""


def _plan(folder: Path, rules: str) -> Path:
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    (folder / "midwatch.yml").write_text(MAIN)
    (folder / "rules" / "queues.yml").write_text(rules)
    return folder


def _send(server: Server, value: float) -> None:
    sample = {"value": value, "timestamp": time.time_ns() // 1_000_000}
    body = remote_write.version_1(remote_write.series_1({"__name__": "queue_length", "job": "smtp"}, samples=[sample]))
    with server.door() as door:
        answer = door.post(remote_write.PATH, content=remote_write.packed(body), headers=remote_write.HEADERS_1)
    assert answer.status_code in (200, 204), answer.text


def _rule(api: httpx.Client, name: str) -> dict[str, Any]:
    groups = api.get("/prometheus/api/v1/rules", params={"rule_name[]": name}).json()["data"]["groups"]
    (rule,) = (rule for group in groups for rule in group["rules"])
    return dict(rule)


def _id(api: httpx.Client, name: str) -> str:
    (group,) = api.get("/api/v1/rules", params={"name": name}).json()["groups"]
    return str(group["rules"][0]["id"])


def test_a_rule_fires_is_restored_resolves_and_is_history(tmp_path: Path) -> None:
    """Recording and alerting, `ALERTS` as a series, a restart in between, and every change of state afterwards."""
    plan = _plan(tmp_path / "observability", RULES)
    server = Server(tmp_path / "data", options=("--plan", str(plan))).start()
    try:
        _send(server, 140)
        with server.api() as api:

            def state(name: str, wanted: str) -> Any:
                return eventually(lambda: (rule := _rule(api, name))["state"] == wanted and rule, seconds=60)

            firing = state("QueueLong", "firing")
            assert firing["health"] == "ok"
            (alert,) = firing["alerts"]
            assert alert["labels"] == {"alertname": "QueueLong", "job": "smtp", "severity": "page", "team": "mail"}
            assert alert["annotations"] == {"summary": "smtp has 140 waiting"}
            assert alert["value"] == "1.4e+02"
            assert _rule(api, "Quiet")["query"] == 'absent_over_time(queue_length{job="nobody"}[10s])'
            series = 'ALERTS{alertname="QueueLong",alertstate="firing",job="smtp"}'
            asked = {"query": series}
            found = eventually(lambda: api.get("/prometheus/api/v1/query", params=asked).json()["data"]["result"])
            assert found[0]["value"][1] == "1"
            active_at = alert["activeAt"]
        server.stop()
        server.start()
        with server.api() as api:
            again = state("QueueLong", "firing")
            assert again["alerts"][0]["activeAt"] == active_at
            _send(server, 3)
            state("QueueLong", "inactive")

            def history() -> list[str]:
                found = api.get("/api/v1/rule-history", params={"alert": "QueueLong"}).json()["transitions"]
                return [one["after"] for one in found]

            eventually(lambda: history() == ["inactive", "firing", "pending"])
            first = api.get("/api/v1/rule-history", params={"alert": "QueueLong", "limit": 1}).json()
            rest = {"alert": "QueueLong", "cursor": first["next_cursor"]}
            assert len(api.get("/api/v1/rule-history", params=rest).json()["transitions"]) == 2
            page = api.get("/api/v1/rules", params={"name": "quiet"}).json()
            (group,) = page["groups"]
            assert (group["name"], group["rules"][0]["written_as"]) == ("queues", "absent")
            detail = api.get(f"/api/v1/rules/{group['rules'][0]['id']}").json()
            assert detail["alerts"][0]["state"] == "pending"
            assert (detail["looks_at"], detail["operator"], detail["threshold"]) == (
                detail["rule"]["query"],
                None,
                None,
            )
            queue = api.get(f"/api/v1/rules/{_id(api, 'queuelong')}").json()
            assert (queue["looks_at"], queue["operator"], queue["threshold"]) == ("job:queue_length:sum", ">", 100)
    finally:
        server.stop()


FILTERED = """
groups:
  - name: one
    rules:
      - {record: "job:up:sum", expr: sum by (job) (up), labels: {kind: sums}}
      - {alert: A, expr: vector(1) > 0, labels: {severity: page}}
  - name: two
    rules:
      - {alert: B, expr: "up{ job = 'x' } == 0", for: 5m, labels: {severity: ticket}, annotations: {summary: down}}
"""


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    plan = _plan(tmp_path_factory.mktemp("ruled") / "observability", FILTERED)
    server = Server(plan.parent / "data", options=("--plan", str(plan))).start()
    yield server
    server.stop()


def _names(server: Server, **params: Any) -> list[str]:
    with server.api() as api:
        answer = api.get("/prometheus/api/v1/rules", params={"file[]": "rules/queues.yml", **params})
    assert answer.status_code == 200, answer.text
    return [rule["name"] for group in answer.json()["data"]["groups"] for rule in group["rules"]]


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, ["job:up:sum", "A", "B"]),
        ({"type": "alert"}, ["A", "B"]),
        ({"type": "record"}, ["job:up:sum"]),
        ({"rule_name[]": ["A", "job:up:sum"]}, ["job:up:sum", "A"]),
        ({"rule_group[]": "two"}, ["B"]),
        ({"match[]": '{severity="page"}'}, ["A"]),
        ({"match[]": ['{severity="page"}', '{kind=~"s.*"}']}, ["job:up:sum", "A"]),
        ({"file[]": "rules/nothing.yml"}, []),
    ],
)
def test_rules_are_chosen_as_prometheus_chooses_them(ruled: Server, params: dict[str, Any], names: list[str]) -> None:
    """By type, name, group, file and labels; groups without any that fits are left out."""
    assert _names(ruled, **params) == names


def test_rules_have_prometheus_shape(ruled: Server) -> None:
    """Every key of 3.x, with its type; and our own page's view of the same."""
    with ruled.api() as api:
        data = api.get("/prometheus/api/v1/rules", params={"rule_group[]": "two"}).json()["data"]
        (group,) = data["groups"]
        (rule,) = group.pop("rules")
        assert (group.pop("evaluationTime"), group.pop("lastEvaluation")[:2] in ("00", "20")) != (None, False)
        assert group == {"name": "two", "file": "rules/queues.yml", "interval": 60, "limit": 0}
        for name in ("evaluationTime", "lastEvaluation", "health"):
            assert rule.pop(name) is not None
        assert rule == {
            "state": "inactive",
            "name": "B",
            "query": 'up{job="x"} == 0',
            "duration": 300,
            "keepFiringFor": 0,
            "labels": {"severity": "ticket"},
            "annotations": {"summary": "down"},
            "alerts": [],
            "type": "alerting",
        }


def test_groups_come_in_pages(ruled: Server) -> None:
    """So many groups and a token for the rest; a token that no group has any more is refused."""
    with ruled.api() as api:
        asked = {"file[]": "rules/queues.yml", "group_limit": "1"}
        first = api.get("/prometheus/api/v1/rules", params=asked).json()["data"]
        assert [one["name"] for one in first["groups"]] == ["one"]
        rest = {**asked, "group_next_token": first["groupNextToken"]}
        second = api.get("/prometheus/api/v1/rules", params=rest).json()["data"]
        assert [one["name"] for one in second["groups"]] == ["two"]
        assert "groupNextToken" not in second


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"type": "all"}, 'invalid parameter "type": not supported value "all"'),
        ({"exclude_alerts": "perhaps"}, 'invalid parameter "exclude_alerts"'),
        ({"match[]": "{"}, 'invalid parameter "match[]"'),
        ({"group_next_token": "x"}, 'invalid parameter "group_limit": needs to be present'),
        ({"group_limit": "0"}, 'invalid parameter "group_limit": needs to be greater than 0'),
        ({"group_limit": "x"}, 'invalid parameter "group_limit"'),
        ({"group_limit": "1", "group_next_token": "x"}, "invalid group_next_token 'x'"),
    ],
)
def test_what_is_asked_wrong_is_said(ruled: Server, params: dict[str, str], problem: str) -> None:
    """As Prometheus says it."""
    with ruled.api() as api:
        answer = api.get("/prometheus/api/v1/rules", params=params)
    assert answer.status_code == 400
    assert answer.json()["errorType"] == "bad_data"
    assert problem in answer.json()["error"]


def test_built_in_rules_are_shown_and_a_rule_that_is_not_there_is_not_found(ruled: Server) -> None:
    """In the page's API as a group of its own."""
    with ruled.api() as api:
        page = api.get("/api/v1/rules").json()
        assert [one["name"] for one in page["groups"] if one["built_in"]] == ["midwatch"]
        names = [rule["name"] for one in page["groups"] if one["built_in"] for rule in one["rules"]]
        assert names == ["MidwatchBehind", "MidwatchRulesLate", "MidwatchRuleFailing"]
        assert api.get("/api/v1/rules/0123456789abcdef").status_code == 404
        assert api.get("/api/v1/rule-history", params={"cursor": "x"}).status_code == 400
        assert api.get("/api/v1/rule-history", params={"start": "never"}).status_code == 400
