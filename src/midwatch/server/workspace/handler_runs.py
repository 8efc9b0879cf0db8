"""Failed runs as apps tell of them: kept by their newest revision, found by what they have."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from midwatch.contract.handlers import State
from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import NotFound
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database, insert_into
from midwatch.server.workspace.handler_orders import finish_of_run
from midwatch.server.workspace.models.handlers import HandlerOrderRow, HandlerRunRow, HandlerSeenRow
from midwatch.server.workspace.models.issues import IssueGroupRow

HOUR_MS = 3_600_000
SERVICES_FULL = 10
"""So many services of a project may tell of all that one may."""
SEEN_MAX = 10_000
"""Handlers of apps that are known to ask for orders, of a project."""
LINKED_WITHIN_MS = HOUR_MS
"""An error event that is not stored by then was not sent, or is ignored."""
OPEN = (str(State.FAILED), str(State.STUCK), str(State.UNKNOWN))


@dataclass(frozen=True, slots=True)
class App:
    """Who tells, and who asks for orders."""

    project: int
    service: str
    environment: str


@dataclass(frozen=True, slots=True)
class TellRun:
    """A run as its app tells of it."""

    run_id: str
    handler: str
    key: str
    state: str
    revision: int
    attempt: int
    started_ms: int
    ended_ms: int
    order_id: str
    texts: Mapping[str, str]
    """`error_type`, `error_text`, `event_id`, `trace_id`, `span_id`, `correlation_id`."""
    payload: Mapping[str, Any]
    refusal: str


@dataclass(frozen=True, slots=True)
class Wanted:
    project: int = 1
    environments: tuple[str, ...] = ()
    handler: str = ""
    service: str = ""
    states: tuple[str, ...] = OPEN
    issue: int | None = None
    ids: tuple[str, ...] = ()
    before: tuple[int, str] | None = None
    """When the last one that was shown failed, and its id."""


class HandlerRuns:
    def __init__(self, database: Database, clock: Clock, *, per_hour: int) -> None:
        """`per_hour`: of one service; more wait in its own store, and are told later."""
        self._database, self._clock, self._per_hour = database, clock, per_hour

    async def take(self, app: App, runs: Sequence[TellRun]) -> list[str]:
        """Those of the app's ids for which there is no room this hour: they are told again later."""
        now = now_ms(self._clock)

        def work(session: Session) -> list[str]:
            lately = (HandlerRunRow.project == app.project) & (HandlerRunRow.told_ms > now - HOUR_MS)
            of_all = session.scalar(select(func.count()).where(lately)) or 0
            own = session.scalar(select(func.count()).where(lately, HandlerRunRow.service == app.service)) or 0
            room = min(self._per_hour - own, self._per_hour * SERVICES_FULL - of_all)
            waits: list[str] = []
            for run in runs:
                is_new = session.get(HandlerRunRow, row_id(app, run.run_id)) is None
                if is_new and room <= 0:
                    waits.append(run.run_id)
                    continue
                room -= is_new
                _put(session, app, run, now)
            return waits

        return await self._database.call(work)

    async def page(self, wanted: Wanted, limit: int) -> list[HandlerRunRow]:
        """The newest failure first."""
        query = _found(wanted).order_by(HandlerRunRow.failed_ms.desc(), HandlerRunRow.id.desc()).limit(limit)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def counts(self, wanted: Wanted) -> list[tuple[str, str, str, str, int]]:
        """Handler, service, environment, state, and how many there are."""
        of = (HandlerRunRow.handler, HandlerRunRow.service, HandlerRunRow.environment, HandlerRunRow.state)
        query = _found(wanted).with_only_columns(*of, func.count()).group_by(*of).order_by(*of)
        return await self._database.call(lambda s: [tuple(row) for row in s.execute(query)])  # type: ignore[misc]

    async def get(self, id_: str) -> HandlerRunRow:
        """Raises NotFound."""
        return await self._database.call(lambda s: _get(s, id_))

    async def open_payload(self, actor: Actor, id_: str) -> HandlerRunRow:
        """The same, noted in the audit log. Raises NotFound."""

        def work(session: Session) -> HandlerRunRow:
            row = _get(session, id_)
            told = {"handler": row.handler, "service": row.service, "environment": row.environment}
            session.add(noted(self._clock, actor, "handler.payload", id_, told))
            return row

        return await self._database.call(work)

    async def issues_of(self, rows: Collection[HandlerRunRow]) -> dict[str, int]:
        """Issues by the ids of runs."""
        keys = {(row.project, row.group_hash): row.id for row in rows if row.group_hash}
        if not keys:
            return {}
        groups = select(IssueGroupRow).where(tuple_(IssueGroupRow.project, IssueGroupRow.hash).in_(list(keys)))
        found = await self._database.call(lambda s: {(g.project, g.hash): g.issue_id for g in s.scalars(groups)})
        return {row.id: found[row.project, row.group_hash] for row in rows if (row.project, row.group_hash) in found}

    async def unlinked(self, limit: int) -> list[HandlerRunRow]:
        """Those of which it is not known yet to which group their errors belong."""
        since = now_ms(self._clock) - LINKED_WITHIN_MS
        query = select(HandlerRunRow).where(
            HandlerRunRow.group_hash == "", HandlerRunRow.event_id != "", HandlerRunRow.failed_ms > since
        )
        query = query.order_by(HandlerRunRow.failed_ms.desc()).limit(limit)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def link(self, groups: Mapping[str, str]) -> None:
        """Groups by the ids of runs."""

        def work(session: Session) -> None:
            for id_, group in groups.items():
                session.execute(update(HandlerRunRow).where(HandlerRunRow.id == id_).values(group_hash=group))

        await self._database.call(work)

    async def seen(self, app: App, handlers: Sequence[str], instance: str) -> None:
        """An app that has these asks for orders."""
        now = now_ms(self._clock)

        def work(session: Session) -> None:
            known = select(func.count()).where(HandlerSeenRow.project == app.project)
            room = SEEN_MAX - (session.scalar(known) or 0)
            for handler in handlers if room > 0 else ():
                key = {"project": app.project, "service": app.service, "environment": app.environment}
                insert = insert_into(session, HandlerSeenRow).values(
                    **key, handler=handler, instance=instance, seen_ms=now
                )
                columns = ["project", "service", "environment", "handler"]
                session.execute(
                    insert.on_conflict_do_update(index_elements=columns, set_={"instance": instance, "seen_ms": now})
                )

        await self._database.call(work)

    async def listening(self, project: int) -> dict[tuple[str, str, str], int]:
        """When an app last asked, by service, environment and handler."""
        query = select(HandlerSeenRow).where(HandlerSeenRow.project == project)
        rows = await self._database.call(lambda s: list(s.scalars(query)))
        return {(row.service, row.environment, row.handler): row.seen_ms for row in rows}

    async def forget(self, before_ms: int, limit: int) -> int:
        """Runs that failed before, with their orders; how many there were."""

        def work(session: Session) -> int:
            old = select(HandlerRunRow.id).where(HandlerRunRow.failed_ms < before_ms).limit(limit)
            ids = list(session.scalars(old))
            session.execute(delete(HandlerOrderRow).where(HandlerOrderRow.run.in_(ids)))
            session.execute(delete(HandlerRunRow).where(HandlerRunRow.id.in_(ids)))
            session.execute(delete(HandlerSeenRow).where(HandlerSeenRow.seen_ms < before_ms))
            return len(ids)

        return await self._database.call(work)


