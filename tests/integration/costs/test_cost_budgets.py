"""Budgets, unit costs, invoices and storage: costs of now, and an alert that goes all the way to a webhook."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests import bodies, remote_write
from tests.conftest import KEY, TOKEN, Server
from tests.eventually import eventually
from tests.vendors import Vendors, vendors

pytestmark = pytest.mark.thorough

PLAN = """
prices:
  - {kind: sms, amount: 0.05}
  - {kind: push, amount: 0.01}
usage:
  - {kind: push, metric: push_sent_total, labels: {channel: ios}}
  - {kind: sandbox.seconds, from: logs, search: 'event:sandbox.closed', value: seconds}
unit_costs:
  - {name: signup, from: logs, search: 'event:user.signup', unique: user.id, match: {kind: sms}}
  - {name: push, metric: push_sent_total, match: {kind: push}}
  - {name: nothing, from: logs, search: 'event:never'}
budgets:
  - {name: messages, match: {kind: sms}, amount: 10, alert_at: [50, 80, 100], owner: ada, runbook: "https://example.test/sms"}
  - {name: all, amount: 1000, forecast: false}
"""
ROUTES = """
route: {receiver: team, group_by: [alertname, budget, threshold], group_wait: 0s, group_interval: 1s}
receivers:
  - name: team
    webhook_configs: [{url: URL/webhook}]
"""
SENT = 170
"""Messages: 8.50 of a budget of 10."""


@pytest.fixture(scope="module")
def door() -> Iterator[Vendors]:
    with vendors() as found:
        yield found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, door: Vendors) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("budgets"), options=("--private-networks", "all")).start()
    now = time.time_ns()
    records: list[dict[str, Any]] = [
        {"event_name": "cost", "attributes": {"cost.kind": "sms", "cost.units": 17, "event.id": f"s{at}"}}
        for at in range(SENT // 17)
    ]
    records += [{"event_name": "user.signup", "attributes": {"user.id": f"u{at % 5}"}} for at in range(8)]
    records += [{"event_name": "sandbox.closed", "attributes": {"seconds": 2.5}}] * 2
    body = bodies.logs("api", records, **{"deployment.environment.name": "production"})
    # A counter that begins at what nobody saw, grows by 6, starts anew and grows by 4.
    values = [(100, 40), (103, 30), (106, 20), (0, 10), (4, 0)]
    samples = [{"value": value, "timestamp": now // 10**6 - back * 1000} for value, back in values]
    series = [
        remote_write.series_1({"__name__": "push_sent_total", "job": "api", "channel": channel}, samples=samples)
        for channel in ("ios", "android")
    ]
    with started.door() as sent:
        assert sent.post("/v1/logs", params={"wait": "visible"}, content=body.SerializeToString()).is_success
        packed = remote_write.packed(remote_write.version_1(*series))
        assert sent.post(remote_write.PATH, content=packed, headers=remote_write.HEADERS_1).is_success
    with started.api() as api:
        files = {"midwatch.yml": PLAN, "alertmanager.yml": ROUTES.replace("URL", door.url)}
        applied = api.post("/api/v1/plan/apply", json={"files": files}).json()
        assert applied["ok"], applied
    yield started
    started.stop()


@pytest.fixture
def api(server: Server) -> Iterator[httpx.Client]:
    with server.api() as client:
        yield client


def midwatch(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    asked = [sys.executable, "-m", "midwatch", *arguments, "--url", server.url, "--token", TOKEN]
    return subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)


def test_a_budget_tells_at_the_share_that_it_has_reached(server: Server, api: httpx.Client, door: Vendors) -> None:
    """As series, by its rule, along the plan's routes, with who answers for it and what to do."""
    standing = {one["name"]: one for one in api.get("/api/v1/costs/budgets").json()["budgets"]}
    assert (standing["messages"]["spent"], standing["messages"]["spent_ratio"]) == ("8.5", 0.85)
    assert standing["all"]["expected"] is None or Decimal(standing["all"]["expected"]) >= Decimal("8.5")

    def alert() -> dict[str, Any] | None:
        told = [one for seen in door.at("/webhook") for one in json.loads(seen.body)["alerts"]]
        return next((one for one in told if one["labels"].get("budget") == "messages"), None)

    told = eventually(alert, seconds=60)
    assert (told["labels"]["alertname"], told["labels"]["threshold"], told["labels"]["severity"]) == (
        "BudgetSpent",
        "80",
        "info",
    )
    assert told["annotations"]["summary"] == "85% of the budget messages is spent (10 USD a month)"
    assert (told["annotations"]["owner"], told["annotations"]["runbook_url"]) == ("ada", "https://example.test/sms")
    query = {"query": 'cost_amount{kind="sms", service="api", env="production"}'}
    (series,) = api.get("/prometheus/api/v1/query", params=query).json()["data"]["result"]
    assert series["value"][1] == "8.5"
    shown = midwatch(server, "costs", "budgets")
    assert (shown.returncode, "85%" in shown.stdout, "8.50 of 10.00 USD a month" in shown.stdout) == (0, True, True)


