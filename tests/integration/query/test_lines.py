"""Many lines: pages, the lines around one, and exports."""

import csv
import io
import json
from typing import Any

import psutil
import pytest
from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.query.conftest import SendLogs, now_ns

pytestmark = pytest.mark.thorough

EXPORTED = 100_000
EXPORT_MB_MAX = 130
"""What a server grows by that begins to work; as many rows at once would be over 200."""


def lines(count: int, start_ns: int, *, step_ns: int = 1) -> list[dict[str, Any]]:
    return [{"body": f"line {index}", "time_unix_nano": start_ns + index * step_ns} for index in range(count)]


def test_pages_lose_and_repeat_nothing_while_lines_come_in(server: Server, send_logs: SendLogs) -> None:
    """A thousand lines of one moment, page by page, newest and oldest first, with newer ones coming in between."""
    start = now_ns()
    service = send_logs(lines(1000, start, step_ns=0))
    for order in ("newest", "oldest"):
        seen: list[str] = []
        cursor: str | None = None
        with server.api() as api:
            while True:
                asked = {"query": f"service:{service} line", "limit": 150, "order": order}
                page = api.get("/api/v1/logs", params={**asked, **({"cursor": cursor} if cursor else {})}).json()
                seen += [row["body"] for row in page["rows"]]
                cursor = page["next_cursor"]
                if cursor is None:
                    break
                send_logs([{"body": "a newer one", "time_unix_nano": start + 10**9}], service=service)
        assert len(seen) == len(set(seen)) == 1000


def test_the_lines_around_one(server: Server, send_logs: SendLogs) -> None:
    """The three before and the three after, in order, of the same service."""
    service = send_logs(lines(20, now_ns(), step_ns=10**6))
    with server.api() as api:
        rows = api.get("/api/v1/logs", params={"query": f"service:{service}"}).json()["rows"]
        middle = next(row for row in rows if row["body"] == "line 10")
        around = api.get(f"/api/v1/logs/{middle['id']}/context", params={"before": 3, "after": 3}).json()
    assert [row["body"] for row in around["before"]] == ["line 7", "line 8", "line 9"]
    assert around["line"]["body"] == "line 10"
    assert [row["body"] for row in around["after"]] == ["line 11", "line 12", "line 13"]


def test_exports_of_any_size_fill_no_memory(own_server: Server) -> None:
    """A hundred thousand lines leave as NDJSON and as CSV, each whole, while the server stays as small as it was."""
    from tests import bodies

    server, service = own_server, "export"
    with server.door() as door:
        for first in range(0, EXPORTED, 5000):
            records = [
                {"body": f'=line {index}, "quoted"', "time_unix_nano": now_ns() + index}
                for index in range(first, first + 5000)
            ]
            assert door.post("/v1/logs", content=bodies.logs(service, records).SerializeToString()).status_code == 200
    with server.api() as api:
        eventually(lambda: api.get("/api/v1/logs/histogram").json()["total"] == EXPORTED, seconds=60)
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss
        peak, names = before, set()
        with api.stream("GET", "/api/v1/logs/export", timeout=120) as answer:
            for number, line in enumerate(answer.iter_lines()):
                names.add(json.loads(line)["body"])
                if number % 5000 == 0:
                    peak = max(peak, process.memory_info().rss)
        assert len(names) == EXPORTED
        assert (peak - before) / 1e6 < EXPORT_MB_MAX
        text = api.get("/api/v1/logs/export", params={"format": "csv"}, timeout=120).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["body"] for row in rows} == {f"'{name}" for name in names}, (
        "cells that begin like formulas are made harmless"
    )
