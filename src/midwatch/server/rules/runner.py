"""The outermost loop of the rules: sleeps, asks what is visible, has evaluated what is due, keeps, tells and writes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import structlog

from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.alert import Alert
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import MidwatchError
from midwatch.server.model.measure import Measure
from midwatch.server.model.signal import SegmentKind
from midwatch.server.rules.alerts import RESOLVED_KEPT_MS, Transition
from midwatch.server.rules.builtin import built_in_rules, facts, is_held
from midwatch.server.rules.evaluation import Outcome, World
from midwatch.server.rules.evaluator import Evaluator
from midwatch.server.rules.fresh import Written
from midwatch.server.rules.lanes import TOGETHER_MS, Lanes, Reading
from midwatch.server.rules.measures import measures
from midwatch.server.rules.model import RuleSet, joined
from midwatch.server.rules.peers import TELL_SECONDS, Peers
from midwatch.server.rules.remember import change_of, remembered
from midwatch.server.rules.series import bodies
from midwatch.server.rules.state import GroupState, RuleState
from midwatch.server.rules.templates import Surroundings
from midwatch.server.workspace.rules import AlertChange, RuleAlerts

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
"""How often is looked what is due: what comes due within it is planned and read together."""
CLOCK_KEPT_MS = 30_000
"""How often is kept up to when rules were evaluated."""
UNKEPT_MAX = 50_000
"""Changes of state that wait for a database that does not answer; older ones are lost to the history."""
GRANT = IngestGrant("rules", "rules", 1, None, (), None)
"""Whose the series are that rules make."""

Send = Callable[[Sequence[Alert]], Awaitable[None]]
Put = Callable[[SegmentKind, IngestGrant, bytes, int], Awaitable[Any]]


class RuleRunner:
    """One per server; that which holds the lease runs. `visible_ns`: queries see all that was acknowledged before."""

    def __init__(
        self,
        world: World,
        reading: Reading,
        visible_ns: Callable[[], int],
        kept: RuleAlerts,
        clock: Clock,
        *,
        node: str = "",
    ) -> None:
        self._reading, self._kept, self._clock = reading, kept, clock
        self._peers = Peers(kept, visible_ns, clock, node=node)
        self._receivers: list[Send] = []
        self._world = world
        self.rules = Evaluator(world)
        self._lanes = Lanes(self.rules, reading)
        self.built_in = Evaluator(world)
        self._sources: dict[str, RuleSet] = {}
        self._wanted = RuleSet()
        self._changed = True
        self._unkept: list[AlertChange] = []
        self._clock_kept_ms = 0
        self._answers = True
        self._held_ms = 0
        self._ended: list[Alert] = []
        self._more = False
        """Whether there is more to catch up with than one look takes."""
        self.running = False
        self.behind_seconds = 0.0
        """How old what queries see was at the last look."""
        self.built_in.load(built_in_rules(), now_ms(clock))

    def put(self, source: str, rules: RuleSet) -> None:
        """The rules that one source has: the plan's files, objectives, probes. Taken up before the next evaluation."""
        self._sources[source] = rules
        self._wanted, self._changed = joined(rules for _, rules in sorted(self._sources.items())), True
        if not self.running:
            # Shown by a server that another one evaluates for.
            self.rules.load(self._wanted, now_ms(self._clock))

    def tell(self, send: Send) -> None:
        """Have alerts told there: those that fire at once and again every minute, and those that are resolved."""
        self._receivers.append(send)

    def find(self, rule_id: str) -> tuple[GroupState, RuleState] | None:
        for evaluator in self.evaluators:
            for group in list(evaluator.groups.values()):
                for one in group.rules:
                    if one.rule.id == rule_id:
                        return group, one
        return None

    @property
    def surroundings(self) -> Surroundings:
        return self._world.surroundings

    @property
    def rule_set(self) -> RuleSet:
        """Everything that is in force, the built-in rules at the end."""
        return joined([self._wanted, self.built_in.rules])

    @property
    def evaluators(self) -> tuple[Evaluator, Evaluator]:
        return self.rules, self.built_in

    async def run(self, put: Put) -> None:
        """Until cancelled; nothing ends it by itself."""
        await self._begin()
        self.running = True
        try:
            while True:
                began = self._clock.monotonic()
                try:
                    await self.tick(put)
                except MidwatchError as error:
                    log.warning("rules.tick_failed", error=error.message)
                except Exception:  # our own bug: told with its trace, and never the end of alerting
                    log.exception("rules.tick_failed")
                rest = 0.0 if self._more else TICK_SECONDS - (self._clock.monotonic() - began)
                await asyncio.sleep(max(0.05, rest))
        finally:
            self.running = False
            await self._lanes.end()

    async def follow(self) -> None:
        """Until cancelled: while another server evaluates, tell it what of ours is visible, and show its alerts."""
        while True:
            await asyncio.sleep(TELL_SECONDS)
            if self.running:
                continue
            try:
                await self._peers.tell()
                rows = await self._kept.all()
            except MidwatchError as error:
                log.warning("rules.not_followed", error=error.message)
                continue
            if not self.running:
                for one in self.evaluators:
                    one.show(remembered(rows))

    async def _begin(self) -> None:
        """Take over what was before a restart; a database that does not answer is asked again."""
        now = now_ms(self._clock)
        for one, rules in ((self.rules, self._wanted), (self.built_in, built_in_rules())):
            one.reset()
            one.load(rules, now)
        self._changed, self._ended = False, []
        while True:
            try:
                # A database that was away may have cost the lease: what it could not take then belongs to what is read.
                await self._kept.keep(self._unkept, now - RESOLVED_KEPT_MS)
                self._unkept = []
                rows, down_ms = await self._kept.all(), await self._kept.evaluated_ms()
                break
            except MidwatchError as error:
                log.warning("rules.not_restored", error=error.message)
                await asyncio.sleep(TICK_SECONDS)
        for one in self.evaluators:
            one.restore(remembered(rows), down_ms, now_ms(self._clock))

    async def tick(self, put: Put) -> None:
        """Look once: start what is due, and keep, tell and write what came of what is done."""
        out = Outcome()
        if self._changed and not self._lanes.groups:
            self._changed = False
            out = self.rules.load(self._wanted, now_ms(self._clock))
        now = now_ms(self._clock)
        visible_ms = await self._peers.visible_ms()
        due = self.rules.due(now, visible_ms, leave=self._lanes.groups)
        if due and not self._answers:
            self._answers = await self._reading.answers()
        if self._answers and not self._changed:
            self._lanes.start(due, visible_ms)
        out.join(await self._lanes.collected(TICK_SECONDS))
        self._more = bool(due) and out.answered and due[-1].at_ms > due[0].at_ms + TOGETHER_MS
        if not out.answered:
            self._answers = False
            log.warning("rules.store_does_not_answer", due=len(due))
        self._judge_ourselves(out, now, visible_ms)
        self._ended += out.alerts
        await self._keep(out.transitions)
        await self._tell()
        await self._write(out.samples, put)

    def _judge_ourselves(self, out: Outcome, now: int, visible_ms: int) -> None:
        behind_ms = now - min(visible_ms, self.rules.waiting_since_ms(now, store_answers=self._answers))
        self.behind_seconds = behind_ms / 1000
        if is_held(behind_ms):
            self._held_ms = now
        for one in self.built_in.due(now, now):
            source = facts(self.rules, one.at_ms, now, behind_ms, visible_ms, self._held_ms)
            out.join(self.built_in.evaluate(source, [one], now))

    async def _keep(self, transitions: Iterable[Transition]) -> None:
        """What cannot be kept now is kept with the next."""
        self._unkept += map(change_of, transitions)
        del self._unkept[:-UNKEPT_MAX]
        now = now_ms(self._clock)
        try:
            await self._kept.keep(self._unkept, now - RESOLVED_KEPT_MS)
            self._unkept = []
            if now - self._clock_kept_ms >= CLOCK_KEPT_MS:
                await self._kept.put_evaluated(now)
                self._clock_kept_ms = now
        except MidwatchError as error:
            log.warning("rules.not_kept", changes=len(self._unkept), error=error.message)

    async def _tell(self) -> None:
        now = now_ms(self._clock)
        owed = [*self._ended, *(alert for one in self.evaluators for alert in one.owed(now))]
        if not owed:
            return
        try:
            for send in self._receivers:
                await send(owed)
            self._ended = []
        except MidwatchError as error:
            for one in self.evaluators:
                one.not_told()
            log.error("rules.not_told", alerts=len(owed), error=error.message)

    async def _write(self, samples: list[Written], put: Put) -> None:
        if not samples:
            return
        try:
            for content, items in await asyncio.to_thread(bodies, samples):
                await put(SegmentKind.REMOTE_WRITE, GRANT, content, items)
        except MidwatchError as error:  # the log is full or closing: alerts go on without their series
            log.warning("rules.series_not_kept", samples=len(samples), error=error.message)
        for one in self.evaluators:
            one.fresh.acknowledged(samples, now_ms(self._clock))

    def measures(self) -> Iterable[Measure]:
        if self.running:
            yield from measures(self.evaluators)
