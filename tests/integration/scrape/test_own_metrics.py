"""Midwatch's own figures, as PromQL has them without anything that scrapes."""

import time
from pathlib import Path
from typing import Any

import pytest
from tests import bodies
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough


def _ask(server: Server, query: str) -> list[dict[str, Any]]:
    with server.api() as api:
        answer = api.get("/prometheus/api/v1/query", params={"query": query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]["result"]
    return found


def test_boards_and_rules_see_what_is_taken_in_refused_and_waiting(tmp_path: Path) -> None:
    """Each as `/metrics` has it, of the job midwatch; they are not taken for something that an app sent."""
    server = Server(tmp_path / "data", environment={"MIDWATCH_OWN_METRICS": "1s"}).start()
    try:
        body = bodies.logs("shop", [{"time_unix_nano": time.time_ns()} for _ in range(7)]).SerializeToString()
        with server.door() as door:
            assert door.post("/v1/logs", content=body).status_code == 200
            assert door.post("/v1/logs", content=b"\xff\xff").status_code == 400
        taken = 'sum(midwatch_ingest_items_total{job="midwatch",signal="logs"})'
        eventually(lambda: [one for one in _ask(server, taken) if float(one["value"][1]) == 7])
        (up,) = _ask(server, 'up{job="midwatch"}')
        assert up["metric"]["instance"]
        assert up["value"][1] == "1"
        refused = _ask(server, 'midwatch_ingest_refused_total{job="midwatch",reason="bad_body"}')
        assert [one["value"][1] for one in refused] == ["1"]
        for name in ("midwatch_wal_bytes", "midwatch_wal_oldest_seconds", "process_resident_memory_bytes"):
            assert _ask(server, f'{name}{{job="midwatch"}}'), name
        with server.api() as api:
            received = {one["signal"]: one["received"] for one in api.get("/api/v1/onboarding").json()["signals"]}
        none = dict.fromkeys(("traces", "metrics", "errors", "events", "domain_events"), False)
        assert received == {**none, "logs": True}
        server.stop()
        server.start()
        # A server that ended has said so, and the one that takes its place goes on as the same series.
        over = 'count(count_over_time(midwatch_wal_bytes{job="midwatch"}[5m]))'
        eventually(lambda: _ask(server, 'up{job="midwatch"} == 1'))
        assert [one["value"][1] for one in _ask(server, over)] == ["1"]
    finally:
        server.stop()
