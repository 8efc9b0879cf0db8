"""Alerts of rules over a restart, and the history of their states, which is kept for ever.

A change and what it leads to are written in one transaction: the history tells of no alert that a restart forgets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from midwatch.server.workspace.database import Database, insert_into
from midwatch.server.workspace.models import DocumentRow, RuleAlertRow, RuleTransitionRow

PAGE_MAX = 1000
CLOCK = "rules.clock"
"""The document that says up to when rules were evaluated."""
_VISIBLE = "rules.visible."
_PENDING, _INACTIVE = "pending", "inactive"


@dataclass(frozen=True, slots=True)
class AlertChange:
    """A change of state, and what the alert is after it. Times in milliseconds, values as texts."""

    at_ms: int
    rule_id: str
    file: str
    group: str
    alert_name: str
    fingerprint: str
    before: str
    after: str
    value: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    active_ms: int
    fired_ms: int | None


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Empty members ask for anything."""

    rule_id: str = ""
    alert_name: str = ""
    fingerprint: str = ""
    file: str = ""
    group: str = ""
    after: str = ""
    from_ms: int | None = None
    to_ms: int | None = None
    """Not included."""


class RuleAlerts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, changes: Sequence[AlertChange], forget_before_ms: int) -> None:
        """All or nothing. Alerts that were resolved before that time are forgotten; their history is not."""
        if not changes:
            return

        def work(session: Session) -> None:
            session.execute(insert(RuleTransitionRow), [_transition(one) for one in changes])
            newest = {(one.rule_id, one.fingerprint): one for one in changes}
            gone = [key for key, one in newest.items() if one.after == _INACTIVE and one.before == _PENDING]
            for rule_id, fingerprint in gone:
                of_alert = (RuleAlertRow.rule_id == rule_id) & (RuleAlertRow.fingerprint == fingerprint)
                session.execute(delete(RuleAlertRow).where(of_alert))
            kept = [_alert(one) for key, one in newest.items() if key not in gone]
            if kept:
                row = insert_into(session, RuleAlertRow)
                new = {name: row.excluded[name] for name in kept[0] if name not in ("rule_id", "fingerprint")}
                session.execute(row.on_conflict_do_update(index_elements=["rule_id", "fingerprint"], set_=new), kept)
            session.execute(delete(RuleAlertRow).where(RuleAlertRow.resolved_ms < forget_before_ms))

        await self._database.call(work)

    async def all(self) -> list[RuleAlertRow]:
        """Those that are pending, firing, or resolved a short while ago."""
        return await self._database.call(lambda s: list(s.scalars(select(RuleAlertRow))))

    async def page(self, wanted: HistoryFilter, *, before_id: int | None, limit: int) -> list[RuleTransitionRow]:
        """Changes, the newest first."""
        query = select(RuleTransitionRow).order_by(RuleTransitionRow.at_ms.desc(), RuleTransitionRow.id.desc())
        for name in ("rule_id", "alert_name", "fingerprint", "file", "group", "after"):
            if value := getattr(wanted, name):
                query = query.where(getattr(RuleTransitionRow, name) == value)
        if wanted.from_ms is not None:
            query = query.where(RuleTransitionRow.at_ms >= wanted.from_ms)
        if wanted.to_ms is not None:
            query = query.where(RuleTransitionRow.at_ms < wanted.to_ms)
        limited = query.limit(min(limit, PAGE_MAX))

        def work(session: Session) -> list[RuleTransitionRow]:
            if before_id is None:
                return list(session.scalars(limited))
            last = session.get(RuleTransitionRow, before_id)
            if last is None:
                return []
            older = RuleTransitionRow.at_ms < last.at_ms
            same = (RuleTransitionRow.at_ms == last.at_ms) & (RuleTransitionRow.id < last.id)
            return list(session.scalars(limited.where(older | same)))

        return await self._database.call(work)

    async def evaluated_ms(self) -> int | None:
        """Up to when rules were evaluated, to about a minute; None before the first time."""
        row = await self._database.call(lambda s: s.get(DocumentRow, CLOCK))
        return None if row is None else int(row.value["evaluated_ms"])

    async def put_evaluated(self, at_ms: int) -> None:
        def work(session: Session) -> None:
            row = insert_into(session, DocumentRow).values(
                name=CLOCK, value={"evaluated_ms": at_ms}, version=1, changed_ms=at_ms, changed_by="rules"
            )
            new = {"value": {"evaluated_ms": at_ms}, "changed_ms": at_ms}
            session.execute(row.on_conflict_do_update(index_elements=["name"], set_=new))

        await self._database.call(work)

    async def put_visible(self, node: str, visible_ms: int, at_ms: int) -> None:
        """Up to when queries see everything that a server acknowledged."""

        def work(session: Session) -> None:
            value = {"node": node, "visible_ms": visible_ms}
            row = insert_into(session, DocumentRow).values(
                name=f"{_VISIBLE}{node}", value=value, version=1, changed_ms=at_ms, changed_by="rules"
            )
            new = {"value": value, "changed_ms": at_ms}
            session.execute(row.on_conflict_do_update(index_elements=["name"], set_=new))

        await self._database.call(work)

    async def visible_of_others(self, node: str, since_ms: int) -> int | None:
        """The least that other servers have said since; None where none has."""
        query = select(DocumentRow).where(DocumentRow.name.startswith(_VISIBLE), DocumentRow.changed_ms >= since_ms)
        rows = await self._database.call(lambda s: list(s.scalars(query)))
        return min((int(row.value["visible_ms"]) for row in rows if row.value["node"] != node), default=None)


def _transition(one: AlertChange) -> dict[str, Any]:
    return {
        "at_ms": one.at_ms,
        "rule_id": one.rule_id,
        "file": one.file[:1024],
        "group": one.group[:1024],
        "alert_name": one.alert_name[:1024],
        "fingerprint": one.fingerprint,
        "before": one.before,
        "after": one.after,
        "value": one.value,
        "labels": dict(one.labels),
        "annotations": dict(one.annotations),
    }


def _alert(one: AlertChange) -> dict[str, Any]:
    return {
        "rule_id": one.rule_id,
        "fingerprint": one.fingerprint,
        "labels": dict(one.labels),
        "annotations": dict(one.annotations),
        "state": one.after,
        "value": one.value,
        "active_ms": one.active_ms,
        "fired_ms": one.fired_ms,
        "resolved_ms": one.at_ms if one.after == _INACTIVE else None,
    }
