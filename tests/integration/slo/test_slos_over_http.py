"""An objective of a Sloth file: its rules are in force, its budget is counted, maintenance does not count."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from tests import remote_write
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough

MINUTE_MS = 60_000
SLOTH = """version: prometheus/v1
service: shop
slos:
  - name: availability
    objective: 90
    window: 7d
    description: Orders are taken.
    sli:
      events:
        error_query: sum(rate(orders_total{status="500"}[{{.window}}]))
        total_query: sum(rate(orders_total[{{.window}}]))
    alerting:
      name: OrdersFail
      annotations: {runbook_url: "https://example.test/orders"}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One whose plan these tests change."""
    started = Server(tmp_path_factory.mktemp("slo"), options=("--retention", "metrics=0")).start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    """Ten good orders a minute over four hours, and one bad one a minute in the last two of them."""
    now = time.time_ns() // 1_000_000
    good, bad = 0.0, 0.0
    samples: dict[str, list[dict[str, float]]] = {"200": [], "500": []}
    for minute in range(240, -1, -1):
        good += 9 if minute < 120 else 10
        bad += 1 if minute < 120 else 0
        at = now - minute * MINUTE_MS
        samples["200"].append({"value": good, "timestamp": at})
        samples["500"].append({"value": bad, "timestamp": at})
    series = [
        remote_write.series_1({"__name__": "orders_total", "job": "shop", "status": status}, samples=found)
        for status, found in samples.items()
    ]
    with server.door() as door:
        body = remote_write.packed(remote_write.version_1(*series))
        assert door.post(remote_write.PATH, content=body, headers=remote_write.HEADERS_1).status_code in (200, 204)
    with server.api() as client:
        query = {"query": "orders_total"}
        eventually(lambda: client.get("/prometheus/api/v1/query", params=query).json()["data"]["result"])
        yield client


def apply(api: httpx.Client, main: str = "retention: {metrics: 30d}\n") -> None:
    applied = api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": main, "slos/shop.yml": SLOTH}}).json()
    assert applied["ok"], applied


def test_what_is_left_of_a_budget(api: httpx.Client) -> None:
    """One bad order in twenty, of which one in ten may be bad: half of the budget is left, counted by orders."""
    apply(api)
    found = api.get("/api/v1/slos/shop-availability").json()
    assert found["error_ratio"] == pytest.approx(0.05, abs=0.003)
    assert found["budget_left"] == pytest.approx(0.5, abs=0.03)
    assert found["objective"]["target"] == 0.9
    assert "alert: OrdersFail" in found["rules"]
    assert [(one["urgency"], one["long"], one["factor"]) for one in found["burns"]] == [
        ("page", "1h", 3.36),
        ("page", "6h", 1.4),
        ("ticket", "1d", 1.0),
        ("ticket", "3d", 1.0),
    ]
    assert api.get("/api/v1/slos/nothing").status_code == 404


def test_its_rules_are_in_force(api: httpx.Client) -> None:
    """They are listed with the file that they come from, and what they record is what the list shows."""
    apply(api)
    asked = {"file[]": "slos/shop.yml"}
    names = ["sli-recordings", "meta-recordings", "alerts"]

    def in_force() -> bool:
        groups = api.get("/prometheus/api/v1/rules", params=asked).json()["data"]["groups"]
        return [one["name"] for one in groups] == [f"sloth-slo-{name}-shop-availability" for name in names]

    eventually(in_force, seconds=60)

    def listed() -> dict[str, float | None]:
        (one,) = api.get("/api/v1/slos").json()["objectives"]
        return {name: one[name] for name in ("budget_left", "burn_rate")}

    eventually(lambda: None not in listed().values(), seconds=150)
    # Over the last five minutes one order in ten is bad: exactly as fast as is allowed.
    assert listed()["burn_rate"] == pytest.approx(1.0, abs=0.3)


def test_maintenance_does_not_count(api: httpx.Client) -> None:
    """The two bad hours were maintenance: the whole budget is left, and the report says which time is out."""
    begin = datetime.fromtimestamp(time.time() - 125 * 60, UTC).strftime("%Y-%m-%d %H:%M")
    end = datetime.fromtimestamp(time.time() + 3600, UTC).strftime("%Y-%m-%d %H:%M")
    window = f'maintenance: [{{name: move, labels: {{service: shop}}, starts: "{begin}", ends: "{end}"}}]\n'
    apply(api, window)
    found = api.get("/api/v1/slos/shop-availability").json()
    assert found["budget_left"] == pytest.approx(1.0, abs=0.03)
    assert len(found["excluded"]) == 1
    assert found["excluded_seconds"] == pytest.approx(125 * 60, abs=120)
    apply(api, window.replace("shop", "web"))
    assert api.get("/api/v1/slos/shop-availability").json()["excluded"] == []
