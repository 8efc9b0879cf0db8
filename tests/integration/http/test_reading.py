"""What the page reads: the map of services, traces by their whole duration, the checks of System health."""

import os
import time
from typing import Any

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests import bodies
from tests.conftest import Server
from tests.remote_write import HEADERS_1, PATH, packed, series_1, version_1

from midwatch.server.model.timerange import format_time

MS = 1_000_000


def _send(server: Server, service: str, spans: list[Span]) -> None:
    with server.door() as door:
        body = bodies.traces(service, spans).SerializeToString()
        assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200


def test_a_database_shows_what_all_of_its_callers_see(server: Server) -> None:
    """Three calls of one service and one failed call of another are four calls of the database, a quarter failed."""
    database = f"db{os.urandom(4).hex()}"
    named = {"kind": Span.SPAN_KIND_CLIENT, "name": "SELECT", "attributes": {"db.system.name": database}}
    _send(server, f"{database}-shop", [bodies.span(**named) for _ in range(3)])
    failed = bodies.span(**named)
    failed.status.code = 2
    _send(server, f"{database}-worker", [failed])
    with server.api() as api:
        answer = api.get("/api/v1/service-map").json()
    nodes = {node["name"]: node for node in answer["nodes"]}
    assert (nodes[database]["requests"], nodes[database]["errors"], nodes[database]["type"]) == (4, 1, "database")
    calls = {edge["source"]: edge["requests"] for edge in answer["edges"] if edge["target"] == database}
    assert calls == {f"{database}-shop": 3, f"{database}-worker": 1}


def test_traces_are_found_by_the_duration_of_the_whole(server: Server) -> None:
    """A trace whose work goes on after its root has ended is as long as from its first begin to its last end."""
    service = f"queue{os.urandom(4).hex()}"
    root = bodies.span(start_time_unix_nano=time.time_ns() - 5_000 * MS)
    later = bodies.span(
        trace_id=root.trace_id, parent_span_id=root.span_id, start_time_unix_nano=root.start_time_unix_nano + 2_000 * MS
    )
    _send(server, service, [root, later])

    def found(**limits: float) -> int:
        with server.api() as api:
            answer = api.get("/api/v1/traces", params={"query": f"service:{service}", **limits})
        return len(answer.json()["traces"])

    assert found(min_duration_ms=2010, max_duration_ms=2030) == 1
    assert found(min_duration_ms=2030) == 0
    assert found(max_duration_ms=2010) == 0


def test_the_disk_check_writes_a_size_with_its_unit(server: Server) -> None:
    """Free space reads as the page writes sizes."""
    with server.api() as api:
        checks = {check["name"]: check["message"] for check in api.get("/api/v1/system/status").json()["checks"]}
    number, unit, word = checks["disk"].split()
    assert float(number) > 0
    assert (unit in {"MiB", "GiB", "TiB"}, word) == (True, "free")


def test_a_question_ends_when_its_reader_has_gone(server: Server) -> None:
    """Statements that would run for half a minute leave their places as soon as nobody waits for their answer."""
    _send(server, f"crowd{os.urandom(4).hex()}", [bodies.span() for _ in range(5_000)])
    crowd = "spans AS a CROSS JOIN spans AS b CROSS JOIN spans AS c"
    endless = f"SELECT count() FROM {crowd} WHERE a.Duration + b.Duration > c.Duration"
    with server.api() as api:
        for _ in range(2):
            with pytest.raises(httpx.ReadTimeout):
                api.post("/api/v1/sql", json={"query": endless}, timeout=1.0)
        answer = api.post("/api/v1/sql", json={"query": "SELECT 1 AS one"})
    assert (answer.status_code, answer.json().get("rows")) == (200, [[1]])


def test_series_count_as_metrics(server: Server) -> None:
    """What came by remote write alone is in the metrics' rows, bytes and newest time, and metrics are received."""
    with server.api() as api:

        def metrics() -> dict[str, Any]:
            signals: list[dict[str, Any]] = api.get("/api/v1/system/status").json()["signals"]
            return next(one for one in signals if one["signal"] == "metrics")

        before, newest = metrics(), time.time_ns() // MS + 1000
        samples = [{"value": 1, "timestamp": newest - 1000 * step} for step in range(50)]
        body = packed(version_1(series_1({"__name__": f"r{os.urandom(4).hex()}"}, samples=samples)))
        with server.door() as door:
            headers = {**HEADERS_1, "x-midwatch-wait": "visible"}
            assert door.post(PATH, content=body, headers=headers).status_code == 204
        after = metrics()
        assert after["rows"] - before["rows"] == 50
        assert after["bytes_on_disk"] > before["bytes_on_disk"]
        # Others send to this server, too, and some of what is far ahead.
        assert after["newest"] >= format_time(newest * MS)
        received = api.get("/api/v1/onboarding").json()["signals"]
        assert next(one for one in received if one["signal"] == "metrics")["received"]
