"""Clocks that are a day off: the senders', and the server's own between two runs."""

import os
import sys
import time
from pathlib import Path

import pytest
from tests.conftest import Server
from tests.faults.load import ITEMS_A_BODY, Load

pytestmark = pytest.mark.faults
DAY_NS = 86_400 * 10**9


class ServerWithClock(Server):
    """A server whose clock is off; the same composition root as `midwatch up`."""

    day_offset = 0

    def start(self) -> "ServerWithClock":
        self.environment["CLOCK_OFFSET_DAYS"] = str(self.day_offset)
        super().start()
        return self


def test_clocks_of_senders_a_day_off(tmp_path: Path) -> None:
    """A day behind is kept in its day; over a day ahead is set aside, and counted by reason."""
    server = Server(tmp_path / "data").start()
    load = Load(server)
    now = time.time_ns()
    for start in (now - DAY_NS, now, now + DAY_NS - 3600 * 10**9):
        assert load.send("traces", load.body("traces", start_time_unix_nano=start, end_time_unix_nano=start + 1)) == 200
        assert load.send("logs", load.body("logs", time_unix_nano=start)) == 200
    load.judge()
    ahead = now + DAY_NS + 3600 * 10**9
    body = load.body("traces", start_time_unix_nano=ahead, end_time_unix_nano=ahead + 1)
    with server.door() as door:
        assert door.post("/v1/traces?wait=visible", content=body).status_code == 200
    with server.api() as api:
        query = "SELECT toString(Reason), sum(Count) FROM limits_hit GROUP BY Reason"
        answer = api.post("/api/v1/sql", json={"query": query})
        assert answer.json()["rows"] == [["too_far_ahead", ITEMS_A_BODY]], answer.text
    server.stop()


@pytest.mark.parametrize("days", [(0, -1, 0), (0, 1, 0)], ids=["back", "ahead"])
def test_the_servers_clock_steps_by_a_day_between_runs(tmp_path: Path, days: tuple[int, ...]) -> None:
    """Segments left behind by a kill under one clock are stored once under another; ids never go back."""
    server = ServerWithClock(tmp_path / "data", module="tests.faults.test_clocks")
    load = Load(server)
    for turn, offset in enumerate(days):
        server.day_offset = offset
        server.start()
        with load:
            load.acknowledge(300)
        if turn < len(days) - 1:
            server.kill()
    load.judge()
    server.stop()


def main() -> None:
    """`midwatch up` with a clock that is off."""
    from midwatch.cli.main import main as cli
    from midwatch.server.model.clock import WallClock

    offset_ns = int(os.environ["CLOCK_OFFSET_DAYS"]) * DAY_NS
    right = WallClock.now_ns
    WallClock.now_ns = lambda self: right(self) + offset_ns  # type: ignore[method-assign]
    sys.argv[0] = "midwatch"
    cli()


if __name__ == "__main__":
    main()
