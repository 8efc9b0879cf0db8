"""Ingest keys: what senders show at the doors. Known in memory, since every body asks."""

import asyncio
import contextlib
import uuid

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor, IngestGrant
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import NotFound
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import KeyRow
from midwatch.server.workspace.secrets import KEY_PREFIX, digest, new_secret, shown

REFRESH_SECONDS = 2.0
ENVIRONMENT_KEY = "fixed by MIDWATCH_INGEST_KEY"


class IngestKeys:
    """The ingest keys. `find` is a lookup in memory; the rest goes to the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._grants: dict[str, IngestGrant] = {}
        self._used: set[str] = set()
        self._refresher: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self.refresh()
        self._refresher = asyncio.create_task(self._refresh_forever(), name="ingest-keys")

    async def close(self) -> None:
        if self._refresher is not None:
            self._refresher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._refresher

    def find(self, key: str) -> IngestGrant | None:
        """The grant of an ingest key, from memory."""
        grant = self._grants.get(digest(key))
        if grant is not None:
            self._used.add(grant.key_id)
        return grant

    def names(self) -> dict[str, str]:
        """Names by id."""
        return {grant.key_id: grant.key_name for grant in self._grants.values()}

    def projects(self) -> list[int]:
        """Those that have a key; there is always the first."""
        return sorted({1, *(grant.project for grant in self._grants.values())})

    async def refresh(self) -> None:
        """Read the keys anew and write down which were used; another server's revocation holds within seconds."""
        used, self._used = self._used, set()
        now = now_ms(self._clock)

        def work(session: Session) -> list[KeyRow]:
            if used:
                session.execute(update(KeyRow).where(KeyRow.id.in_(used)).values(last_used_ms=now))
            return list(session.scalars(select(KeyRow).where(KeyRow.revoked.is_(False))))

        rows = await self._database.call(work)
        self._grants = {
            row.hash: IngestGrant(
                row.id, row.name, row.project, row.environment, tuple(row.origins), row.items_per_second
            )
            for row in rows
        }

    async def all(self) -> list[KeyRow]:
        return await self._database.call(
            lambda s: list(s.scalars(select(KeyRow).order_by(KeyRow.created_ms, KeyRow.id)))
        )

    async def first(self) -> str | None:
        """The whole key that the first-run page may show; None once it was revoked."""
        found = select(KeyRow.shown).where(KeyRow.shown.is_not(None), KeyRow.revoked.is_(False))
        return await self._database.call(lambda s: s.scalar(found))

    async def add(
        self,
        actor: Actor,
        *,
        name: str,
        project: int,
        environment: str | None,
        origins: list[str],
        items_per_second: int | None,
    ) -> tuple[KeyRow, str]:
        """Make an ingest key; the whole key is returned this once."""
        secret = new_secret(KEY_PREFIX)
        row = KeyRow(
            id=uuid.uuid4().hex,
            hash=digest(secret),
            name=name,
            project=project,
            environment=environment,
            origins=origins,
            items_per_second=items_per_second,
            prefix=shown(secret),
            created_ms=now_ms(self._clock),
            created_by=actor.name,
            revoked=False,
        )
        limits = {"origins": origins, "items_per_second": items_per_second}
        told = {"project": project, "environment": environment, **{k: v for k, v in limits.items() if v}}

        def work(session: Session) -> None:
            session.add(row)
            session.add(noted(self._clock, actor, "key.create", name, told))

        await self._database.call(work)
        await self.refresh()
        return row, secret

    async def revoke(self, actor: Actor, key_id: str) -> None:
        """Raises NotFound."""

        def work(session: Session) -> None:
            row = session.get(KeyRow, key_id)
            if row is None:
                raise NotFound(f"cannot find key {key_id}")
            row.revoked, row.shown = True, None
            session.add(noted(self._clock, actor, "key.revoke", row.name, {"id": key_id}))

        await self._database.call(work)
        await self.refresh()

    def fix(self, session: Session, key: str | None) -> None:
        """Put the environment's key in force, and no earlier one of its kind; without one, see that there is any."""
        session.execute(delete(KeyRow).where(KeyRow.created_by == ENVIRONMENT_KEY))
        if key is None and session.scalar(select(func.count()).select_from(KeyRow)):
            return
        secret = key or new_secret(KEY_PREFIX)
        session.add(
            KeyRow(
                id=uuid.uuid4().hex if key is None else digest(secret)[:32],
                hash=digest(secret),
                name="first key",
                project=1,
                origins=[],
                prefix=shown(secret),
                created_ms=now_ms(self._clock),
                created_by="midwatch" if key is None else ENVIRONMENT_KEY,
                revoked=False,
                shown=secret,
            )
        )

    async def _refresh_forever(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            with contextlib.suppress(Exception):  # the database is away: the keys we have stay good
                await self.refresh()
