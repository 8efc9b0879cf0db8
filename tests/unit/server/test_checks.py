"""What readiness says of disk and log is what the server does about them."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from midwatch.server.status.checks import WAITING_SECONDS_MAX, disk_check, wal_check


async def test_the_disk_says_what_is_done_about_it(tmp_path: Path) -> None:
    """Room enough; below the reserve, where days are given up; below half of it, where doors refuse."""
    free = shutil.disk_usage(tmp_path).free
    assert "free" in await disk_check(tmp_path, free // 2)()
    with pytest.raises(OSError, match="the oldest days are given up"):
        await disk_check(tmp_path, free + free // 2)()
    with pytest.raises(OSError, match="new data is refused"):
        await disk_check(tmp_path, free * 4)()


@dataclass
class Waiting:
    """A log in which something has waited so long."""

    seconds: float
    segments_waiting: int = 3

    def oldest_waiting_seconds(self) -> float:
        return self.seconds


async def test_the_log_is_well_while_the_store_keeps_up() -> None:
    """At the limit it is; above it says how long the oldest has waited."""
    assert await wal_check(Waiting(WAITING_SECONDS_MAX))() == "3 segments wait"
    with pytest.raises(OSError, match="has waited 121 s"):
        await wal_check(Waiting(WAITING_SECONDS_MAX + 1))()
