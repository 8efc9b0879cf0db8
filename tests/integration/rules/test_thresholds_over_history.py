"""A plan beside days of stored series: thresholds that never or always held, over HTTP and on the command line."""

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from tests import remote_write
from tests.conftest import Server
from tests.eventually import eventually

from midwatch.cli.main import midwatch

pytestmark = pytest.mark.thorough

DAY_MS, STEP_MS = 86_400_000, 120_000
EXAMPLES = Path(__file__).parents[3] / "examples"
RULES = """groups:
  - name: api
    rules:
      - alert: Slow
        expr: histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 500
      - alert: Long
        expr: queue_length > 1000
      - alert: Big
        threshold: {of: process_resident_memory_bytes, above: 400}
      - alert: New
        expr: new_gauge > 1000
      - alert: Fails
        expr: sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05
      - alert: Down
        expr: up == 0
      - alert: Filling
        expr: queue_length > 4
"""
PLAN = {"midwatch.yml": "runbooks: off\n", "rules/api.yml": RULES}


def _wave(at_ms: int) -> float:
    """From 0 to 1 and back by the day."""
    return 0.5 - 0.5 * math.cos(at_ms % DAY_MS / DAY_MS * 2 * math.pi)


def _send(server: Server, times: range, *courses: tuple[dict[str, str], Callable[[int], float]]) -> None:
    series = [
        remote_write.series_1(labels, samples=[{"value": value(at), "timestamp": at} for at in times])
        for labels, value in courses
    ]
    body = remote_write.packed(remote_write.version_1(*series))
    with server.door() as door:
        answer = door.post(f"{remote_write.PATH}?wait=visible", content=body, headers=remote_write.HEADERS_1)
    assert answer.status_code in (200, 204), answer.text


def _growing(rate: float) -> Callable[[int], float]:
    begin = time.time_ns() // 1_000_000 - 20 * DAY_MS
    return lambda at: (at - begin) / 1000 * rate


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An API that is well: up to 100 ms, a queue of up to five, 400 MB; and a gauge that is there for five hours."""
    started = Server(tmp_path_factory.mktemp("history"), options=("--retention", "metrics=0")).start()
    now = time.time_ns() // 1_000_000
    buckets = {"0.05": 6.0, "0.1": 9.9, "5": 10.0, "10": 10.0, "+Inf": 10.0}
    _send(
        started,
        range(now - 3 * DAY_MS, now, STEP_MS),
        ({"__name__": "queue_length"}, lambda at: 1 + round(4 * _wave(at))),
        ({"__name__": "job_queue_depth"}, lambda at: round(5 * _wave(at))),
        ({"__name__": "process_resident_memory_bytes"}, lambda at: 3e8 + 1e8 * _wave(at)),
        ({"__name__": "up", "job": "api"}, lambda _: 1.0),
        ({"__name__": "http_requests_total", "status": "200"}, _growing(10)),
        ({"__name__": "http_requests_total", "status": "500"}, _growing(0.001)),
        ({"__name__": "job_duration_seconds_count", "status": "DONE"}, _growing(0.1)),
        ({"__name__": "job_duration_seconds_count", "status": "FAILED"}, _growing(0.0001)),
        ({"__name__": "api:errors:ratio_rate1m", "env": "prod"}, lambda at: 0.0002 * _wave(at)),
        ({"__name__": "api:latency:p95", "env": "prod"}, lambda at: 40 + 30 * _wave(at)),
        *(
            ({"__name__": "http_request_duration_seconds_bucket", "le": le}, _growing(rate))
            for le, rate in buckets.items()
        ),
    )
    _send(started, range(now - 5 * 3_600_000, now, STEP_MS), ({"__name__": "new_gauge"}, lambda _: 3.0))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    with server.api() as client:
        asked = {"query": "new_gauge"}
        eventually(lambda: client.get("/prometheus/api/v1/query", params=asked).json()["data"]["result"], seconds=60)
        yield client


def _told(problems: list[dict[str, Any]]) -> list[tuple[int, int, str, str]]:
    held = [one for one in problems if "held" in one["message"]]
    return [(one["line"], one["column"], one["severity"], one["message"]) for one in held]


def test_a_check_tells_thresholds_that_never_or_always_held(api: httpx.Client) -> None:
    """With line, column, figures and what was meant; neither a calm rule nor a young series is told."""

    def checked() -> Any:
        answer = api.post("/api/v1/plan/check", json={"files": PLAN}).json()
        assert answer["ok"], answer
        # On a machine that is busy there may be no time for all of them at once.
        return not any(one["severity"] == "info" for one in answer["problems"]) and _told(answer["problems"])

    slow, long, big = eventually(checked, seconds=60)
    assert slow[:3] == (5, 15, "warning")
    assert "over the last 3 days the largest value was" in slow[3]
    assert "`> 500` never held, and cannot: the last bucket ends at 10. If 500 milliseconds are meant: " in slow[3]
    assert slow[3].endswith("[5m]))) > 0.5")
    assert long[:3] == (7, 15, "warning")
    assert "the largest value was 5: `> 1000` never held" in long[3]
    assert long[3].endswith("to be told of the rest: queue_length > 5")
    assert big[:3] == (9, 20, "warning")
    assert "`> 400` held each of the 4" in big[3]
    assert big[3].endswith("If 400 MiB are meant: process_resident_memory_bytes > 419430400")


def test_the_command_line_says_the_same(api: httpx.Client, server: Server, tmp_path: Path) -> None:
    """Asked for a server; without one nothing is known of history. `apply` tells it too, and applies."""
    for name, text in PLAN.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    alone = CliRunner().invoke(midwatch, ["check", str(tmp_path)])
    assert (alone.exit_code, "held" in alone.output) == (0, False)
    asked = CliRunner().invoke(midwatch, ["check", str(tmp_path), "--data", str(server.data)])
    assert asked.exit_code == 0
    assert f"{tmp_path}/rules/api.yml:7:15: warning: over the last 3 days" in asked.output
    assert "the plan is good" in asked.output
    applied = CliRunner().invoke(midwatch, ["apply", str(tmp_path), "--data", str(server.data)])
    assert applied.exit_code == 0, applied.output
    assert "If 400 MiB are meant" in applied.output
    assert "applied" in applied.output


@pytest.mark.parametrize("example", ["canvascast", "tabbi", "soulcaster", "josh", "chat", "shop"])
def test_the_examples_rules_are_left_in_peace(api: httpx.Client, example: str) -> None:
    """Days in which all is well are no reason to doubt a threshold."""
    folder = EXAMPLES / example / "observability"
    files = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    answer = api.post("/api/v1/plan/check", json={"files": files}).json()
    assert answer["ok"], answer
    assert _told(answer["problems"]) == []
