"""What is noted of every administrative act, in the transaction of the act itself: neither is without the other."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.workspace.models import AuditRow

REFUSED = "session.refused"
REFUSED_MAX = 10_000
"""Refused sign-ins kept, the newest: anybody can make them, so that they alone are ever forgotten."""
_AT_ONCE = 100
_FORGOTTEN_AT_ONCE = 1000


def note_refusal(session: Session, clock: Clock, name: str, address: str, *, kept: int = REFUSED_MAX) -> None:
    """Somebody was not let in."""
    session.add(_row(clock, "", REFUSED, name, {}, address))
    session.flush()
    over = select(AuditRow.id).where(AuditRow.action == REFUSED).order_by(AuditRow.id.desc()).offset(kept)
    session.execute(delete(AuditRow).where(AuditRow.id.in_(list(session.scalars(over.limit(_AT_ONCE))))))


def forget_before(session: Session, time_ms: int) -> int:
    """Acts from before this time, some at once; how many went."""
    old = select(AuditRow.id).where(AuditRow.time_ms < time_ms).order_by(AuditRow.id).limit(_FORGOTTEN_AT_ONCE)
    ids = list(session.scalars(old))
    session.execute(delete(AuditRow).where(AuditRow.id.in_(ids)))
    return len(ids)


def note_signin(session: Session, clock: Clock, name: str, address: str) -> None:
    """Somebody was let in."""
    session.add(_row(clock, name, "session.start", name, {}, address))


def noted(clock: Clock, actor: Actor, action: str, target: str, details: dict[str, Any] | None = None) -> AuditRow:
    """The row that tells who did what to whom, and from where; added to a session by whoever does it."""
    return _row(clock, actor.name, action, target, details or {}, actor.address)


def _row(clock: Clock, name: str, action: str, target: str, details: dict[str, Any], address: str) -> AuditRow:
    return AuditRow(
        time_ms=now_ms(clock), actor=name[:254], action=action, target=target[:300], details=details, address=address
    )
