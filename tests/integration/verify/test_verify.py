"""What arrives at a real server, held against its plan: each fault is found where it is, and nowhere else."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests import bodies
from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.verify.telling import BAD, GOOD, PLAN, heartbeat, tell

FOUND_IN_BAD = {
    "service_unknown": {"intruder"},
    "event_unknown": {"order.plaaced", "order.payed", "order.paid.twice"},
    "event_never": {"order.paid"},
    "event_stopped": {"order.audited"},
    "event_level": {"order.placed"},
    "event_service": {"order.placed"},
    "key_missing": {"order.placed: order_id"},
    "key_type": {"order.placed: order_id"},
    "key_extra": {"order.placed"},
    "required_key_missing": {"api: event", "api: correlation_id"},
    "metric_never": {"refunds_total"},
    "metric_stopped": {"backups_total"},
    "metric_labels": {"orders_total", "order_duration"},
    "metric_labels_missing": {"order_duration"},
    "metric_label_value": {"orders_total: plan"},
    "metric_type": {"queue_depth"},
    "metric_unit": {"order_duration"},
    "metric_buckets": {"order_duration"},
    "span_never": {"worker: job *"},
    "span_stopped": {"api: GET /health"},
    "span_attribute_missing": {"api: POST /orders: http.route"},
    "heartbeat_never": {"nightly"},
    "health_check_never": {"api: database"},
    "correlation_lost": {"api → worker"},
    "correlation_replaced": {"api → mailer"},
    "sampling_share": {"api in staging"},
    "sampling_level": {"api in staging"},
    "private_key": {"api: password in log lines"},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One whose plan these tests change."""
    started = Server(tmp_path_factory.mktemp("verify")).start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    """With the plan in force, one environment as it should be and one as it should not."""
    with server.api() as client:
        applied = client.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": PLAN}}).json()
        assert applied["ok"], applied
        tell(server, GOOD, good=True)
        tell(server, BAD, good=False)
        heartbeat(server, GOOD)
        params = {"query": "service:intruder OR service:mailer"}
        eventually(lambda: len(client.get("/api/v1/logs", params=params).json()["rows"]) == 2)
        eventually(lambda: len(client.get("/api/v1/services").json()["services"]) == 3)
        eventually(
            lambda: (
                len(
                    client.get("/prometheus/api/v1/query", params={"query": "health_check_up"}).json()["data"]["result"]
                )
                == 2
            )
        )
        eventually(lambda: client.get("/api/v1/heartbeats").json()["heartbeats"])
        yield client


