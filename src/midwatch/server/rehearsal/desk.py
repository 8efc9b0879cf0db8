"""Rehearsals of the rules in force, and of rules that somebody thinks of."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from midwatch.server.alerting.configuration import Configuration
from midwatch.server.alerting.telling import Tell, by_receiver
from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import BadRequest, Conflict, NotFound
from midwatch.server.promql import Engine, QueryError, SeriesSource, to_text
from midwatch.server.rehearsal.backtest import Backtest, backtested, history_of
from midwatch.server.rehearsal.drill import HOLD_MS, Drill, drilled
from midwatch.server.rehearsal.synthesis import NotFound as NothingFires
from midwatch.server.rules.failure import RuleFailure
from midwatch.server.rules.files import read_rules
from midwatch.server.rules.model import AlertingRule, Group, RuleSet
from midwatch.server.rules.observed import with_threshold
from midwatch.server.rules.templates import RuleTemplates
from midwatch.server.workspace.drills import Drilled

T = TypeVar("T")
BACKTEST_SECONDS_MAX = 120.0
BACKTEST_MS_MAX = 92 * 86_400_000
EVALUATIONS_MAX = 200_000
AT_ONCE = 2
"""Drills, and dispatchers of backtests: each takes a core for a second or some."""
Rule = tuple[Group, AlertingRule]


class Drills(Protocol):
    async def put(self, actor: Actor, one: Drilled) -> None: ...

    async def all(self) -> Mapping[str, Any]: ...


Ask = Callable[[Callable[[SeriesSource], T], float], Awaitable[T]]
"""What a function makes of the stored series, in a thread, within so many seconds."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One alerting rule, and its last drill; None: it never had one. `changed`: the rule is another since."""

    group: Group
    rule: AlertingRule
    last: Any
    changed: bool


class RehearsalDesk:
    """For the event loop."""

    def __init__(
        self,
        rules: Callable[[], RuleSet],
        configuration: Callable[[], Configuration],
        engine: Engine,
        templates: RuleTemplates,
        ask: Ask[Any],
        kept: Drills,
        clock: Clock,
        tell: Tell = by_receiver,
    ) -> None:
        self._tell = tell
        self._rules, self._configuration = rules, configuration
        self._engine, self._templates = engine, templates
        self._ask, self._kept, self._clock = ask, kept, clock
        self._places = asyncio.Semaphore(AT_ONCE)

    def find(self, name: str) -> Rule:
        """By id, or by an alert's name that only one rule has.

        Raises:
            NotFound: no alerting rule in force is called so.
            Conflict: several are.
        """
        found = self._rules().alerting(name)
        by_id = self._rules().find(name)
        if by_id is not None and isinstance(by_id[1], AlertingRule):
            found = [(by_id[0], by_id[1])]
        if not found:
            raise NotFound(f"cannot find alert {name}: no alerting rule in force is called so")
        if len(found) > 1:
            ids = ", ".join(f"{rule.id} ({group.file}:{rule.line})" for group, rule in found)
            raise Conflict(f"{name}: {len(found)} rules are called so; say which by its id: {ids}")
        return found[0]

    def read(self, text: str, file: str = "rules/tried.yml") -> Rule:
        """The first alerting rule of a text. Raises BadRequest."""
        read = read_rules(file, text)
        if read.rules is None:
            raise BadRequest("; ".join(str(one) for one in read.problems[:5]), code="bad_rule")
        found = [(group, rule) for group, rule in read.rules if isinstance(rule, AlertingRule)]
        if not found:
            raise BadRequest("expected an alerting rule", code="bad_rule")
        return found[0]

    async def drill(self, actor: Actor, one: Rule, *, at_ms: int | None = None, hold_ms: int = HOLD_MS) -> Drill:
        """`at_ms`: when its incident begins, by the virtual clock; None: now.

        Raises:
            BadRequest: nothing could be made up under which it fires, or the rule itself fails.
        """
        group, rule = one
        begin = now_ms(self._clock) if at_ms is None else at_ms
        configuration = self._configuration()

        async def work() -> Drill:
            return await drilled(
                group,
                rule,
                configuration,
                self._engine,
                self._templates,
                at_ms=begin,
                hold_ms=hold_ms,
                tell=self._tell,
            )

        async with self._places:
            try:
                done: Drill = await asyncio.to_thread(asyncio.run, work())
            except (NothingFires, QueryError, RuleFailure) as error:
                raise BadRequest(f"cannot rehearse {rule.name}: {error}", code="cannot_rehearse") from None
        await self._kept.put(actor, Drilled(rule.id, rule.name, rule.query, done.passed, tuple(done.told)))
        return done

    async def backtest(self, one: Rule, start_ms: int, end_ms: int, *, threshold: float | None = None) -> Backtest:
        """`threshold`: another number than the rule compares with.

        Raises:
            BadRequest: too long a stretch, or a rule that fails or compares with no number.
            QueryError, StoreError, Unavailable: the store did not answer.
        """
        group, rule = one
        if threshold is not None:
            expr = with_threshold(rule.expr, threshold)
            if expr is None:
                raise BadRequest(f"threshold={threshold:g}: {rule.name} compares with no number")
            rule = replace(rule, expr=expr, query=to_text(expr))
        _require_bounded(group, start_ms, end_ms)

        def work(source: SeriesSource) -> Any:
            return history_of(self._engine, source, group, rule, start_ms, end_ms, self._templates)

        try:
            history = await self._ask(work, BACKTEST_SECONDS_MAX)
        except RuleFailure as error:
            raise BadRequest(f"cannot replay {rule.name}: {error}", code="cannot_replay") from None
        made = backtested(history, self._configuration(), start_ms, end_ms, self._tell)
        async with self._places:
            found: Backtest = await asyncio.to_thread(asyncio.run, made)
        return found

    async def rehearsed(self) -> list[Rehearsed]:
        """Every alerting rule in force; those that never were rehearsed first."""
        rows = await self._kept.all()
        found = []
        for group, rule in self._rules():
            if isinstance(rule, AlertingRule):
                last = rows.get(rule.id)
                found.append(Rehearsed(group, rule, last, last is not None and last.query != rule.query))
        return sorted(found, key=lambda one: (one.last is not None and not one.changed, one.rule.name))


def _require_bounded(group: Group, start_ms: int, end_ms: int) -> None:
    if not 0 < end_ms - start_ms <= BACKTEST_MS_MAX:
        raise BadRequest(
            f"expected a stretch of at most {BACKTEST_MS_MAX // 86_400_000} days, and its end after its start"
        )
    if (count := (end_ms - start_ms) // group.interval_ms) > EVALUATIONS_MAX:
        raise BadRequest(
            f"{count:,} evaluations are more than the {EVALUATIONS_MAX:,} of one backtest: choose a shorter stretch"
        )
