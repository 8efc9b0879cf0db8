"""Heads and anchors of the chains of domain events, beside the store: who can change that cannot change these."""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import Conflict
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models.events import EventAnchorRow, EventHeadRow, EventSourceRow

ANCHOR_MS = 600_000
"""An anchor is kept every so often, besides the head."""


@dataclass(frozen=True, slots=True)
class Anchor:
    position: int
    hash: str
    at_ms: int


class EventChains:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def heads(self) -> dict[int, Anchor]:
        """The end of each project's chain."""
        found = await self._database.call(lambda s: list(s.scalars(select(EventHeadRow))))
        return {row.project: Anchor(row.position, row.hash, row.changed_ms) for row in found}

    async def move(self, project: int, before: int, position: int, hash_: str) -> None:
        """The chain that ended at `before` ends here now.

        Raises:
            Conflict: it did not end there: another server has gone on with it.
        """

        def work(session: Session) -> None:
            now = now_ms(self._clock)
            if before == 0 and session.get(EventHeadRow, project) is None:
                session.add(EventHeadRow(project=project, position=position, hash=hash_, changed_ms=now))
                session.flush()
            else:
                moved = session.execute(
                    update(EventHeadRow)
                    .where(EventHeadRow.project == project, EventHeadRow.position == before)
                    .values(position=position, hash=hash_, changed_ms=now)
                    .returning(EventHeadRow.project)
                ).first()
                if moved is None:
                    raise Conflict(f"cannot go on with the chain of project {project}: it is not at {before} any more")
            last = session.scalar(select(func.max(EventAnchorRow.at_ms)).where(EventAnchorRow.project == project))
            if last is None or now - last >= ANCHOR_MS:
                session.add(EventAnchorRow(project=project, position=position, hash=hash_, at_ms=now))

        await self._database.call(work)

    async def anchors(self, project: int, after: int, until: int) -> list[Anchor]:
        """Those at positions above `after` up to `until`, in order."""
        query = (
            select(EventAnchorRow)
            .where(EventAnchorRow.project == project, EventAnchorRow.position > after, EventAnchorRow.position <= until)
            .order_by(EventAnchorRow.position)
        )
        found = await self._database.call(lambda s: list(s.scalars(query)))
        return [Anchor(row.position, row.hash, row.at_ms) for row in found]


class EventSourcePlaces:
    """How far teams' tables were read."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def get(self, name: str) -> str:
        """Empty: nothing was read yet."""
        row = await self._database.call(lambda s: s.get(EventSourceRow, name))
        return "" if row is None else row.safe

    async def put(self, name: str, safe: str) -> None:
        def work(session: Session) -> None:
            row = session.get(EventSourceRow, name)
            if row is None:
                row = EventSourceRow(name=name)
                session.add(row)
            row.safe, row.changed_ms = safe, now_ms(self._clock)

        await self._database.call(work)
