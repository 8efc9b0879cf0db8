"""A rule written with `anomaly`, from back-dated weeks to an alert and the band of its chart."""

import math
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests import remote_write
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough

DAY_MS, STEP_MS = 86_400_000, 240_000
RULES = """
groups:
  - name: queues
    interval: 1s
    rules:
      - alert: QueueUnusual
        anomaly: {of: queue_length, history: 7d, at_least: 5}
        annotations: {summary: '{{ $labels.queue }} has {{ $value }} waiting'}
      - alert: QueueLong
        expr: queue_length > 1000
"""


def _usual(at_ms: int) -> float:
    """Between 40 and 160, by hour of the day."""
    return 100 - 60 * math.cos(at_ms % DAY_MS / DAY_MS * 2 * math.pi)


def _send(server: Server, queue: str, samples: list[dict[str, float]]) -> None:
    body = remote_write.version_1(remote_write.series_1({"__name__": "queue_length", "queue": queue}, samples=samples))
    with server.door() as door:
        answer = door.post(remote_write.PATH, content=remote_write.packed(body), headers=remote_write.HEADERS_1)
    assert answer.status_code in (200, 204), answer.text


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two queues with ten days of history; one of them has ten times as much as usual now."""
    started = Server(tmp_path_factory.mktemp("anomaly"), options=("--retention", "metrics=0")).start()
    now = time.time_ns() // 1_000_000
    history = [{"value": _usual(at), "timestamp": at} for at in range(now - 10 * DAY_MS, now - 90_000, STEP_MS)]
    for queue, times in (("calm", 1), ("unusual", 10)):
        _send(started, queue, [*history, {"value": times * _usual(now), "timestamp": now}])
    with started.api() as api:
        # What is learned at once should have it all.
        asked = {"query": "count(queue_length) == 2"}
        eventually(lambda: api.get("/prometheus/api/v1/query", params=asked).json()["data"]["result"], seconds=60)
    yield started
    started.stop()


def _rules(api: httpx.Client) -> dict[str, Any]:
    groups = api.get("/api/v1/rules", params={"file": "rules/queues.yml"}).json()["groups"]
    return {rule["name"]: rule for group in groups for rule in group["rules"]}


def test_what_is_unusual_fires_and_its_band_is_drawn(server: Server) -> None:
    """Of two queues that one which is outside its band; the query is shown, bands are series, one API has both."""
    with server.api() as api:
        files = {"midwatch.yml": "retention: {metrics: 30d}\nrunbooks: warn\n", "rules/queues.yml": RULES}
        applied = api.post("/api/v1/plan/apply", json={"files": files}).json()
        assert applied["ok"], applied
        assert not [one for one in applied["problems"] if "nobody sends midwatch" in one["message"]]

        rule = eventually(lambda: (one := _rules(api).get("QueueUnusual")) and one["firing"] and one, seconds=90)
        assert rule["written_as"] == "anomaly"
        assert "queue_length > ignoring (anomaly_band) midwatch_anomaly_upper{anomaly_band=" in rule["query"]
        alerts = api.get(f"/api/v1/rules/{rule['id']}").json()["alerts"]
        assert [one["labels"]["queue"] for one in alerts] == ["unusual"]

        def drawn() -> Any:
            found = api.get(f"/api/v1/anomalies/{rule['id']}", params={"start": "now-1d"}).json()
            whole = [one for one in found["series"] if one["points"][-1]["upper"] is not None]
            return len(whole) == 2 and found

        found = eventually(drawn, seconds=90)
        assert (found["query"], found["series_total"], found["message"]) == ("queue_length", 2, "")
        assert found["learned_at"] is not None
        for one, outside in zip(found["series"], (False, True), strict=True):
            last = one["points"][-1]
            usual = _usual(round(last["at"] * 1000))
            assert last["expected"] == pytest.approx(usual, abs=10)
            assert last["lower"] < usual < last["upper"]
            assert (last["observed"] > last["upper"]) is outside
            assert one["points"][0]["observed"] is not None
            assert one["points"][0]["upper"] is None
            assert one["learning"] is None
        asked = {"query": f'midwatch_anomaly_expected{{anomaly_band="{found["band"]}"}}'}
        assert len(api.get("/prometheus/api/v1/query", params=asked).json()["data"]["result"]) == 2


def test_of_other_rules_there_is_no_band(server: Server) -> None:
    """Neither of one with a threshold nor of one that is not there; too long a time is refused."""
    with server.api() as api:
        rules = eventually(lambda: _rules(api))
        answer = api.get(f"/api/v1/anomalies/{rules['QueueLong']['id']}")
        assert (answer.status_code, "not written with `anomaly`" in answer.json()["error"]) == (404, True)
        assert api.get("/api/v1/anomalies/0123456789abcdef").status_code == 404
        path = f"/api/v1/anomalies/{rules['QueueUnusual']['id']}"
        assert api.get(path, params={"start": "now-93d"}).status_code == 400


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{of: x, deviations: 0}", "deviations: expected a number"),
        ("{of: x, history: 1d}", "history: expected a duration from 2d to 12w"),
        ("{of: x, zone: Mars/Olympus}", "zone=Mars/Olympus: expected a name such as Europe/Berlin"),
        ("{of: 'x{'}", "of: "),
        ("{of: '1'}", "anomaly: cannot make PromQL of this"),
    ],
)
def test_what_cannot_be_is_refused(server: Server, written: str, expected: str) -> None:
    """With its line, and the rules in force stay."""
    rules = f"groups:\n  - name: g\n    rules:\n      - alert: A\n        anomaly: {written}\n"
    with server.api() as api:
        answer = api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": "", "rules/queues.yml": rules}}).json()
        assert not answer["ok"]
        (problem,) = [one for one in answer["problems"] if one["severity"] == "error"]
        assert problem["line"] == 5
        assert expected in problem["message"]
