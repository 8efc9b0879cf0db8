"""Funnels that people keep, by name."""

import uuid
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import Conflict, NotFound, TooLarge
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models.analytics import SavedFunnelRow

FUNNELS_MAX = 500


class SavedFunnels:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> list[SavedFunnelRow]:
        """By name."""
        query = select(SavedFunnelRow).order_by(SavedFunnelRow.name)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def add(self, actor: Actor, name: str, funnel: dict[str, Any]) -> SavedFunnelRow:
        """
        Raises:
            Conflict: the name is taken.
            TooLarge: as many are kept as may be.
        """

        def work(session: Session) -> SavedFunnelRow:
            self._require_free(session, name, None)
            if (session.scalar(select(func.count()).select_from(SavedFunnelRow)) or 0) >= FUNNELS_MAX:
                raise TooLarge(f"cannot save the funnel: {FUNNELS_MAX} are kept already; delete one that nobody needs")
            row = SavedFunnelRow(id=uuid.uuid4().hex, name=name)
            self._put(row, actor, name, funnel)
            session.add(row)
            session.add(noted(self._clock, actor, "funnel.add", row.id, {"name": name}))
            return row

        return await self._database.call(work)

    async def change(self, actor: Actor, id_: str, name: str, funnel: dict[str, Any]) -> SavedFunnelRow:
        """Raises NotFound, and Conflict where the name is another's."""

        def work(session: Session) -> SavedFunnelRow:
            row = self._get(session, id_)
            self._require_free(session, name, id_)
            self._put(row, actor, name, funnel)
            session.add(noted(self._clock, actor, "funnel.change", id_, {"name": name}))
            return row

        return await self._database.call(work)

    async def remove(self, actor: Actor, id_: str) -> None:
        """Raises NotFound."""

        def work(session: Session) -> None:
            row = self._get(session, id_)
            session.add(noted(self._clock, actor, "funnel.remove", id_, {"name": row.name}))
            session.delete(row)

        await self._database.call(work)

    def _put(self, row: SavedFunnelRow, actor: Actor, name: str, funnel: dict[str, Any]) -> None:
        row.name, row.funnel = name, funnel
        row.changed_ms, row.changed_by = now_ms(self._clock), actor.name

    @staticmethod
    def _get(session: Session, id_: str) -> SavedFunnelRow:
        row = session.get(SavedFunnelRow, id_)
        if row is None:
            raise NotFound(f"cannot find the funnel {id_}: it was deleted")
        return row

    @staticmethod
    def _require_free(session: Session, name: str, but: str | None) -> None:
        taken = session.scalar(select(SavedFunnelRow.id).where(SavedFunnelRow.name == name))
        if taken is not None and taken != but:
            raise Conflict(f"name={name[:60]!r}: a funnel of this name is kept already; take another, or change it")
