"""Where signs of life come in from all doors, and where time passes for those that do not."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import structlog

from midwatch.contract.plan.sections.heartbeats import Heartbeats
from midwatch.server.model.actor import Actor, IngestGrant
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, Conflict, MidwatchError, NotFound, RateLimited
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.monitors.heartbeats.life import Beat, Condition, Gap, Status, heard, passed, turned_back
from midwatch.server.monitors.heartbeats.schedule import SECOND, BadSchedule, Expectation, check_schedule
from midwatch.server.monitors.heartbeats.told import endings, labels_of, samples_of
from midwatch.server.monitors.heartbeats.written import Known, after, known_of, life_of, new_fields, of_plan, redeclared
from midwatch.server.monitors.series import Put, Sample, write
from midwatch.server.workspace.heartbeats import Fields, HeartbeatLedger, Identity, Outcome, Sign, Touched
from midwatch.server.workspace.models import HeartbeatRow
from midwatch.server.workspace.probes import DaySeconds, MonitorDays

log = structlog.get_logger(__name__)

GRANT = IngestGrant("heartbeats", "heartbeats", 1, None, (), None)
LOOK_SECONDS = 1.0
ALIVE_SECONDS = 15.0
"""How often is written down that signs could be heard."""
GAP_SECONDS = 60.0
"""So long without having looked, nothing could be heard: this server, its machine or its clock was away."""
BACK_SECONDS = 5.0
SERIES_SECONDS = 15.0
DAYS_SECONDS = 60.0
DAY_SECONDS = 86_400
SIGNS_PER_MINUTE = 120
"""Of one heartbeat; more are refused, which no job needs."""
BUCKETS_MAX = 50_000
PROJECT = 1
"""Whose the plan's heartbeats are."""
ALIVE = "heartbeats.alive"
_BAD = (Condition.MISSED, Condition.FAILED, Condition.OVERTIME)


@dataclass(frozen=True, slots=True)
class Heard:
    """A sign as a door took it."""

    identity: Identity
    beat: Beat
    door: str
    detail: str = ""
    expectation: Expectation | None = None
    """What the sender says of its schedule; the plan's word goes before it."""


class Alive:
    """When signs could last be heard, over restarts."""

    def __init__(self, get: Callable[[], Awaitable[int | None]], put: Callable[[int], Awaitable[None]]) -> None:
        self.get, self.put = get, put


