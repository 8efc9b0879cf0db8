"""Dashboards that people keep in the workspace: every version of them, who made it and when."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, defer

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import Conflict, NotFound, TooLarge
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import DashboardOriginalRow, DashboardRow, DashboardVersionRow

DASHBOARDS_MAX = 2000
VERSIONS_MAX = 100
"""Kept of one dashboard, the newest."""
DELETED_MS = 30 * 86_400_000
"""How long a deleted one can be restored."""
CHANGED_MEANWHILE = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What is kept of a dashboard. `value` is its JSON; the rest is what lists show."""

    uid: str
    value: dict[str, Any]
    title: str
    description: str
    tags: list[str]
    panels: int
    refused: int
    message: str = ""


class Dashboards:
    """The dashboards of a workspace."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> list[DashboardVersionRow]:
        """The newest version of each that is not deleted, without its value, by title."""
        query = (
            select(DashboardVersionRow)
            .join(DashboardRow, _NEWEST)
            .where(DashboardRow.deleted_ms.is_(None))
            .order_by(DashboardVersionRow.title, DashboardVersionRow.uid)
            .options(defer(DashboardVersionRow.value, raiseload=True))
        )
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def get(self, uid: str) -> DashboardVersionRow | None:
        """The newest version; None where there is none, or it was deleted."""
        query = select(DashboardVersionRow).join(DashboardRow, _NEWEST)
        query = query.where(DashboardRow.uid == uid, DashboardRow.deleted_ms.is_(None))
        return await self._database.call(lambda s: s.scalar(query))

    async def version(self, uid: str, version: int) -> DashboardVersionRow:
        """Also of one that was deleted. Raises NotFound."""
        row = await self._database.call(lambda s: s.get(DashboardVersionRow, (uid, version)))
        if row is None:
            raise NotFound(f"cannot find version {version} of dashboard {uid}; the newest {VERSIONS_MAX} are kept")
        return row

    async def versions(self, uid: str) -> tuple[list[DashboardVersionRow], bool]:
        """The newest first, without values, and whether the dashboard was deleted. Raises NotFound."""
        query = (
            select(DashboardVersionRow)
            .where(DashboardVersionRow.uid == uid)
            .order_by(DashboardVersionRow.version.desc())
            .options(defer(DashboardVersionRow.value, raiseload=True))
        )

        def work(session: Session) -> tuple[list[DashboardVersionRow], bool]:
            row = session.get(DashboardRow, uid)
            if row is None:
                raise _unknown(uid)
            return list(session.scalars(query)), row.deleted_ms is not None

        return await self._database.call(work)

    async def original(self, original_id: int | None) -> dict[str, Any] | None:
        """What a version was imported from."""
        if original_id is None:
            return None
        row = await self._database.call(lambda s: s.get(DashboardOriginalRow, original_id))
        return row.value if row is not None else None

    async def add(self, actor: Actor, new: NewVersion, original: dict[str, Any] | None = None) -> DashboardVersionRow:
        """A new dashboard. One that was deleted under this uid goes on as its next version.

        Raises:
            Conflict: there is one.
            TooLarge: there are too many.
        """

        def work(session: Session) -> DashboardVersionRow:
            row = session.get(DashboardRow, new.uid, with_for_update=True)
            if row is not None and row.deleted_ms is None:
                raise Conflict(f"dashboard {new.uid}: there is one of this uid already; choose another")
            if row is None:
                if (session.scalar(select(func.count()).select_from(DashboardRow)) or 0) >= DASHBOARDS_MAX:
                    raise TooLarge(f"cannot keep more than {DASHBOARDS_MAX} dashboards: delete some first")
                row = DashboardRow(uid=new.uid, version=0)
                session.add(row)
                session.flush()
            row.deleted_ms = None
            session.add(noted(self._clock, actor, "dashboard.create", new.uid, {"title": new.title}))
            return self._next(session, row, actor, new, self._kept(session, new.uid, original))

        return await self._database.call(work)

    async def change(
        self, actor: Actor, new: NewVersion, *, version: int | None, original: dict[str, Any] | None = None
    ) -> DashboardVersionRow:
        """The next version. `version` is the one that was changed; None: whichever is there. An original that is not
        given stays the one that the version before has.

        Raises:
            Conflict: there is a newer version.
            NotFound: there is no such dashboard.
        """

        def work(session: Session) -> DashboardVersionRow:
            row = session.get(DashboardRow, new.uid, with_for_update=True)
            if row is None or row.deleted_ms is not None:
                raise _unknown(new.uid)
            before = session.get_one(DashboardVersionRow, (new.uid, row.version))
            if version is not None and version != row.version:
                raise Conflict(
                    f"cannot save dashboard {new.uid}: {before.changed_by} saved version {row.version} meanwhile, and "
                    f"you changed version {version}; load it again, or save a copy under another uid",
                    code=CHANGED_MEANWHILE,
                )
            kept = before.original_id if original is None else self._kept(session, new.uid, original)
            details = {"title": new.title, "version": row.version + 1, "message": new.message}
            session.add(noted(self._clock, actor, "dashboard.change", new.uid, details))
            return self._next(session, row, actor, new, kept)

        return await self._database.call(work)

    async def restore(self, actor: Actor, uid: str, version: int) -> DashboardVersionRow:
        """An earlier version as the next one, also of a dashboard that was deleted. Raises NotFound."""

        def work(session: Session) -> DashboardVersionRow:
            row = session.get(DashboardRow, uid, with_for_update=True)
            old = session.get(DashboardVersionRow, (uid, version))
            if row is None or old is None:
                raise NotFound(f"cannot find version {version} of dashboard {uid}")
            row.deleted_ms = None
            message = f"version {version} restored"
            new = NewVersion(uid, old.value, old.title, old.description, old.tags, old.panels, old.refused, message)
            details = {"title": old.title, "from": version, "version": row.version + 1}
            session.add(noted(self._clock, actor, "dashboard.restore", uid, details))
            return self._next(session, row, actor, new, old.original_id)

        return await self._database.call(work)

    async def remove(self, actor: Actor, uid: str) -> None:
        """Its versions can be restored for a while. Raises NotFound."""

        def work(session: Session) -> None:
            row = session.get(DashboardRow, uid, with_for_update=True)
            if row is None or row.deleted_ms is not None:
                raise _unknown(uid)
            now = now_ms(self._clock)
            row.deleted_ms = now
            title = session.scalar(select(DashboardVersionRow.title).where(_of(uid, row.version)))
            session.add(noted(self._clock, actor, "dashboard.remove", uid, {"title": title, "version": row.version}))
            over = select(DashboardRow.uid).where(DashboardRow.deleted_ms < now - DELETED_MS)
            for gone in list(session.scalars(over)):
                session.execute(delete(DashboardVersionRow).where(DashboardVersionRow.uid == gone))
                session.execute(delete(DashboardOriginalRow).where(DashboardOriginalRow.uid == gone))
                session.execute(delete(DashboardRow).where(DashboardRow.uid == gone))

        await self._database.call(work)

    def _kept(self, session: Session, uid: str, original: dict[str, Any] | None) -> int | None:
        if original is None:
            return None
        row = DashboardOriginalRow(uid=uid, value=original)
        session.add(row)
        session.flush()
        return row.id

    def _next(
        self, session: Session, row: DashboardRow, actor: Actor, new: NewVersion, original_id: int | None
    ) -> DashboardVersionRow:
        row.version += 1
        made = DashboardVersionRow(
            uid=new.uid,
            version=row.version,
            value=new.value,
            original_id=original_id,
            title=new.title,
            description=new.description,
            tags=new.tags,
            panels=new.panels,
            refused=new.refused,
            message=new.message,
            changed_ms=now_ms(self._clock),
            changed_by=actor.name,
        )
        session.add(made)
        session.flush()
        self._forget_old(session, new.uid, row.version - VERSIONS_MAX)
        return made

    def _forget_old(self, session: Session, uid: str, up_to: int) -> None:
        if up_to < 1:
            return
        old = (DashboardVersionRow.uid == uid) & (DashboardVersionRow.version <= up_to)
        session.execute(delete(DashboardVersionRow).where(old))
        used = select(DashboardVersionRow.original_id).where(
            DashboardVersionRow.uid == uid, DashboardVersionRow.original_id.is_not(None)
        )
        unused = delete(DashboardOriginalRow).where(DashboardOriginalRow.uid == uid)
        session.execute(unused.where(DashboardOriginalRow.id.not_in(used)))


_NEWEST = (DashboardRow.uid == DashboardVersionRow.uid) & (DashboardRow.version == DashboardVersionRow.version)


def _of(uid: str, version: int) -> Any:
    return (DashboardVersionRow.uid == uid) & (DashboardVersionRow.version == version)


def _unknown(uid: str) -> NotFound:
    return NotFound(f"cannot find dashboard {uid} in the workspace")