def test_what_the_plan_counts_as_usage(api: httpx.Client) -> None:
    """The increase of a counter over a reset, of the series that are meant; and numbers in lines."""
    rows = {one["value"]: one for one in api.get("/api/v1/costs", params={"by": "kind"}).json()["rows"]}
    assert (rows["push"]["units"], rows["push"]["amount"]) == ("10", "0.1")
    assert (rows["sandbox.seconds"]["units"], rows["sandbox.seconds"]["unpriced"]) == ("5", 2)
    by_service = api.get("/api/v1/costs", params={"by": "service", "match": "kind=push"}).json()["rows"]
    assert [(one["value"], one["amount"]) for one in by_service] == [("api", "0.1")]


def test_unit_costs(api: httpx.Client) -> None:
    """By different users, by a counter; of what never happened there is none."""
    found = {one["name"]: one for one in api.get("/api/v1/costs/units").json()["units"]}
    assert (found["signup"]["count"], found["signup"]["each"]) == ("5", "1.7")
    assert (found["push"]["count"], found["push"]["each"]) == ("20", "0.005")
    assert (found["nothing"]["count"], found["nothing"]["each"]) == ("0", None)


def test_the_forecast_of_the_month(api: httpx.Client) -> None:
    """Everything was spent today: after an hour of it today's pace goes on, before that nobody can tell."""
    found = api.get("/api/v1/costs/forecast", params={"match": "kind=sms"}).json()
    now = datetime.now(UTC)
    assert (found["spent"], found["days"], found["start"][:10]) == ("8.5", 0, f"{now:%Y-%m}-01")
    if now.hour >= 1:
        assert Decimal(found["expected"]) > Decimal("8.5")