class HeartbeatDesk:
    """Doors are open on every server; `run` is for the one that holds the lease."""

    def __init__(self, ledger: HeartbeatLedger, days: MonitorDays, alive: Alive, clock: Clock) -> None:
        self.ledger = ledger
        self._days, self._alive, self._clock = days, alive, clock
        self._plan: dict[str, Known] = {}
        self._plan_changed = asyncio.Event()
        self._put: Put | None = None
        self._buckets: dict[str, tuple[float, float]] = {}
        self._seconds: dict[tuple[str, int], DaySeconds] = {}
        self._counted: float | None = None
        self._told: dict[str, dict[str, str]] = {}
        """Labels under which this server told of each, by id."""
        self._signs = Counts("midwatch_heartbeat_signs_total", "Signs of life taken, by door", ("door",))
        self._refused = Counts(
            "midwatch_heartbeat_signs_refused_total", "Signs of life refused, by reason", ("reason",)
        )

    def writes_to(self, put: Put) -> None:
        self._put = put

    def configure(self, heartbeats: Heartbeats) -> None:
        """An effect of the plan."""
        self._plan = {one.name: of_plan(one) for one in heartbeats}
        self._plan_changed.set()

    def measures(self) -> Iterable[Measure]:
        yield from self._signs.measures()
        yield from self._refused.measures()

    def now_ns(self) -> int:
        return self._clock.now_ns()

    async def take(self, sign: Heard) -> HeartbeatRow:
        """Durable on return.

        Raises:
            NotFound, TooLarge, RateLimited, BadRequest: not kept, and why.
        """
        identity, expectation = sign.identity, sign.expectation
        try:
            if expectation is not None and expectation.cron:
                _checked(expectation)
            self._limit(f"{identity.project}/{identity.name}/{identity.environment}")
            known = Known(expectation or Expectation())
            planned = self._plan.get(identity.name) if identity.project == PROJECT else None

            def make() -> Fields:
                return new_fields(planned or known, "plan" if planned else sign.door)

            def work(fields: Fields) -> Outcome:
                if expectation is not None and fields.source != "plan":
                    said = replace(known_of(fields.config), expectation=expectation)
                    fields = redeclared(fields, said, fields.source, sign.beat.at_ns)
                return self._after_beat(fields, sign.beat)

            touched = await self.ledger.heard(identity, make, work, self._sign(sign))
        except MidwatchError as error:
            self._refused.add(error.code)
            raise
        self._signs.add(sign.door)
        await self._tell_changed([touched])
        return touched.row

    async def take_by_id(self, heartbeat_id: str, beat: Beat, door: str, detail: str = "") -> bool:
        """False: there is none of this id. Raises RateLimited."""
        try:
            self._limit(heartbeat_id)
        except RateLimited as error:
            self._refused.add(error.code)
            raise
        sign = Sign(beat.at_ns // 10**6, str(beat.status), door, beat.run, beat.seconds, detail)
        found = await self.ledger.change([heartbeat_id], lambda fields: self._after_beat(fields, beat), sign)
        if found:
            self._signs.add(door)
            await self._tell_changed(found)
        return bool(found)

    async def by_slug(self, project: int, name: str) -> HeartbeatRow:
        """Raises NotFound; Conflict where it is in several environments."""
        rows = await self.ledger.named(project, name)
        if not rows:
            raise NotFound(f"cannot find heartbeat {name[:200]} in this project; with ?create=1 it is made")
        if len(rows) > 1:
            raise Conflict(f"heartbeat {name[:200]} is in several environments: ping each by its own address")
        return rows[0]

    async def add(self, actor: Actor, identity: Identity, known: Known) -> HeartbeatRow:
        """Raises BadRequest, Conflict, TooLarge."""
        _checked(known.expectation)
        return await self.ledger.add(actor, identity, new_fields(known, "page"))

    async def edit(self, actor: Actor, heartbeat_id: str, known: Known) -> HeartbeatRow:
        """Raises BadRequest, NotFound, Conflict."""
        _checked(known.expectation)
        now_ns = self.now_ns()

        def work(fields: Fields) -> Outcome:
            if fields.source == "plan":
                raise Conflict("the plan has this heartbeat: change it there")
            return Outcome(redeclared(fields, known, "page", now_ns))

        return await self.ledger.edit(actor, heartbeat_id, work)

    async def remove(self, actor: Actor, heartbeat_id: str) -> None:
        """Raises NotFound; Conflict where the plan has it."""
        row = await self.ledger.get(heartbeat_id)
        if row is not None and row.source == "plan":
            raise Conflict("the plan has this heartbeat: take it out there")
        await self.ledger.remove(actor, heartbeat_id)

    async def run(self) -> None:
        """Let time pass, until cancelled."""
        last_ns = await self._alive.get()
        self._plan_changed.set()
        looked_ns, written, told, counted = last_ns, 0.0, 0.0, 0.0
        self._counted = None
        while True:
            try:
                now_ns, mono = self.now_ns(), self._clock.monotonic()
                await self.look(looked_ns, now_ns)
                looked_ns = now_ns
                if mono - written >= ALIVE_SECONDS or not written:
                    await self._alive.put(now_ns)
                    written = mono
                if mono - told >= SERIES_SECONDS or not told:
                    told = mono
                    await self._tell(now_ns)
                if mono - counted >= DAYS_SECONDS or not counted:
                    counted = mono
                    await self._count_days(now_ns, mono)
            except MidwatchError as error:
                log.warning("heartbeats.not_kept", error=error.message)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self, before_ns: int | None, now_ns: int) -> None:
        """All that is due now; `before_ns` is when was looked last."""
        gap = None
        if before_ns is not None and now_ns - before_ns > GAP_SECONDS * SECOND:
            gap = Gap(before_ns, now_ns)
            log.warning("heartbeats.away", seconds=(now_ns - before_ns) / 1e9)
        if self._plan_changed.is_set():
            self._plan_changed.clear()
            await self._declare(now_ns)
        if before_ns is not None and before_ns - now_ns > BACK_SECONDS * SECOND:
            log.warning("heartbeats.clock_set_back", seconds=(before_ns - now_ns) / 1e9)
            await self._turn_back(now_ns)
        while due := await self.ledger.due(now_ns):
            await self._tell_changed(
                await self.ledger.change(due, lambda fields: self._after_time(fields, now_ns, gap))
            )

    def _after_beat(self, fields: Fields, beat: Beat) -> Outcome:
        known = known_of(fields.config)
        return after(fields, heard(life_of(fields.life), known.expectation, beat), known, beat.at_ns)

    def _after_time(self, fields: Fields, now_ns: int, gap: Gap | None) -> Outcome:
        known = known_of(fields.config)
        outcome = after(fields, passed(life_of(fields.life), known.expectation, now_ns, gap), known, now_ns)
        for note in outcome.notes:
            log.info("heartbeat.changed", before=note.condition_from, now=note.condition_to, why=note.reason)
        if outcome.fields.due_ns is not None and outcome.fields.due_ns <= now_ns:
            outcome.fields.due_ns = now_ns + SECOND  # never looked at twice in the same moment
        return outcome

    async def _turn_back(self, now_ns: int) -> None:
        ids = [row.id for row in await self.ledger.all()]

        def work(fields: Fields) -> Outcome:
            known = known_of(fields.config)
            return after(fields, turned_back(life_of(fields.life), known.expectation, now_ns), known, now_ns)

        await self.ledger.change(ids, work)

    async def _declare(self, now_ns: int) -> None:
        def maker(known: Known) -> Callable[[Fields | None], Fields]:
            return lambda fields: redeclared(fields, known, "plan", now_ns)

        await self.ledger.declare(PROJECT, {name: maker(known) for name, known in self._plan.items()})

    async def _tell(self, now_ns: int) -> None:
        """All of them; what has gone, or is called otherwise now, ends."""
        rows = await self.ledger.all()
        samples = [sample for row in rows for sample in samples_of(row, now_ns)]
        told = {row.id: labels_of(row) for row in rows}
        for heartbeat_id, labels in self._told.items():
            if told.get(heartbeat_id) != labels:
                samples += endings(labels, now_ns // 10**6)
        await self._write(samples)
        self._told = told

    async def _tell_changed(self, touched: Sequence[Touched]) -> None:
        """What changed is told at once: an alert may wait for it. What is told every so often tells it again."""
        now_ns = self.now_ns()
        try:
            await self._write([sample for one in touched if one.changed for sample in samples_of(one.row, now_ns)])
        except MidwatchError as error:
            log.warning("heartbeats.not_told", error=error.message)

    async def _write(self, samples: Sequence[Sample]) -> None:
        if self._put is not None and samples:
            await write(self._put, GRANT, samples)

    async def _count_days(self, now_ns: int, mono: float) -> None:
        passed_seconds = 0.0 if self._counted is None else min(mono - self._counted, 2 * DAYS_SECONDS)
        self._counted = mono
        day = now_ns // SECOND // DAY_SECONDS
        for row in await self.ledger.all():
            if row.condition == Condition.NEW:
                continue
            seconds = self._seconds.setdefault((row.name, day), DaySeconds())
            if row.condition == Condition.UNKNOWN:
                seconds.unknown += passed_seconds
            elif row.healthy:
                seconds.up += passed_seconds
            else:
                seconds.down += passed_seconds
        more, self._seconds = self._seconds, {}
        await self._days.add("heartbeat", more)

    def _sign(self, sign: Heard) -> Sign:
        beat = sign.beat
        return Sign(beat.at_ns // 10**6, str(beat.status), sign.door, beat.run, beat.seconds, sign.detail)

    def _limit(self, key: str) -> None:
        now = self._clock.monotonic()
        left, at = self._buckets.get(key, (float(SIGNS_PER_MINUTE), now))
        left = min(float(SIGNS_PER_MINUTE), left + (now - at) * SIGNS_PER_MINUTE / 60)
        if left < 1:
            raise RateLimited(
                f"cannot take more than {SIGNS_PER_MINUTE} signs of one heartbeat a minute", retry_after_seconds=1
            )
        if len(self._buckets) >= BUCKETS_MAX:
            self._buckets.clear()
        self._buckets[key] = (left - 1, now)


def _checked(expectation: Expectation) -> None:
    if not expectation.cron:
        return
    try:
        check_schedule(expectation.cron, expectation.time_zone)
    except BadSchedule as error:
        raise BadRequest(str(error)) from None


def status_of(exit_status: int) -> Status:
    """Of a process: 0 is well."""
    return Status.OK if exit_status == 0 else Status.FAILED
