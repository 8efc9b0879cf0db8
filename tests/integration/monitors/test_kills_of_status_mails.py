"""The power goes while subscribers are told: everybody is told once or twice, by the same id, and never not at all."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from tests.integration.notify.smtp_sink import mail_server

from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.clock import WallClock
from midwatch.server.model.faults import FAULT_VARIABLE
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.outbox import State
from midwatch.server.workspace.status_page import Said
from midwatch.server.workspace.workspace import Workspace

pytestmark = pytest.mark.thorough

SECONDS_MAX = 60
ACTOR = Actor("user", "u", "somebody", Role.EDITOR)


def mailer(database: str, port: int, fault: str = "") -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.integration.monitors.status_mailer", database, str(port)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), FAULT_VARIABLE: fault}
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)


async def owed(database: str, count: int) -> None:
    """An incident of which so many subscribers are to hear."""
    workspace = Workspace(Database(database), WallClock())
    await workspace.open()
    for number in range(count):
        await workspace.status_subscriptions.ask(f"a{number}@example.com", [], f"198.51.100.{number}")
        mail = await workspace.status_mails.next()
        assert mail is not None
        await workspace.status_mails.record(mail.number, State.DELIVERED)
        await workspace.status_subscriptions.confirm(mail.link_id)
    await workspace.status_page.add(ACTOR, "incident", Said("We look.", "investigating", "It fails"), tell=True)
    await workspace.close()


async def delivered(database: str, process: subprocess.Popen[bytes]) -> int:
    """How many, when nothing waits any more; then the process is killed."""
    workspace = Workspace(Database(database), WallClock())
    await workspace.open()
    try:
        async with asyncio.timeout(SECONDS_MAX):
            while (figures := await workspace.status_mails.figures()).all.waiting:
                await asyncio.sleep(0.05)
    finally:
        process.kill()
        process.wait()
        await workspace.close()
    assert figures.all.failed == 0
    return figures.all.delivered


@pytest.mark.parametrize(("fault", "times"), [("status_mail_after_send", 2), ("status_mail_before_send", 1)])
async def test_a_kill_around_a_mail_loses_none(tmp_path: Path, fault: str, times: int) -> None:
    """Between the mail and its record: sent twice, by one id. Before it: once."""
    database = f"sqlite:///{tmp_path / 'workspace.db'}"
    await owed(database, 1)
    with mail_server() as box:
        dying = mailer(database, box.port, fault)
        assert await asyncio.to_thread(dying.wait, SECONDS_MAX) == -signal.SIGKILL
        assert len(box.mails) == times - 1
        assert await delivered(database, mailer(database, box.port)) == 1
        assert (len(box.mails), len({mail["message-id"] for mail in box.mails})) == (times, 1)


async def test_kills_at_any_moment_lose_none(tmp_path: Path) -> None:
    """Thirty are told; the sender is killed in the middle again and again. Each kill repeats one mail at most."""
    database = f"sqlite:///{tmp_path / 'workspace.db'}"
    count, kills = 30, 0
    await owed(database, count)
    with mail_server() as box:
        while len(box.mails) < count and kills < 3:
            seen = len(box.mails)
            process = mailer(database, box.port)
            async with asyncio.timeout(SECONDS_MAX):
                while len(box.mails) < min(seen + 5, count):
                    await asyncio.sleep(0.005)
            process.kill()
            process.wait()
            kills += 1
        assert await delivered(database, mailer(database, box.port)) == count
        times = Counter(str(mail["to"]) for mail in box.mails)
        ids = {mail["message-id"] for mail in box.mails}
    assert (len(times), len(ids)) == (count, count)
    assert sum(times.values()) - count <= kills
