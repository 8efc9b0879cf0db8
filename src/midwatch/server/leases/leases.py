"""Fenced leases in the workspace database: of several servers one does a piece of scheduled work, and never two.

A lease has a name, a holder, an end by the database's clock, and a token that grows with every change of holder. What a
holder writes elsewhere carries its token, so that the words of one who was paused and came back late can be told from
those of its successor (Kleppmann 2016, "How to do distributed locking").
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import ColumnElement, Double, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError, Unavailable
from midwatch.server.workspace.database import insert_into
from midwatch.server.workspace.models import LeaseRow

log = structlog.get_logger(__name__)
T = TypeVar("T")

LEASE_SECONDS = 15.0
"""After so long without a sign of life of its holder a lease is free."""
_ASK_SECONDS = 0.5
_RENEWALS = 3
"""A lease is renewed so many times in its length."""
_SURRENDER = 2 / 3
"""Part of its length after which a lease that could not be renewed counts as lost, well before another can have it."""


class Transactions(Protocol):
    async def call(self, work: Callable[[Session], T]) -> T: ...


@dataclass(slots=True)
class Lease:
    """What its holder has; `lost` is set before anyone else can hold it."""

    name: str
    token: int
    """Greater than that of every holder before."""
    lost: asyncio.Event = field(default_factory=asyncio.Event)


class Leases:
    """The leases of one server, which `holder` names among all that share the database. One task of it holds a name."""

    def __init__(self, database: Transactions, clock: Clock, *, holder: str, seconds: float = LEASE_SECONDS) -> None:
        self._database = database
        self._clock = clock
        self._holder = holder
        self._seconds = seconds

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[Lease]:
        """Wait for the lease, hold it for the body, renewing it, and give it back at the end."""
        lease = await self._acquired(name)
        renewing = asyncio.create_task(self._renew_until_lost(lease), name=f"lease-{name}")
        try:
            yield lease
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            with suppress(MidwatchError):  # it ends by itself
                await self.release(lease)

    async def run(self, name: str, work: Callable[[Lease], Awaitable[None]]) -> None:
        """Do the work whenever this server holds the lease, until cancelled; stop it when the lease is lost."""
        while True:
            async with self.hold(name) as lease:
                log.info("lease.held", lease=name, token=lease.token)
                working = asyncio.ensure_future(work(lease))
                lost = asyncio.ensure_future(lease.lost.wait())
                try:
                    await asyncio.wait((working, lost), return_when=asyncio.FIRST_COMPLETED)
                    if working.done():
                        await working
                        return
                    log.warning("lease.lost", lease=name, token=lease.token)
                finally:
                    for task in (working, lost):
                        task.cancel()
                    await asyncio.gather(working, lost, return_exceptions=True)

    async def _acquired(self, name: str) -> Lease:
        """Ask until this server has it; a database that does not answer is asked again."""
        while True:
            try:
                if (lease := await self.acquire(name)) is not None:
                    return lease
            except Unavailable as error:
                log.warning("lease.not_asked", lease=name, error=error.message)
            await asyncio.sleep(min(_ASK_SECONDS, self._seconds / _RENEWALS))

    async def acquire(self, name: str) -> Lease | None:
        """Take the lease when it is free, has ended or was this server's before it died; None while another has it."""

        def take(session: Session) -> int | None:
            now = _now(session)
            _insert_if_missing(session, name)
            changed = session.execute(
                update(LeaseRow)
                .where(LeaseRow.name == name, or_(LeaseRow.expires_at <= now, LeaseRow.holder == self._holder))
                .values(holder=self._holder, token=LeaseRow.token + 1, expires_at=now + self._seconds)
            )
            if changed.rowcount == 0:  # type: ignore[attr-defined]
                return None
            return session.scalar(select(LeaseRow.token).where(LeaseRow.name == name))

        token = await self._database.call(take)
        return None if token is None else Lease(name, token)

    async def renew(self, lease: Lease) -> bool:
        """Hold it for its length from now on; False when another has had it since."""

        def prolong(session: Session) -> bool:
            changed = session.execute(
                update(LeaseRow)
                .where(LeaseRow.name == lease.name, LeaseRow.token == lease.token)
                .values(expires_at=_now(session) + self._seconds)
            )
            return bool(changed.rowcount)  # type: ignore[attr-defined]

        return await self._database.call(prolong)

    async def release(self, lease: Lease) -> None:
        """Let the next one have it at once."""

        def end(session: Session) -> None:
            mine = (LeaseRow.name == lease.name, LeaseRow.token == lease.token)
            session.execute(update(LeaseRow).where(*mine).values(expires_at=0.0))

        await self._database.call(end)

    async def _renew_until_lost(self, lease: Lease) -> None:
        held_since = self._clock.monotonic()
        while True:
            await asyncio.sleep(self._seconds / _RENEWALS)
            began = self._clock.monotonic()
            try:
                async with asyncio.timeout(self._seconds / _RENEWALS):
                    renewed = await self.renew(lease)
            except (MidwatchError, TimeoutError) as error:
                log.warning("lease.not_renewed", lease=lease.name, error=str(error) or "no answer in time")
                if self._clock.monotonic() - held_since < self._seconds * _SURRENDER:
                    continue
                renewed = False
            if not renewed:
                lease.lost.set()
                return
            held_since = began


def _now(session: Session) -> ColumnElement[float]:
    """Seconds since the epoch by the database's clock."""
    if session.get_bind().dialect.name == "postgresql":
        return func.extract("epoch", func.clock_timestamp()).cast(Double)
    return literal_column("(julianday('now') - 2440587.5) * 86400.0", Double)


def _insert_if_missing(session: Session, name: str) -> None:
    row = insert_into(session, LeaseRow).values(name=name, holder="", token=0, expires_at=0.0)
    session.execute(row.on_conflict_do_nothing())
