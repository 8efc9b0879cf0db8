"""Where all that probes tell comes together: series, the workspace, and what the locations agree on."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from midwatch.contract.plan.sections.probes import Probe, Probes
from midwatch.contract.plan.sections.probing import Probing
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError, Unavailable
from midwatch.server.model.measure import Measure
from midwatch.server.monitors.probes.agreement import Agreed, Word, agreed
from midwatch.server.monitors.probes.judgement import Standing, State
from midwatch.server.monitors.probes.prober import Prober, Report, Tell
from midwatch.server.monitors.probes.told import endings, samples_of, state_samples
from midwatch.server.monitors.probes.written import result_json, standing_json, standing_of
from midwatch.server.monitors.series import Put, Sample, write
from midwatch.server.workspace.probes import AGREED, ChangeRecord, DaySeconds, MonitorDays, ProbeLedger, StandingRecord

log = structlog.get_logger(__name__)

GRANT = IngestGrant("probes", "probes", 1, None, (), None)
FLUSH_SECONDS = 1.0
AGREE_SECONDS = 5.0
"""How often other locations' words are read, and silence is noticed."""
STATES_SECONDS = 15.0
"""How often each state is written as series."""
DAYS_SECONDS = 60.0
DAY_SECONDS = 86_400
FRESH_MAX = 100_000
"""Reports that wait to be written; the oldest go."""


MakeProber = Callable[[Tell, str], Prober]


@dataclass(slots=True)
class _Known:
    """What the server that holds the lease knows of one probe."""

    words: dict[str, Word] = field(default_factory=dict)
    agreed: Agreed = field(default_factory=lambda: Agreed(State.NEW))
    since_ns: int = 0