def test_an_invoice_beside_what_we_reckoned(server: Server, api: httpx.Client, tmp_path: Path) -> None:
    """By kind and day, from the command line; again in its place; a wrong line is named and nothing is kept of it."""
    now = datetime.now(UTC)
    file = tmp_path / "twilio.csv"
    file.write_text(
        f"Start Date,Category,Count,Price,Price Unit\n{now:%Y-%m-%d},sms-outbound,170,$9.35,USD\n"
        f"{now:%Y-%m}-01,numbers,1,1.15,USD\n"
    )
    arguments = ["costs", "import-invoice", str(file), "--vendor", "twilio", "--month", f"{now:%Y-%m}"]
    done = midwatch(server, *arguments, "--kind", "sms-outbound=sms")
    assert done.returncode == 0, done.stderr
    assert [line.split()[:5] for line in done.stdout.splitlines()[1:]] == [
        ["numbers", "1.15", "0.00", "1.15", "+100.0"],
        ["sms", "9.35", "8.50", "0.85", "+9.1"],
        ["in", "all", "10.50", "8.50", "2.00"],
    ]
    (kept,) = api.get("/api/v1/costs/invoices").json()["invoices"]
    found = api.get(f"/api/v1/costs/invoices/{kept['id']}").json()
    days = {one["day"]: (one["invoiced"], one["ours"]) for one in found["by_day"]}
    assert days[f"{now:%Y-%m-%d}"][1] == "8.5"
    file.write_text(f"day,kind,amount\n{now:%Y-%m-%d},sms,8.5\n2001-01-01,sms,1\n{now:%Y-%m-%d},sms,x\n")
    refused = midwatch(server, *arguments)
    assert refused.returncode == 1
    assert "line 3: day=2001-01-01: expected a day of" in refused.stderr
    assert "line 4: amount='x'" in refused.stderr
    file.write_text(f"day,kind,amount\n{now:%Y-%m-%d},sms,8.5\n")
    assert midwatch(server, *arguments).returncode == 0
    (kept,) = api.get("/api/v1/costs/invoices").json()["invoices"]
    assert api.get(f"/api/v1/costs/invoices/{kept['id']}").json()["total"]["percent"] == 0
    assert api.delete(f"/api/v1/costs/invoices/{kept['id']}").status_code == 204
    assert api.get(f"/api/v1/costs/invoices/{kept['id']}").status_code == 404


def test_who_fills_the_disk(server: Server, api: httpx.Client) -> None:
    """Each signal by service, as the store itself counts its parts; and what those bytes cost a month."""
    told = {"event_id": uuid.uuid4().hex, "timestamp": time.time(), "message": "e", "tags": {"service": "shop"}}
    event = {"id": uuid.uuid4().hex, "type": "order.made", "entity": {"type": "order", "id": "1"}, "service": "shop"}
    click = {"event": "clicked", "distinct_id": "u1", "uuid": str(uuid.uuid4())}
    with httpx.Client(base_url=server.url, timeout=60) as client:
        assert client.post(f"/api/1/store/?sentry_key={KEY}", json=told).is_success
        batch = {"api_key": KEY, "batch": [click]}
        assert client.post("/batch", params={"wait": "visible"}, json=batch).is_success
    with server.door(content_type="application/json") as door:
        assert door.post("/ingest/events", json=event).is_success
    wanted = {("logs", "api"), ("metrics", "api"), ("errors", "shop"), ("domain_events", "shop")}

    def stored() -> Any:
        found = api.get("/api/v1/costs/storage").json()
        keys = {(one["signal"], one["service"]) for one in found["rows"]}
        return found if wanted <= keys and "events" in {signal for signal, _ in keys} else None

    found = eventually(stored, seconds=60)
    rows = {(one["signal"], one["service"]): one for one in found["rows"]}
    assert rows["logs", "api"]["items"] == SENT // 17 + 10
    assert rows["errors", "shop"]["items"] == 1
    assert all(rows[key]["disk_bytes"] > 0 for key in wanted)
    assert found["disk_bytes"] == sum(one["disk_bytes"] for one in found["rows"])
    price = "  - {kind: midwatch.storage, tiers: [{amount: 1000000000}, {above: 1, amount: 1}]}\n"
    plan = PLAN.replace("prices:\n", f"prices:\n{price}")
    assert api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": plan}}).json()["ok"]
    priced = api.get("/api/v1/costs/storage").json()
    for one in priced["rows"]:
        # Below a gigabyte all is in the first tier: a dollar a byte.
        assert Decimal(one["a_month"]) == pytest.approx(Decimal(one["disk_bytes"]), rel=Decimal("1e-9")), one
    shown = midwatch(server, "costs", "storage").stdout
    assert ["errors", "shop", "1"] in [line.split()[:3] for line in shown.splitlines()]


def test_costs_on_the_command_line(server: Server) -> None:
    shown = midwatch(server, "costs", "--by", "service", "--match", "kind=sms")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[1].split() == ["api", "8.50", "100.0%", "10", "-"]
    assert "sandbox.seconds" in midwatch(server, "costs", "unpriced").stdout