def row_id(app: App, run_id: str) -> str:
    parts = "\n".join((str(app.project), app.service, app.environment, run_id))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def _put(session: Session, app: App, run: TellRun, now: int) -> None:
    id_ = row_id(app, run.run_id)
    first = {"id": id_, "project": app.project, "service": app.service, "environment": app.environment}
    blank = {
        **dict.fromkeys(("handler", "key", "state", "group_hash", "refusal", *run.texts), ""),
        "run_id": run.run_id,
        "revision": -1,
        "attempt": 0,
        "started_ms": 0,
        "failed_ms": now,
        "payload": {},
    }
    session.execute(insert_into(session, HandlerRunRow).values(**first, **blank, told_ms=now).on_conflict_do_nothing())
    row = session.get_one(HandlerRunRow, id_, with_for_update=True, populate_existing=True)
    if run.revision <= row.revision:
        return
    row.handler, row.key, row.state, row.revision = run.handler, run.key, run.state, run.revision
    row.attempt, row.started_ms = run.attempt, run.started_ms
    if run.state == State.DONE:
        row.done_ms = run.ended_ms or now
    else:
        row.done_ms, row.failed_ms = None, run.ended_ms or now
        if run.texts["event_id"] != row.event_id:
            row.group_hash = ""
        for name, value in run.texts.items():
            setattr(row, name, value)
        row.payload, row.refusal = dict(run.payload), run.refusal
    if run.order_id:
        error = ": ".join(filter(None, (run.texts["error_type"], run.texts["error_text"])))
        finish_of_run(session, id_, run.order_id, run.state, error, now)


def _found(wanted: Wanted) -> Select[HandlerRunRow]:
    row = HandlerRunRow
    query = select(row).where(row.project == wanted.project)
    for column, values in ((row.environment, wanted.environments), (row.state, wanted.states), (row.id, wanted.ids)):
        if values:
            query = query.where(column.in_(values))
    for column, value in ((row.handler, wanted.handler), (row.service, wanted.service)):
        if value:
            query = query.where(column == value)
    if wanted.issue is not None:
        groups = select(IssueGroupRow.hash).where(
            IssueGroupRow.project == wanted.project, IssueGroupRow.issue_id == wanted.issue
        )
        query = query.where(row.group_hash.in_(groups))
    if wanted.before is not None:
        query = query.where(tuple_(row.failed_ms, row.id) < wanted.before)
    return query


def _get(session: Session, id_: str) -> HandlerRunRow:
    row = session.get(HandlerRunRow, id_)
    if row is None:
        raise NotFound(f"cannot find the failed run {id_}: it was never told, or is older than it is kept")
    return row
