"""Rules of a plan directory, from a file to what Prometheus's API and ours say of them."""

import time
from pathlib import Path
from typing import Any

import httpx
from tests import remote_write
from tests.conftest import Server
from tests.eventually import eventually

MAIN = "retention: {metrics: 30d}\n"
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
    finally:
        server.stop()
