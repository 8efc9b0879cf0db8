"""Leases on real databases: one holder at a time, tokens that only grow, and a successor when the holder is gone."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from tests.eventually import becomes_true

from midwatch.server.leases.leases import Lease, Leases
from midwatch.server.model.clock import WallClock
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import LeaseRow

SECONDS = 0.6


@pytest.fixture
async def databases(database_url: str) -> AsyncIterator[tuple[Database, Database]]:
    """Two servers' connections to one database."""
    first, second = Database(database_url), Database(database_url)
    await first.open()
    await second.open()
    yield first, second
    await first.close()
    await second.close()


def leases(database: Database, holder: str) -> Leases:
    return Leases(database, WallClock(), holder=holder, seconds=SECONDS)


async def test_one_holds_and_the_other_waits(databases: tuple[Database, Database]) -> None:
    """While one holds a lease the other does not get it; given back, it is the other's, under a greater token."""
    one, two = (leases(database, name) for database, name in zip(databases, "ab", strict=True))
    async with one.hold("rules") as held:
        assert await two.acquire("rules") is None
        assert await two.acquire("probes") is not None
        first_end = await databases[1].call(_end)
        await becomes_true(lambda: _renewed_after(databases[1], first_end))
        assert await two.acquire("rules") is None, "the holder did not renew it"
    taken = await two.acquire("rules")
    assert taken is not None
    assert taken.token > held.token


async def test_a_dead_holders_lease_passes_on(databases: tuple[Database, Database]) -> None:
    """Not renewed, it can be taken after its length; the old holder can neither renew it nor give it back."""
    one, two = (leases(database, name) for database, name in zip(databases, "ab", strict=True))
    dead = await one.acquire("rules")
    assert dead is not None
    async with asyncio.timeout(SECONDS * 10), two.hold("rules") as held:
        assert held.token > dead.token
        assert not await one.renew(dead)
        await one.release(dead)
        assert await one.acquire("rules") is None


async def test_a_server_that_comes_back_need_not_wait(databases: tuple[Database, Database]) -> None:
    """Killed and started again under its name, it has its lease at once, under a greater token."""
    dead = await leases(databases[0], "a").acquire("rules")
    again = await leases(databases[1], "a").acquire("rules")
    assert dead is not None
    assert again is not None
    assert again.token > dead.token


async def test_work_stops_when_the_lease_is_lost(databases: tuple[Database, Database]) -> None:
    """Somebody else took it while the holder was paused: its work is cancelled, and begins anew when it may."""
    one, two = (leases(database, name) for database, name in zip(databases, "ab", strict=True))
    tokens: list[int] = []
    stopped = asyncio.Event()

    async def work(lease: Lease) -> None:
        tokens.append(lease.token)
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    running = asyncio.create_task(one.run("rules", work))
    try:
        await becomes_true(lambda: tokens)
        stolen = await databases[1].call(_steal)
        async with asyncio.timeout(20):
            await stopped.wait()
        assert stolen == tokens[0] + 1
        await becomes_true(lambda: len(tokens) == 2)
        assert tokens[1] > stolen
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert await two.acquire("rules") is not None


def _end(session: Session) -> float:
    return session.scalars(select(LeaseRow.expires_at).where(LeaseRow.name == "rules")).one()


async def _renewed_after(database: Database, moment: float) -> bool:
    """Whether the lease was renewed when it would have ended at this moment."""
    return await database.call(_end) >= moment + SECONDS


def _steal(session: Session) -> int:
    session.execute(update(LeaseRow).values(token=LeaseRow.token + 1, holder="thief", expires_at=0.0))
    return session.scalars(select(LeaseRow.token)).one()