class ProbeDesk:
    """`configure` and `take` are for every server; `run` is for the one that holds the lease."""

    def __init__(self, ledger: ProbeLedger, days: MonitorDays, make_prober: MakeProber, clock: Clock) -> None:
        self._ledger, self._days, self._clock = ledger, days, clock
        self._make_prober = make_prober
        self.probes: dict[str, Probe] = {}
        self.probing = Probing()
        self.running = False
        self._put: Put | None = None
        self._prober: Prober | None = None
        self._known: dict[str, _Known] = {}
        self._fresh: list[Report] = []
        self._ended: list[Sample] = []
        self._owed: list[ChangeRecord] = []
        """Changes that are not written down yet: a database that is busy says nothing about probes."""
        self._noting = asyncio.Lock()
        self._read_ms = 0
        self._seconds: dict[tuple[str, int], DaySeconds] = {}
        self._counted = 0.0
        self._changed = asyncio.Event()

    def writes_to(self, put: Put) -> None:
        self._put = put

    def configure(self, probes: Probes, probing: Probing) -> None:
        wanted = {probe.name: probe for probe in probes}
        if self.running:
            at_ms = self._clock.now_ns() // 10**6
            for name, old in self.probes.items():
                if wanted.get(name) is None or wanted[name].target.shown != old.target.shown:
                    known = self._known.pop(name, _Known())
                    self._ended += endings(old, known.words, at_ms)
        self.probes, self.probing = wanted, probing
        self._changed.set()

    def of_location(self, location: str) -> list[Probe]:
        return [probe for probe in self.probes.values() if not probe.locations or location in probe.locations]

    def _names(self, location: str) -> set[str]:
        return {probe.name for probe in self.of_location(location)}

    async def take(self, reports: Sequence[Report]) -> int:
        """Keep what a location told; returns how many were of probes that it is to look at.

        Raises:
            MidwatchError: nothing of it may be kept.
        """
        looked_at = {location: self._names(location) for location in {one.location for one in reports}}
        mine = [one for one in reports if one.probe in looked_at[one.location]]
        if self._put is None:
            raise Unavailable("cannot take reports: the server is starting")
        newest = {(one.probe, one.location): one for one in mine}
        await self._ledger.put([_record(one) for one in newest.values()])
        samples = (sample for one in mine for sample in samples_of(one, self.probes[one.probe]))
        await write(self._put, GRANT, samples)
        return len(mine)

    async def run(self) -> None:
        """Probe from here, and find out what the locations agree on, until cancelled."""
        self._prober = self._make_prober(self._tell, self.probing.location)
        self._read_ms, self._known, self._seconds = 0, {}, {}
        await self._remember()
        self.running = True
        self._counted = self._clock.monotonic()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._prober.run())
                group.create_task(self._follow_plan(self._prober))
                group.create_task(self._every(FLUSH_SECONDS, self._flush))
                group.create_task(self._every(AGREE_SECONDS, self._agree))
                group.create_task(self._every(STATES_SECONDS, self._write_states))
                group.create_task(self._every(DAYS_SECONDS, self._write_days))
        finally:
            self.running = False
            self._prober = None

    def measures(self) -> Iterable[Measure]:
        if not self.running:
            return
        counted = dict.fromkeys(State, 0)
        for name in self.probes:
            counted[self._known.get(name, _Known()).agreed.state] += 1
        for state, count in counted.items():
            text = "Probes by their state, all locations together"
            yield Measure("midwatch_probes", text, count, (("state", str(state)),), kind="gauge")
        if self._prober is not None:
            text = "Attempts of probes that are under way here"
            yield Measure("midwatch_probe_attempts_in_flight", text, self._prober.in_flight, kind="gauge")

    def states(self) -> Mapping[str, State]:
        """Of the server that holds the lease; elsewhere the workspace knows."""
        return {name: known.agreed.state for name, known in self._known.items()}

    def _tell(self, report: Report) -> None:
        self._fresh.append(report)
        if len(self._fresh) > FRESH_MAX:
            del self._fresh[: len(self._fresh) - FRESH_MAX]
        known = self._known.setdefault(report.probe, _Known())
        known.words[report.location] = Word(report.standing, report.result.at_ns)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except MidwatchError as error:
                log.warning("probes.not_kept", error=error.message)

    async def _follow_plan(self, prober: Prober) -> None:
        while True:
            self._changed.clear()
            prober.location = self.probing.location
            own = self.of_location(prober.location)
            prober.configure(own)
            self._known = {name: one for name, one in self._known.items() if name in self.probes}
            try:
                await self._ledger.keep_only(self.probes)
            except MidwatchError as error:
                log.warning("probes.not_kept", error=error.message)
            await self._changed.wait()

    async def _remember(self) -> None:
        """Where probes stood when they were last judged, by whichever server."""
        own: dict[str, Standing] = {}
        for row in await self._ledger.standings():
            if row.probe not in self.probes:
                continue
            standing = _standing(row.value)
            if standing is None:
                continue
            known = self._known.setdefault(row.probe, _Known())
            if row.location == AGREED:
                known.agreed = Agreed(State(row.state), standing.reason, standing.detail, standing.flapping)
                known.since_ns = row.since_ms * 10**6
            else:
                known.words[row.location] = Word(standing, row.at_ms * 10**6)
                if row.location == self.probing.location:
                    own[row.probe] = standing
            self._read_ms = max(self._read_ms, row.taken_ms)
        assert self._prober is not None
        self._prober.configure(self.of_location(self.probing.location), own)

    async def _flush(self) -> None:
        fresh, self._fresh = self._fresh, []
        ended, self._ended = self._ended, []
        if ended and self._put is not None:
            await write(self._put, GRANT, ended)
        if fresh:
            await self._judge({one.probe for one in fresh})
            await self.take(fresh)

    async def _agree(self) -> None:
        for row in await self._ledger.standings(taken_since_ms=self._read_ms):
            self._read_ms = max(self._read_ms, row.taken_ms)
            standing = _standing(row.value)
            if row.location in (AGREED, self.probing.location) or row.probe not in self.probes or standing is None:
                continue
            known = self._known.setdefault(row.probe, _Known())
            known.words[row.location] = Word(standing, row.at_ms * 10**6)
        await self._judge(self.probes)

    async def _judge(self, names: Iterable[str]) -> None:
        """Find what is agreed on anew; what changed is kept, and written as series at once."""
        now_ns = self._clock.now_ns()
        changed: list[Probe] = []
        for name in names:
            probe, known = self.probes.get(name), self._known.get(name)
            if probe is None or known is None:
                continue
            before = known.agreed
            words = {
                place: word for place, word in known.words.items() if not probe.locations or place in probe.locations
            }
            known.agreed = agreed(words, probe, self.probing.quorum, now_ns)
            if known.agreed.state is before.state:
                continue
            known.since_ns = now_ns
            changed.append(probe)
            after = known.agreed
            self._owed.append(
                ChangeRecord(name, now_ns // 10**6, before.state, after.state, after.reason, after.detail)
            )
            log.info("probe.agreed", probe=name, state=after.state, before=before.state, why=after.detail)
        if changed:
            await self._write(changed)
        async with self._noting:
            if owed := list(self._owed):
                there = {one.probe for one in owed if one.probe in self._known}
                await self._ledger.put([self._agreed_record(name) for name in sorted(there)], owed)
                self._owed = self._owed[len(owed) :]

    async def _write_states(self) -> None:
        await self._write(list(self.probes.values()))

    async def _write(self, probes: Sequence[Probe]) -> None:
        at_ms = self._clock.now_ns() // 10**6
        known = ((probe, self._known[probe.name].agreed) for probe in probes if probe.name in self._known)
        if self._put is not None:
            samples = (sample for probe, one in known for sample in state_samples(probe, one, at_ms))
            await write(self._put, GRANT, samples)

    async def _write_days(self) -> None:
        now = self._clock.monotonic()
        passed, self._counted = min(now - self._counted, 2 * DAYS_SECONDS), now
        day = self._clock.now_ns() // 10**9 // DAY_SECONDS
        for name in self.probes:
            seconds = self._seconds.setdefault((name, day), DaySeconds())
            state = self._known.get(name, _Known()).agreed.state
            if state in (State.UP, State.DOWN, State.UNKNOWN):
                setattr(seconds, str(state), getattr(seconds, str(state)) + passed)
        more, self._seconds = self._seconds, {}
        try:
            await self._days.add("probe", more)
        except MidwatchError:
            self._seconds = more
            raise

    def _agreed_record(self, name: str) -> StandingRecord:
        known = self._known[name]
        one = known.agreed
        standing = Standing(one.state, known.since_ns, one.reason, one.detail, flapping=one.flapping)
        value = {"standing": standing_json(standing), "down": list(one.down)}
        since_ms = known.since_ns // 10**6
        return StandingRecord(name, AGREED, str(one.state), since_ms, self._clock.now_ns() // 10**6, value)


def _record(report: Report) -> StandingRecord:
    standing, result = report.standing, report.result
    value = {"standing": standing_json(standing), "result": result_json(result)}
    since_ms, at_ms = standing.since_ns // 10**6, result.at_ns // 10**6
    return StandingRecord(report.probe, report.location, str(standing.state), since_ms, at_ms, value)


def _standing(value: Mapping[str, object]) -> Standing | None:
    """None where another version wrote it."""
    try:
        return standing_of(value["standing"])  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError):
        return None
