"""Guessing is slowed down by the database: for all servers on it, over restarts, in a bounded table."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select, text

from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.errors import MidwatchError, RateLimited, Unauthorized
from midwatch.server.workspace import throttle
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import FailureRow
from midwatch.server.workspace.workspace import ADMIN_EMAIL, Workspace

pytestmark = pytest.mark.thorough

PASSWORD = "correct horse battery"


@contextlib.asynccontextmanager
async def another(database_url: str, clock: VirtualClock) -> AsyncIterator[Workspace]:
    """One more server on the database."""
    opened = Workspace(Database(database_url), clock)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


async def outcome(server: Workspace, address: str, email: str = ADMIN_EMAIL, password: str = "wrong") -> type:
    """What a sign-in comes to."""
    try:
        await server.sessions.sign_in(email, password, address)
    except MidwatchError as error:
        return type(error)
    return type(None)


async def rows(server: Workspace) -> int:
    return await server.database.call(lambda s: s.scalar(select(func.count()).select_from(FailureRow)) or 0)


async def test_two_servers_count_together(workspace: Workspace, database_url: str, clock: VirtualClock) -> None:
    """Five failures at either are all there are, also when they are tried at the same moment."""
    await workspace.bootstrap(admin_password=PASSWORD, ingest_key=None, api_token=None)
    async with another(database_url, clock) as other:
        tries = (outcome(server, f"10.0.0.{number}") for number in range(15) for server in (workspace, other))
        found = await asyncio.gather(*tries)
        assert (found.count(Unauthorized), found.count(RateLimited)) == (throttle.FREE_FAILURES, 25)
        for server in (workspace, other):
            assert await outcome(server, "10.0.1.1", password=PASSWORD) is RateLimited
        clock.advance(2)
        assert await outcome(other, "10.0.1.1", password=PASSWORD) is type(None)
        assert [await outcome(workspace, "10.0.1.2") for _ in range(4)] == [Unauthorized] * 4, "success clears it"


async def test_a_restart_is_no_fresh_start(workspace: Workspace, database_url: str, clock: VirtualClock) -> None:
    """Who has to wait has to wait at the next start too, and longer after the next failure."""
    for number in range(throttle.FREE_FAILURES):
        assert await outcome(workspace, f"10.0.0.{number}", "ana@example.com") is Unauthorized
    await workspace.close()
    async with another(database_url, clock) as again:
        assert await outcome(again, "10.0.1.1", "ana@example.com") is RateLimited
        clock.advance(1)
        assert await outcome(again, "10.0.1.1", "ana@example.com") is Unauthorized
        clock.advance(1.9)
        assert await outcome(again, "10.0.1.2", "ana@example.com") is RateLimited


async def test_waits_grow_up_to_a_quarter_of_an_hour(workspace: Workspace, clock: VirtualClock) -> None:
    """One second, two, four …; after a day without a failure all are forgotten."""
    waits = []
    for _ in range(20):
        with pytest.raises((Unauthorized, RateLimited)) as caught:
            await workspace.sessions.sign_in("ana@example.com", "wrong", "10.0.0.1")
        if isinstance(caught.value, RateLimited):
            waits.append(caught.value.retry_after_seconds)
            clock.advance(waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128]
    await workspace.database.call(lambda s: s.execute(text("UPDATE signin_failures SET failures = 100")))
    assert await outcome(workspace, "10.0.0.1", "ana@example.com") is Unauthorized
    clock.advance(throttle.WAIT_MS_MAX / 1000 - 1)
    assert await outcome(workspace, "10.0.0.1", "ana@example.com") is RateLimited
    clock.advance(throttle.FORGET_MS / 1000)
    found = [await outcome(workspace, "10.0.0.1", "ana@example.com") for _ in range(6)]
    assert found == [Unauthorized] * 5 + [RateLimited]


async def test_a_clock_set_back_locks_nobody_out(workspace: Workspace, clock: VirtualClock) -> None:
    """A wait that ends in a day, since the clock was a day ahead, is none."""
    for _ in range(throttle.FREE_FAILURES):
        await outcome(workspace, "10.0.0.1", "ana@example.com")
    assert await outcome(workspace, "10.0.0.1", "ana@example.com") is RateLimited
    clock.advance(-86_400)
    assert await outcome(workspace, "10.0.0.1", "ana@example.com") is Unauthorized


async def test_the_table_is_bounded(workspace: Workspace, clock: VirtualClock) -> None:
    """Of more names than it may have the oldest go; and what is older than a day goes with the next failure."""
    bounded = throttle.Throttle(clock, rows_max=50)
    for number in range(120):
        clock.advance(0.001)
        names = [throttle.account(f"{number}@example.com")]
        await workspace.database.call(lambda s, names=names: bounded.count(s, names))  # type: ignore[misc]
    kept = await workspace.database.call(lambda s: set(s.scalars(select(FailureRow.name))))
    assert kept == {throttle.account(f"{number}@example.com") for number in range(70, 120)}
    clock.advance(throttle.FORGET_MS / 1000 + 1)
    assert await outcome(workspace, "10.0.0.1", "ana@example.com") is Unauthorized
    assert await rows(workspace) == 2


async def test_many_who_guess_at_once_do_not_block_each_other(
    workspace: Workspace, database_url: str, clock: VirtualClock
) -> None:
    """Every try is answered, while old rows are removed and two servers count the same names in different orders."""
    async with another(database_url, clock) as other:
        for _ in range(3):
            tries = (
                outcome(server, f"10.0.0.{(number * 7) % 10}", f"{number % 10}@example.com")
                for number in range(40)
                for server in (workspace, other)
            )
            assert set(await asyncio.gather(*tries)) <= {Unauthorized, RateLimited}
            clock.advance(throttle.FORGET_MS / 1000 + 1)


@pytest.mark.parametrize(
    ("one", "another_one", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:0:0:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("10.0.0.1", "10.0.0.2", False),
        ("10.0.0.1", "10.0.0.1", True),
        ("unknown", "unknown", True),
    ],
)
def test_addresses_of_one_customer_are_one(one: str, another_one: str, same: bool) -> None:
    """All of an IPv6 /64 counts as one address; what is no address counts as itself."""
    assert (throttle.address(one) == throttle.address(another_one)) == same


async def test_nothing_that_was_typed_is_kept(workspace: Workspace) -> None:
    """People type passwords where the address belongs: the table has digests."""
    await outcome(workspace, "10.0.0.1", PASSWORD)
    names = await workspace.database.call(lambda s: list(s.scalars(select(FailureRow.name))))
    assert sorted(map(len, names)) == [64, 64]
    assert PASSWORD not in " ".join(names)
