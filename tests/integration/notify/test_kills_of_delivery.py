"""The power goes while people are told: everybody is told once or twice, by the same key, and never not at all."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from tests.integration.notify.conftest import told
from tests.vendors import Vendors

from midwatch.server.model.clock import WallClock
from midwatch.server.model.faults import FAULT_VARIABLE
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.outbox import State
from midwatch.server.workspace.workspace import Workspace

pytestmark = pytest.mark.faults

SECONDS_MAX = 60


def deliverer(database: str, url: str, fault: str = "") -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.integration.notify.deliverer", database, url]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), FAULT_VARIABLE: fault}
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)


async def owed(database: str, count: int) -> None:
    """Put so many notifications for PagerDuty and as many for a webhook, each about a group of its own."""
    workspace = Workspace(Database(database), WallClock())
    await workspace.open()
    for kind in ("pagerduty", "webhook"):
        await workspace.outbox.put([told(kind, group=f"{{}}:{number}") for number in range(count)])
    await workspace.close()


async def delivered(database: str, process: subprocess.Popen[bytes]) -> dict[State, int]:
    """When nothing waits any more; then the process is killed."""
    workspace = Workspace(Database(database), WallClock())
    await workspace.open()
    try:
        async with asyncio.timeout(SECONDS_MAX):
            while State.PENDING in (counts := await workspace.outbox.counts()):
                await asyncio.sleep(0.05)
    finally:
        process.kill()
        process.wait()
        await workspace.close()
    return counts


@pytest.mark.parametrize(("fault", "times"), [("notify_after_request", 2), ("notify_before_request", 1)])
async def test_a_kill_around_the_request_leaves_nobody_untold(
    tmp_path: Path, sink: Vendors, fault: str, times: int
) -> None:
    """Between the request and its record: told twice, by one key. Before the request: once."""
    database = f"sqlite:///{tmp_path / 'workspace.db'}"
    await owed(database, 1)
    # Two lanes race to the fault: whoever gets there first dies for both.
    dying = deliverer(database, sink.url, fault)
    assert await asyncio.to_thread(dying.wait, SECONDS_MAX) == -signal.SIGKILL
    before = len(sink.seen)
    assert await delivered(database, deliverer(database, sink.url)) == {State.DELIVERED: 2}
    pages = Counter(one.json["dedup_key"] for one in sink.at("/v2/enqueue"))
    hooks = Counter(one.headers["webhook-id"] for one in sink.at("/webhook"))
    assert (len(pages), len(hooks)) == (1, 1)
    assert before == 0 if fault == "notify_before_request" else before >= 1
    assert max(*pages.values(), *hooks.values()) == times
    assert sink.wrong == []


async def test_kills_at_any_moment_leave_nobody_untold(tmp_path: Path, sink: Vendors) -> None:
    """Two dozen are owed; the deliverer is killed in the middle again and again. Each kill repeats at most what was
    under way in the two lanes, by the same keys."""
    database = f"sqlite:///{tmp_path / 'workspace.db'}"
    count = 24
    await owed(database, count)
    kills = 0
    while len(sink.seen) < count and kills < 4:
        seen = len(sink.seen)
        process = deliverer(database, sink.url)
        async with asyncio.timeout(SECONDS_MAX):
            while len(sink.seen) < seen + 5:
                await asyncio.sleep(0.005)
        process.kill()
        process.wait()
        kills += 1
    assert await delivered(database, deliverer(database, sink.url)) == {State.DELIVERED: 2 * count}
    pages = Counter(one.json["dedup_key"] for one in sink.at("/v2/enqueue"))
    hooks = Counter(one.headers["webhook-id"] for one in sink.at("/webhook"))
    assert (len(pages), len(hooks)) == (count, count)
    repeated = sum(pages.values()) + sum(hooks.values()) - 2 * count
    assert repeated <= 2 * kills
    assert sink.wrong == []
