"""What alerting remembers: it goes on from here after a restart, and other servers see it here."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from midwatch.server.model.errors import BadRequest
from midwatch.server.workspace.database import Database, insert_into
from midwatch.server.workspace.models import (
    AlertEventRow,
    AlertGroupRow,
    AlertMailRow,
    AlertMarkRow,
    AlertRow,
    AuditRow,
    SilenceRow,
)

EVENTS_PAGE_MAX = 1000
REPORT_EVENTS_MAX = 200_000
MAIL_AT_ONCE = 1000
_KEYS_AT_ONCE = 500
Row = dict[str, Any]
_ANY: Mapping[str, str] = {}


@dataclass(slots=True)
class Changes:
    """What one transaction keeps. Rows by the names of their columns."""

    alerts: list[Row] = field(default_factory=list)
    gone_alerts: list[str] = field(default_factory=list)
    groups: list[Row] = field(default_factory=list)
    gone_groups: list[str] = field(default_factory=list)
    silences: list[Row] = field(default_factory=list)
    gone_silences: list[str] = field(default_factory=list)
    marks: list[Row] = field(default_factory=list)
    gone_marks: list[str] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    mail: list[Row] = field(default_factory=list)
    read_mail: list[int] = field(default_factory=list)
    audit: list[AuditRow] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class Remembered:
    alerts: list[AlertRow]
    groups: list[AlertGroupRow]
    silences: list[SilenceRow]
    marks: list[AlertMarkRow]


def group_row(route: str, labels: str, next_ns: int, climbs_ns: int = 0) -> Row:
    id_ = group_row_id(route, labels)
    return {"id": id_, "route": route, "labels": labels, "next_ns": next_ns, "climbs_ns": climbs_ns}


def group_row_id(route: str, labels: str) -> str:
    return hashlib.sha256(f"{route}\0{labels}".encode("utf-8", "surrogatepass")).hexdigest()


class AlertingState:
    """Owned by one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> Remembered:
        def work(session: Session) -> Remembered:
            return Remembered(
                list(session.scalars(select(AlertRow))),
                list(session.scalars(select(AlertGroupRow))),
                list(session.scalars(select(SilenceRow))),
                list(session.scalars(select(AlertMarkRow))),
            )

        return await self._database.call(work)

    async def keep(self, changes: Changes) -> None:
        """All of it or nothing; durable when it returns. Raises Unavailable."""
        if not changes.any:
            return

        def work(session: Session) -> None:
            _put(session, AlertRow, "fingerprint", changes.alerts)
            _put(session, AlertGroupRow, "id", changes.groups)
            _put(session, SilenceRow, "id", changes.silences)
            _put(session, AlertMarkRow, "id", changes.marks)
            _remove(session, AlertRow.fingerprint, changes.gone_alerts)
            _remove(session, AlertGroupRow.id, changes.gone_groups)
            _remove(session, SilenceRow.id, changes.gone_silences)
            _remove(session, AlertMarkRow.id, changes.gone_marks)
            _remove(session, AlertMailRow.id, changes.read_mail)
            for table, rows in ((AlertEventRow, changes.events), (AlertMailRow, changes.mail)):
                if rows:
                    session.execute(insert_into(session, table.__table__), rows)
            session.add_all(changes.audit)

        await self._database.call(work)

    async def mail(self) -> list[AlertMailRow]:
        """What other servers took in, oldest first."""
        query = select(AlertMailRow).order_by(AlertMailRow.id).limit(MAIL_AT_ONCE)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def events(
        self,
        *,
        fingerprint: str | None = None,
        rule: str | None = None,
        kinds: Sequence[str] = (),
        group_key: str | None = None,
        labels: Mapping[str, str] = _ANY,
        since_ns: int | None = None,
        until_ns: int | None = None,
        before: tuple[int, int] | None = None,
        limit: int = 100,
    ) -> list[AlertEventRow]:
        """Newest first; `before` is time and id of the last one of the page before. `labels` have these values, and
        names of letters, digits and underscores. Raises BadRequest."""
        if not 1 <= limit <= EVENTS_PAGE_MAX:
            raise BadRequest(f"limit={limit}: expected 1 to {EVENTS_PAGE_MAX}")
        query: Select[tuple[AlertEventRow]] = select(AlertEventRow)
        conditions = [
            (AlertEventRow.fingerprint, fingerprint),
            (AlertEventRow.rule, rule),
            (AlertEventRow.group_key, group_key),
        ]
        for column, value in conditions:
            if value is not None:
                query = query.where(column == value)
        for name, value in labels.items():
            query = query.where(AlertEventRow.labels[name].as_string() == value)
        if kinds:
            query = query.where(AlertEventRow.kind.in_(kinds))
        if since_ns is not None:
            query = query.where(AlertEventRow.at_ns >= since_ns)
        if until_ns is not None:
            query = query.where(AlertEventRow.at_ns < until_ns)
        if before is not None:
            at_ns, id_ = before
            earlier = (AlertEventRow.at_ns < at_ns) | ((AlertEventRow.at_ns == at_ns) & (AlertEventRow.id < id_))
            query = query.where(earlier)
        query = query.order_by(AlertEventRow.at_ns.desc(), AlertEventRow.id.desc()).limit(limit)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def told_apart(self, since_ns: int, until_ns: int) -> tuple[list[tuple[int, str, str, str, str, str]], bool]:
        """For reports: time, kind, rule, fingerprint, group key and author of the events of a time, oldest first, and
        whether there were more: then these are the newest."""
        row = AlertEventRow
        query = (
            select(row.at_ns, row.kind, row.rule, row.fingerprint, row.group_key, row.by)
            .where(row.at_ns >= since_ns, row.at_ns < until_ns)
            .order_by(row.at_ns.desc(), row.id.desc())
            .limit(REPORT_EVENTS_MAX + 1)
        )

        def work(session: Session) -> list[tuple[int, str, str, str, str, str]]:
            return [(one[0], one[1], one[2], one[3], one[4], one[5]) for one in session.execute(query)]

        found = await self._database.call(work)
        return found[:REPORT_EVENTS_MAX][::-1], len(found) > REPORT_EVENTS_MAX


def _put(session: Session, model: Any, key: str, rows: list[Row]) -> None:
    if not rows:
        return
    insert = insert_into(session, model.__table__)
    others = {name: insert.excluded[name] for name in rows[0] if name != key}
    session.execute(insert.on_conflict_do_update(index_elements=[key], set_=others), rows)


def _remove(session: Session, column: Any, keys: Sequence[Any]) -> None:
    for at in range(0, len(keys), _KEYS_AT_ONCE):
        session.execute(delete(column.class_).where(column.in_(keys[at : at + _KEYS_AT_ONCE])))
