"""Who is on call, for the page, for calendars, and for the dispatcher."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import structlog
from icalendar import Calendar, Event

from midwatch.contract.plan.sections.on_call import OnCall, Schedule
from midwatch.server.alerting.oncall.schedule import Override, Shift, next_hand_over, on_duty, shifts
from midwatch.server.alerting.oncall.telling import OnCallTell
from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, MidwatchError, NotFound
from midwatch.server.workspace.on_call import NewOverride

log = structlog.get_logger(__name__)

REFRESH_SECONDS = 10.0
"""How often is looked for what other servers were told."""
CALENDAR_BACK_SECONDS = 28 * 86400
CALENDAR_AHEAD_SECONDS = 180 * 86400
OVERRIDE_SECONDS_MAX = 90 * 86400


class Row(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def schedule(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def start_ms(self) -> int: ...
    @property
    def end_ms(self) -> int: ...
    @property
    def created_by(self) -> str: ...
    @property
    def reason(self) -> str: ...


class Overrides(Protocol):
    """The workspace, as far as on-call needs it."""

    async def all(self) -> Sequence[Row]: ...

    async def add(self, actor: Actor, new: NewOverride) -> Row: ...

    async def remove(self, actor: Actor, id_: str) -> None: ...


@dataclass(frozen=True, slots=True)
class OnDuty:
    """One schedule at one moment. `until`: when somebody else is; None: not within eight weeks."""

    name: str
    schedule: Schedule
    person: str | None
    until: float | None


class OnCallDesk:
    """For the event loop. `tell` is what the dispatcher asks."""

    def __init__(self, kept: Overrides, clock: Clock) -> None:
        self._kept, self._clock = kept, clock
        self.tell = OnCallTell()
        self.rows: Sequence[Row] = ()

    @property
    def plan(self) -> OnCall:
        return self.tell.plan

    def configure(self, plan: OnCall) -> None:
        self.tell.plan = plan

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.refresh()
            except MidwatchError as error:
                log.warning("on_call.not_refreshed", error=error.message)
            await asyncio.sleep(REFRESH_SECONDS)

    async def refresh(self) -> None:
        self.rows = await self._kept.all()
        found: dict[str, list[Override]] = {}
        for row in self.rows:
            one = Override(row.start_ms / 1000, row.end_ms / 1000, row.person, row.id)
            found.setdefault(row.schedule, []).append(one)
        self.tell.overrides = found

    def now(self) -> list[OnDuty]:
        return [self._on_duty(name) for name in sorted(self.plan.schedules)]

    def shifts(self, name: str, start: float, end: float) -> list[Shift]:
        """Raises NotFound, BadRequest."""
        try:
            return shifts(self._schedule(name), self._overrides(name), start, end)
        except ValueError as error:
            raise BadRequest(f"cannot show schedule {name}: {error}") from None

    async def override(self, actor: Actor, new: NewOverride) -> Row:
        """Raises NotFound, BadRequest, TooLarge."""
        self._schedule(new.schedule)
        if new.person not in self.plan.people:
            known = ", ".join(sorted(self.plan.people))
            raise BadRequest(f"person={new.person}: expected one of on_call.people: {known}")
        if not 0 < new.end_ms - new.start_ms <= OVERRIDE_SECONDS_MAX * 1000:
            raise BadRequest(f"expected an end after the start, at most {OVERRIDE_SECONDS_MAX // 86400} days later")
        row = await self._kept.add(actor, new)
        await self.refresh()
        return row

    async def remove(self, actor: Actor, id_: str) -> None:
        """Raises NotFound."""
        await self._kept.remove(actor, id_)
        await self.refresh()

    def calendar(self, name: str) -> bytes:
        """The schedule as iCalendar (RFC 5545), for calendars that subscribe. Raises NotFound."""
        now = self._clock.now_ns() / 1e9
        made = Calendar()
        made.add("prodid", "-//Midwatch//on call//EN")
        made.add("version", "2.0")
        made.add("x-wr-calname", f"On call: {name}")
        for one in self.shifts(name, now - CALENDAR_BACK_SECONDS, now + CALENDAR_AHEAD_SECONDS):
            if one.person is not None:
                made.add_component(self._event(name, one, now))
        return bytes(made.to_ical())

    def _event(self, name: str, one: Shift, now: float) -> Event:
        person = self.plan.people.get(one.person or "")
        event = Event()
        event.add("uid", f"{name}-{int(one.start)}-{one.person}@midwatch")
        event.add("dtstamp", datetime.fromtimestamp(int(now), UTC))
        event.add("dtstart", datetime.fromtimestamp(int(one.start), UTC))
        event.add("dtend", datetime.fromtimestamp(int(one.end), UTC))
        event.add("summary", f"{(person.name if person else '') or one.person} on call ({name})")
        return event

    def _on_duty(self, name: str) -> OnDuty:
        schedule, overrides, now = self.plan.schedules[name], self._overrides(name), self._clock.now_ns() / 1e9
        return OnDuty(name, schedule, on_duty(schedule, overrides, now), next_hand_over(schedule, overrides, now))

    def _overrides(self, name: str) -> Sequence[Override]:
        found: Mapping[str, Sequence[Override]] = self.tell.overrides
        return found.get(name, ())

    def _schedule(self, name: str) -> Schedule:
        found = self.plan.schedules.get(name)
        if found is None:
            known = ", ".join(sorted(self.plan.schedules)) or "none"
            raise NotFound(f"cannot find schedule {name}: on_call.schedules of the plan has {known}")
        return found
