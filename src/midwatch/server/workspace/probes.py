"""What is kept about probes: where each stands by location, every change, and days."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.workspace.database import Database, insert_into
from midwatch.server.workspace.models import MonitorDayRow, ProbeChangeRow, ProbeStandingRow

CHANGES_MAX = 1000
"""Kept of one probe, the newest."""
CHANGES_KEPT_MS = 400 * 86_400_000
DAYS_KEPT = 400
DAY_MS = 86_400_000
AGREED = ""
"""The location under which is kept what all of them agree on."""
_ROWS_A_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class StandingRecord:
    probe: str
    location: str
    state: str
    since_ms: int
    at_ms: int
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    probe: str
    at_ms: int
    state_from: str
    state_to: str
    reason: str
    detail: str


@dataclass(slots=True)
class DaySeconds:
    """Seconds of a day by what they were like."""

    up: float = 0.0
    down: float = 0.0
    unknown: float = 0.0

    @property
    def availability(self) -> float | None:
        """Part of the time that something is known of; None where nothing is."""
        known = self.up + self.down
        return self.up / known if known else None


class MonitorDays:
    """Days of probes and heartbeats, for histories that are there while the store is not."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def add(self, kind: str, more: Mapping[tuple[str, int], DaySeconds]) -> None:
        """Add to days, by name and day."""
        today = now_ms(self._clock) // DAY_MS

        def work(session: Session) -> None:
            for (name, day), seconds in more.items():
                fields = {"up_seconds": seconds.up, "down_seconds": seconds.down, "unknown_seconds": seconds.unknown}
                row = insert_into(session, MonitorDayRow).values(kind=kind, name=name, day=day, **fields)
                summed = {field: getattr(MonitorDayRow, field) + value for field, value in fields.items()}
                keys = [MonitorDayRow.kind, MonitorDayRow.name, MonitorDayRow.day]
                session.execute(row.on_conflict_do_update(index_elements=keys, set_=summed))
            session.execute(delete(MonitorDayRow).where(MonitorDayRow.day < today - DAYS_KEPT))

        await self._database.call(work)

    async def of(
        self, kind: str, *, since_day: int, names: Collection[str] | None = None
    ) -> dict[str, dict[int, DaySeconds]]:
        """By name and day."""
        query = select(MonitorDayRow).where(MonitorDayRow.kind == kind, MonitorDayRow.day >= since_day)
        if names is not None and len(names) <= _ROWS_A_STATEMENT:
            query = query.where(MonitorDayRow.name.in_(names))
        found: dict[str, dict[int, DaySeconds]] = {}
        for row in await self._database.call(lambda s: list(s.scalars(query))):
            seconds = DaySeconds(row.up_seconds, row.down_seconds, row.unknown_seconds)
            found.setdefault(row.name, {})[row.day] = seconds
        return found


class ProbeLedger:
    """Probes of the workspace. The plan says which there are."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def put(self, standings: Sequence[StandingRecord], changes: Sequence[ChangeRecord] = ()) -> None:
        """In one transaction; a standing takes the place of the one before."""
        taken = now_ms(self._clock)
        rows = [
            {
                "probe": one.probe,
                "location": one.location,
                "state": one.state,
                "since_ms": one.since_ms,
                "at_ms": one.at_ms,
                "taken_ms": taken,
                "value": one.value,
            }
            for one in standings
        ]

        def work(session: Session) -> None:
            for start in range(0, len(rows), _ROWS_A_STATEMENT):
                insert = insert_into(session, ProbeStandingRow).values(rows[start : start + _ROWS_A_STATEMENT])
                keys = [ProbeStandingRow.probe, ProbeStandingRow.location]
                fields = ("state", "since_ms", "at_ms", "taken_ms", "value")
                newest = {field: getattr(insert.excluded, field) for field in fields}
                session.execute(insert.on_conflict_do_update(index_elements=keys, set_=newest))
            for one in changes:
                session.add(
                    ProbeChangeRow(
                        probe=one.probe,
                        at_ms=one.at_ms,
                        state_from=one.state_from,
                        state_to=one.state_to,
                        reason=one.reason[:40],
                        detail=one.detail[:1000],
                    )
                )
            if changes:
                session.flush()
                self._forget(session, {one.probe for one in changes}, taken)

        if rows or changes:
            await self._database.call(work)

    async def standings(self, *, taken_since_ms: int = 0, probe: str | None = None) -> list[ProbeStandingRow]:
        query = select(ProbeStandingRow).where(ProbeStandingRow.taken_ms >= taken_since_ms)
        if probe is not None:
            query = query.where(ProbeStandingRow.probe == probe)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def keep_only(self, probes: Iterable[str]) -> None:
        """Forget where probes stand that are no more; their changes stay."""
        kept = set(probes)

        def work(session: Session) -> None:
            there = set(session.scalars(select(ProbeStandingRow.probe).distinct()))
            gone = sorted(there - kept)
            for start in range(0, len(gone), _ROWS_A_STATEMENT):
                part = gone[start : start + _ROWS_A_STATEMENT]
                session.execute(delete(ProbeStandingRow).where(ProbeStandingRow.probe.in_(part)))

        await self._database.call(work)

    async def changes(self, probe: str, *, before_id: int | None = None, limit: int = 100) -> list[ProbeChangeRow]:
        """Newest first."""
        query = select(ProbeChangeRow).where(ProbeChangeRow.probe == probe).order_by(ProbeChangeRow.id.desc())
        if before_id is not None:
            query = query.where(ProbeChangeRow.id < before_id)
        return await self._database.call(lambda s: list(s.scalars(query.limit(min(limit, CHANGES_MAX)))))

    def _forget(self, session: Session, probes: Collection[str], now: int) -> None:
        session.execute(delete(ProbeChangeRow).where(ProbeChangeRow.at_ms < now - CHANGES_KEPT_MS))
        for probe in probes:
            over = select(ProbeChangeRow.id).where(ProbeChangeRow.probe == probe).order_by(ProbeChangeRow.id.desc())
            oldest = session.scalar(over.offset(CHANGES_MAX).limit(1))
            if oldest is not None:
                session.execute(
                    delete(ProbeChangeRow).where(ProbeChangeRow.probe == probe, ProbeChangeRow.id <= oldest)
                )
