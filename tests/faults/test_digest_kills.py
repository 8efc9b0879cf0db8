"""`kill -9` while errors come in and are digested: every acknowledged event is there, and counts once."""

import random
import time
from pathlib import Path

import pytest
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.sentry_project import Project, envelope, event

pytestmark = pytest.mark.faults
KILLS = 6
AT_ONCE = 20


def test_kills_lose_and_double_no_error(tmp_path: Path) -> None:
    """Six kills at any moment, with two issues whose events have ids of their own."""
    server = Server(tmp_path / "data").start()
    chance = random.Random(7)
    acknowledged: set[str] = set()
    try:
        for _ in range(KILLS):
            deadline = time.monotonic() + chance.uniform(0.5, 5.0)
            while time.monotonic() < deadline:
                for number in range(AT_ONCE):
                    one = event("killed", type=f"Killed{number % 2}")
                    if Project(server, 1, KEY).post("envelope/", envelope(("event", one))).status_code == 200:
                        acknowledged.add(one["event_id"])
            server.kill()
            server.start_as_it_is()
        project = Project(server, 1, KEY)

        def stored() -> dict[str, int] | None:
            with server.api() as api:
                answer = api.post(
                    "/api/v1/sql",
                    json={"query": "SELECT EventId, count() AS n FROM error_events GROUP BY EventId LIMIT 100000"},
                )
            if answer.status_code != 200:
                return None
            rows = answer.json()["rows"]
            found = {str(row[0]): int(row[1]) for row in rows}
            return found if acknowledged <= found.keys() else None

        found = eventually(stored, seconds=120)
        assert {one: count for one, count in found.items() if count > 1} == {}
        issues = project.get("issues", status="all")["issues"]
        assert sorted(one["type"] for one in issues) == ["Killed0", "Killed1"]
        assert sum(one["events"] for one in issues) == len(found)
    finally:
        server.kill()
