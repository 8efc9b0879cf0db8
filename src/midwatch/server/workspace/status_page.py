"""What is kept of the status page: its definition where the plan has none, incidents and maintenance."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import Conflict, NotFound, TooLarge
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import DocumentRow, StatusMailRow, StatusNoticeRow
from midwatch.server.workspace.status_mails import drop_mails, owe_notice

DOCUMENT = "status_page"
NOTICES_MAX = 5000
UPDATES_MAX = 200
LISTED_MAX = 500


@dataclass(frozen=True, slots=True)
class Said:
    """What a person writes about an incident or maintenance; None: as it was."""

    text: str
    status: str
    title: str | None = None
    impact: str | None = None
    components: list[str] | None = None
    starts_ms: int | None = None
    ends_ms: int | None = None


class StatusLedger:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def definition(self) -> DocumentRow | None:
        return await self._database.call(lambda s: s.get(DocumentRow, DOCUMENT))

    async def define(self, actor: Actor, value: dict[str, Any]) -> None:
        def work(session: Session) -> None:
            row = session.get(DocumentRow, DOCUMENT, with_for_update=True)
            if row is None:
                row = DocumentRow(name=DOCUMENT, version=0)
                session.add(row)
            row.value, row.version = value, row.version + 1
            row.changed_ms, row.changed_by = now_ms(self._clock), actor.name
            session.add(noted(self._clock, actor, "status_page.change", str(value.get("title", ""))))

        await self._database.call(work)

    async def notices(self, *, since_ms: int = 0) -> list[StatusNoticeRow]:
        """Those that changed since, or are open; the newest start first."""
        open_ = StatusNoticeRow.status.not_in(("resolved", "completed"))
        query = select(StatusNoticeRow).where((StatusNoticeRow.changed_ms >= since_ms) | open_)
        query = query.order_by(StatusNoticeRow.starts_ms.desc(), StatusNoticeRow.id).limit(LISTED_MAX)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def add(self, actor: Actor, kind: str, said: Said, *, tell: bool = False) -> StatusNoticeRow:
        """`tell`: owe subscribers a mail. Raises TooLarge."""
        now = now_ms(self._clock)
        row = StatusNoticeRow(
            id=uuid.uuid4().hex,
            kind=kind,
            title=said.title or "",
            impact=said.impact or "none",
            components=said.components or [],
            starts_ms=now if said.starts_ms is None else said.starts_ms,
            updates=[],
        )
        self._say(row, actor, said)

        def work(session: Session) -> StatusNoticeRow:
            if (session.scalar(select(func.count()).select_from(StatusNoticeRow)) or 0) >= NOTICES_MAX:
                raise TooLarge(f"cannot keep more than {NOTICES_MAX:,} incidents: remove some first")
            session.add(row)
            session.add(noted(self._clock, actor, f"{kind}.create", row.title, {"id": row.id}))
            if tell:
                owe_notice(session, row, now)
            return row

        return await self._database.call(work)

    async def say(self, actor: Actor, notice_id: str, said: Said, *, tell: bool = False) -> StatusNoticeRow:
        """Another update; `tell`: owe subscribers a mail. Raises NotFound, Conflict, TooLarge."""

        def work(session: Session) -> StatusNoticeRow:
            row = session.get(StatusNoticeRow, notice_id, with_for_update=True)
            if row is None:
                raise NotFound(f"cannot find incident {notice_id}")
            if len(row.updates) >= UPDATES_MAX:
                raise TooLarge(f"cannot keep more than {UPDATES_MAX} updates of an incident: begin another")
            if row.status in ("resolved", "completed") and said.status not in ("resolved", "completed"):
                raise Conflict(f"{row.title} is over: begin another incident")
            self._say(row, actor, said)
            session.add(noted(self._clock, actor, f"{row.kind}.update", row.title, {"status": said.status}))
            if tell:
                owe_notice(session, row, row.changed_ms)
            return row

        return await self._database.call(work)

    async def remove(self, actor: Actor, notice_id: str) -> None:
        """Raises NotFound."""

        def work(session: Session) -> None:
            row = session.get(StatusNoticeRow, notice_id)
            if row is None:
                raise NotFound(f"cannot find incident {notice_id}")
            drop_mails(session, StatusMailRow.notice_id == notice_id)
            session.delete(row)
            session.add(noted(self._clock, actor, f"{row.kind}.remove", row.title, {"id": notice_id}))

        await self._database.call(work)

    def _say(self, row: StatusNoticeRow, actor: Actor, said: Said) -> None:
        now = now_ms(self._clock)
        update = {"at_ms": now, "status": said.status, "text": said.text, "by": actor.name}
        row.updates = [update, *row.updates]
        row.status, row.changed_ms = said.status, now
        row.title = said.title or row.title
        row.impact = said.impact or row.impact
        row.components = row.components if said.components is None else said.components
        row.starts_ms = row.starts_ms if said.starts_ms is None else said.starts_ms
        row.ends_ms = row.ends_ms if said.ends_ms is None else said.ends_ms
        if said.status in ("resolved", "completed"):
            row.ends_ms = now
        # It is told of by the clock where it is to begin later, and by this update where it has begun.
        row.begun_ms = None if row.starts_ms > now else row.begun_ms or now
