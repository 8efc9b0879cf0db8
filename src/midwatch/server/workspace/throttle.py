"""Slows down guessing: per account and address, growing with each failure, in a bounded table that servers share."""

import ipaddress
from collections.abc import Iterable

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import RateLimited
from midwatch.server.workspace.database import insert_into
from midwatch.server.workspace.models import FailureRow
from midwatch.server.workspace.secrets import digest

FREE_FAILURES = 5
WAIT_MS = 1000
WAIT_MS_MAX = 900_000
FORGET_MS = 86_400_000
ROWS_MAX = 20_000
IPV6_PREFIX = 64
"""What one customer of a provider has at least: all of its addresses are one guesser."""


def account(email: str) -> str:
    """The name under which failures for an account are counted; a digest, since people also type passwords there."""
    return digest(f"account {email}")


def address(host: str) -> str:
    """The name under which failures from an address are counted."""
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        return digest(f"address {host}")
    prefix = IPV6_PREFIX if parsed.version == 6 else parsed.max_prefixlen
    return digest(f"address {ipaddress.ip_network((parsed, prefix), strict=False)}")


class Throttle:
    """Counts failures by name, in the caller's transaction."""

    def __init__(self, clock: Clock, *, rows_max: int = ROWS_MAX) -> None:
        self._clock = clock
        self._rows_max = rows_max

    def count(self, session: Session, names: Iterable[str]) -> None:
        """Count a try as failed, until `forget` says that it was not: so asking many times at once is no way around.

        Raises:
            RateLimited: one of the names has to wait; this try is not counted then.
        """
        now = now_ms(self._clock)
        # In one order, so that no two tries wait for each other.
        found = {name: _locked(session, name, now) for name in sorted(names)}
        # A longer wait is left from a clock that was set back since.
        waits = [until - now for _, until in found.values() if until - now <= 2 * WAIT_MS_MAX]
        if (wait := max(waits, default=0)) > 0:
            raise RateLimited("too many failed sign-ins: wait before the next", retry_after_seconds=wait / 1000)
        for name, (before, _) in found.items():
            counted = {"failures": before + 1, "until_ms": now + _wait_ms(before + 1), "changed_ms": now}
            session.execute(update(FailureRow).where(FailureRow.name == name).values(counted))
        self._tidy(session, now)

    def forget(self, session: Session, names: Iterable[str]) -> None:
        """Somebody got in."""
        session.execute(delete(FailureRow).where(FailureRow.name.in_(sorted(names))))

    def _tidy(self, session: Session, now: int) -> None:
        """Remove what is old, and the oldest of too many; rows that others hold are left to the next try."""
        rows = select(FailureRow.name).with_for_update(skip_locked=True)
        _remove(session, rows.where(FailureRow.changed_ms < now - FORGET_MS))
        over = (session.scalar(select(func.count()).select_from(FailureRow)) or 0) - self._rows_max
        if over > 0:
            _remove(session, rows.order_by(FailureRow.changed_ms).limit(over))


def _locked(session: Session, name: str, now: int) -> tuple[int, int]:
    """Failures so far and when the wait for them is over; others who ask for this name wait until we are done."""
    row = insert_into(session, FailureRow).values(name=name, failures=0, until_ms=0, changed_ms=now)
    row = row.on_conflict_do_update(index_elements=[FailureRow.name], set_={"name": name})
    failures, until, changed = session.execute(
        row.returning(FailureRow.failures, FailureRow.until_ms, FailureRow.changed_ms)
    ).one()
    return (0, 0) if changed < now - FORGET_MS else (failures, until)


def _wait_ms(failures: int) -> int:
    if failures < FREE_FAILURES:
        return 0
    return min(WAIT_MS_MAX, WAIT_MS << min(failures - FREE_FAILURES, 20))


def _remove(session: Session, names: Select[str]) -> None:
    session.execute(delete(FailureRow).where(FailureRow.name.in_(names)))