def verified(api: httpx.Client, **params: Any) -> dict[str, Any]:
    def done() -> dict[str, Any] | None:
        answer = api.get("/api/v1/verify", params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found if found["state"] == "done" else None

    found = eventually(done)
    assert [(one["name"], one["error"]) for one in found["checks"] if one["error"]] == []
    return found


def by_kind(report: dict[str, Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in report["findings"]:
        found.setdefault(one["kind"], set()).add(one["subject"])
    return found


def test_what_is_as_declared_is_found_so(api: httpx.Client) -> None:
    """No finding at all, every declared thing is coming; the alias of an environment is that environment."""
    report = verified(api, env="prod", fresh=True)
    assert report["findings"] == []
    assert report["environment"] == GOOD
    assert {row["state"] for row in report["rows"]} == {"coming"}
    things = {row["thing"] for row in report["rows"]}
    assert things == {"service", "environment", "event", "metric", "span", "health check", "heartbeat"}


def test_each_fault_is_found(api: httpx.Client) -> None:
    """All of them and no more, each with what was expected, what is there and what to do."""
    report = verified(api, env=BAD, fresh=True)
    assert by_kind(report) == FOUND_IN_BAD
    for one in report["findings"]:
        assert one["expected"], one
        assert one["found"], one
        assert one["todo"].endswith("."), one
    assert report["errors"] + report["warnings"] == len(report["findings"])
    assert report["errors"] == sum(one["severity"] == "error" for one in report["findings"])


WATCHED = {
    "rules/orders.yml": """groups:
  - name: orders
    rules:
      - alert: OrdersFail
        expr: orders_total > 100
        labels: {severity: critical}
      - alert: QueueLong
        expr: queue_depth > 100
        annotations: {runbook: queue}
""",
    "runbooks/queue.md": "# Queue\n\nSee [orders](orders.md), [itself](queue.md) and [the docs](https://example.com/x).\n",
}
MORE = """
runbooks: warn
services: {api: {environments: [production]}, worker: {}, mailer: {}, counter: {}, ghost: {owner: nobody}}
environments: {production: {}}
probes:
  - {name: far, tcp: {address: "127.0.0.1:9"}, locations: [moon]}
  - {name: closed, tcp: {address: "127.0.0.1:9"}, interval: 10s, retries: 0, timeout: 1s}
health_checks: {api: {probes: [closed]}}
"""


def test_what_watches_is_verified_too(server: Server, api: httpx.Client) -> None:
    """Alerts that nobody rehearsed, rules without a runbook, links that lead nowhere, probes that never looked, silent
    services, services and environments that nobody declared; each is gone when it is mended."""
    nowhere = bodies.logs("worker", [{"body": "order.lost"}])
    with server.door() as door:
        assert door.post("/v1/logs", content=nowhere.SerializeToString()).status_code == 200
        counted = bodies.gauge("counter", "counted_things", 3.0)
        assert door.post("/v1/metrics", params={"wait": "visible"}, content=counted.SerializeToString()).is_success
    eventually(lambda: api.get("/api/v1/logs", params={"query": "body:order.lost"}).json()["rows"])
    files = {"midwatch.yml": MORE, **WATCHED}
    assert api.post("/api/v1/plan/apply", json={"files": files}).json()["ok"]
    found = by_kind(verified(api, fresh=True))
    assert found["alert_unrehearsed"] == {"OrdersFail", "QueueLong"}
    assert found["runbook_missing"] == {"OrdersFail"}
    assert found["runbook_link"] == {"queue: orders.md"}
    assert "far" in found["probe_never"]
    assert found["health_check_down"] == {"api: probe closed"}
    assert found["service_silent"] == {"ghost"}
    assert found["service_unknown"] == {"intruder"}
    assert found["environment_unknown"] == {BAD}
    assert found["environment_missing"] == {"worker"}
    assert found["service_elsewhere"] == {"api in staging"}

    mended = MORE.replace(", ghost: {owner: nobody}", ", intruder: {}").replace(
        "environments: {production: {}}", "environments: {production: {}, staging: {}}"
    )
    mended = mended.replace("{environments: [production]}", "{}")
    mended = mended.split("probes:")[0]
    rules = WATCHED["rules/orders.yml"].replace(
        "labels: {severity: critical}", "labels: {severity: critical}\n        annotations: {runbook: orders}"
    )
    files = {"midwatch.yml": mended, **WATCHED, "rules/orders.yml": rules, "runbooks/orders.md": "# Orders\n"}
    assert api.post("/api/v1/plan/apply", json={"files": files}).json()["ok"]
    for alert in ("OrdersFail", "QueueLong"):
        assert api.post("/api/v1/drills", json={"alert": alert}).json()["fired"]
    found = by_kind(verified(api, fresh=True))
    gone = {
        "service_elsewhere",
        "runbook_missing",
        "runbook_link",
        "probe_never",
        "health_check_down",
        "service_silent",
        "service_unknown",
    }
    assert not found.keys() & {*gone, "environment_unknown"}
    rehearsed = {
        one["subject"]: one["found"] for one in verified(api)["findings"] if one["kind"] == "alert_unrehearsed"
    }
    assert "never rehearsed" not in rehearsed.values()


def test_where_a_correlation_id_gets_lost_is_told_for_the_map(api: httpx.Client) -> None:
    """In the environment where it does, with a trace that shows it; nowhere else."""
    other, gap = api.get("/api/v1/verify/correlation", params={"env": BAD}).json()["gaps"]
    assert (gap["source"], gap["target"], gap["traces"], gap["lost"], gap["replaced"]) == ("api", "worker", 40, 40, 0)
    assert (other["target"], other["lost"], other["replaced"]) == ("mailer", 0, 40)
    trace = api.get(f"/api/v1/traces/{gap['example_trace']}").json()
    assert {one["service"] for one in trace["services"]} == {"api", "worker", "mailer"}
    assert api.get("/api/v1/verify/correlation", params={"env": GOOD}).json()["gaps"] == []


def test_a_report_is_remembered_until_the_plan_changes(api: httpx.Client) -> None:
    """A second question gets the same run; another plan or `fresh` makes a new one."""
    first = verified(api, env=GOOD, fresh=True)
    assert verified(api, env=GOOD)["end"] == first["end"]
    assert verified(api, env=GOOD, fresh=True)["end"] > first["end"]
    assert api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": PLAN}}).json()["applied"]
    assert "event" in {row["thing"] for row in verified(api, env=GOOD)["rows"]}


@pytest.mark.parametrize("since", ["soon", "1s", "90d"])
def test_a_range_that_cannot_be_is_refused(api: httpx.Client, since: str) -> None:
    """With what was expected."""
    answer = api.get("/api/v1/verify", params={"since": since})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"since={since}: expected ")


LINKUPS = """
environments: {production: {}, staging: {}}
entities:
  linkup:
    states: [open, locked, done]
    initial: open
    transitions: {open: [locked], locked: [done]}
    events:
      linkup.opened: {required: [actor, region]}
      linkup.locked: {}
      linkup.cancelled: {}
"""


def happened(id_: str, type_: str, environment: str, **more: Any) -> dict[str, Any]:
    entity = {"type": "linkup", "id": f"{environment}-1"}
    return {"id": f"{environment}-{id_}", "type": type_, "entity": entity, "environment": environment, **more}


def test_domain_events_are_verified(server: Server, api: httpx.Client) -> None:
    """Unknown ones with the nearest, those that never came, illegal changes, missing keys; nothing of what is right."""
    assert api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": LINKUPS}}).json()["ok"]
    actor, region = {"type": "user", "id": "7"}, {"region": "eu"}
    events = [
        happened("a", "linkup.opened", GOOD, to="open", actor=actor, metadata=region),
        happened("b", "linkup.locked", GOOD, **{"from": "open", "to": "locked"}),
        happened("c", "linkup.cancelled", GOOD),
        happened("a", "linkup.opened", BAD, to="open", metadata=region),
        happened("b", "linkup.lockd", BAD, **{"from": "open", "to": "done"}),
        happened("c", "linkup.cancelled", BAD),
    ]
    with server.door(content_type="application/json") as door:
        answer = door.post("/ingest/events", json=events)
        assert (answer.status_code, answer.json()["accepted"]) == (200, len(events)), answer.text
    eventually(lambda: len(api.get("/api/v1/events").json()["events"]) == len(events), seconds=30)
    assert {
        kind for kind in by_kind(verified(api, env=GOOD, fresh=True)) if "domain" in kind or "illegal" in kind
    } == set()
    report = verified(api, env=BAD, fresh=True)
    found = {one["subject"]: one for one in report["findings"] if one["check"] == "domain_events"}
    assert {subject: one["kind"] for subject, one in found.items()} == {
        "linkup.lockd": "domain_event_unknown",
        "linkup.locked": "domain_event_never",
        "linkup: open → done": "transition_illegal",
        "linkup.opened: actor": "domain_event_key_missing",
    }
    assert found["linkup.lockd"]["todo"].startswith("Call it linkup.locked if that is meant")
    assert found["linkup: open → done"]["link"].startswith("/events/entity?kind=linkup&id=staging-1")
    rows = {row["name"]: row["state"] for row in report["rows"] if row["thing"] == "domain event"}
    assert rows == {
        "linkup.opened": "coming",
        "linkup.cancelled": "coming",
        "linkup.locked": "never",
        "linkup.lockd": "unknown",
    }
