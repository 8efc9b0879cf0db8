"""One group at one time: each rule in turn to the series that it makes and the alerts that it changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import structlog

from midwatch.server.model.alert import Alert
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError, StoreError, Unavailable
from midwatch.server.promql import Engine, QueryError, Result, Scalar, SeriesSource, Vector
from midwatch.server.promql.errors import QueryCanceledError, QueryTimeoutError
from midwatch.server.promql.floats import STALE
from midwatch.server.promql.histogram import FloatHistogram
from midwatch.server.promql.labels import EMPTY, NAME, Labels, make
from midwatch.server.rules.alerts import Change, Found, State, TooManyAlerts, Transition, advance, labels_of, series_of
from midwatch.server.rules.failure import RuleFailure, Unanswered
from midwatch.server.rules.fresh import Fresh, Overlaid, Value, Written
from midwatch.server.rules.held import limited
from midwatch.server.rules.model import AlertingRule, Group, Rule
from midwatch.server.rules.state import GroupState, RuleState
from midwatch.server.rules.templates import RuleTemplates, Surroundings

log = structlog.get_logger(__name__)

RULE_SECONDS_MAX = 30.0
"""How long the query of one rule may take."""


@runtime_checkable
class Answering(Protocol):
    """A source that can tell whether anybody is answered."""

    def answers(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class World:
    """What every evaluation needs."""

    engine: Engine
    clock: Clock
    templates: RuleTemplates = field(default_factory=lambda: RuleTemplates(Surroundings()))

    @property
    def surroundings(self) -> Surroundings:
        return self.templates.surroundings


@dataclass(slots=True)
class Outcome:
    """What came of a step."""

    samples: list[Written] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    answered: bool = True
    """False: the store did not, and what was not evaluated is still due."""
    alerts: list[Alert] = field(default_factory=list)
    """Those that ended with their rule: nobody would tell of them otherwise."""
    evaluated: int = 0
    """Rules."""

    def join(self, more: "Outcome") -> None:
        self.samples += more.samples
        self.transitions += more.transitions
        self.answered = self.answered and more.answered
        self.alerts += more.alerts
        self.evaluated += more.evaluated

    def add(self, group: Group, rule: Rule, changes: Sequence[Change], at_ms: int) -> None:
        for alert, before in changes:
            self.transitions.append(
                Transition(
                    at_ms,
                    rule.id,
                    group.file,
                    group.name,
                    alert.labels,
                    before,
                    alert.state,
                    alert.value,
                    alert.annotations,
                    alert.active_at_ms,
                    alert.fired_at_ms,
                )
            )


def evaluate(world: World, state: GroupState, source: SeriesSource, fresh: Fresh, at_ms: int, out: Outcome) -> None:
    """Bring a group to a time. Done twice for one time, the second changes nothing.

    Raises:
        Unanswered: the store did not answer; rules before are done, and the group is to be evaluated again.
    """
    group, began = state.group, world.clock.monotonic()
    made = 0
    for rule in state.rules:
        asking = _Asking(world, source, fresh, at_ms - group.query_offset_ms)
        samples = _rule(asking, state, rule, at_ms, out)
        made += len(samples)
        fresh.add(samples)
        out.samples += samples
    state.done_ms = at_ms
    state.iterations += 1
    state.seconds, state.samples = world.clock.monotonic() - began, made
    state.evaluated_ns = world.clock.now_ns()


def _rule(asking: "_Asking", state: GroupState, one: RuleState, at_ms: int, out: Outcome) -> list[Written]:
    group, began = state.group, asking.world.clock.monotonic()
    made: list[tuple[Labels, Value]] | None
    try:
        result = asking.result(one.rule)
        if isinstance(one.rule, AlertingRule):
            made = _alerts(asking, group, one, one.rule, result, at_ms, out)
        else:
            made = _recorded(one.rule, result, group.limit)
        one.health, one.error = "ok", ""
        one.warnings, one.infos = tuple(result.warnings), tuple(result.infos)
    except Unanswered as problem:
        if not asking.answers():
            raise
        made = None
        _failed(state, one, problem)
    except RuleFailure as problem:
        if isinstance(problem, TooManyAlerts):
            out.add(group, one.rule, problem.changes, at_ms)
        made = None
        _failed(state, one, problem)
    except Exception as problem:  # our own bug: told with its trace, and never the end of the rules after it
        log.exception("rules.evaluation_failed", group=group.key, rule=one.rule.name)
        made = None
        _failed(state, one, RuleFailure(f"cannot evaluate this: {type(problem).__name__}; the server's log says where"))
    state.evaluations += 1
    out.evaluated += 1
    one.evaluated_ms, one.seconds = at_ms, asking.world.clock.monotonic() - began
    if made is None:
        return []
    series = dict(made)
    ended = [(labels, STALE) for labels in one.written if labels not in series]
    one.written = set(series)
    return [Written(labels, asking.time_ms, value) for labels, value in (*made, *ended)]


def _failed(state: GroupState, one: RuleState, problem: RuleFailure) -> None:
    one.health, one.error = "err", str(problem)
    state.failures += 1


def _alerts(
    asking: "_Asking", group: Group, one: RuleState, rule: AlertingRule, result: Result, at_ms: int, out: Outcome
) -> list[tuple[Labels, Value]]:
    found = [_found(asking, rule, labels, value) for labels, value in _elements(result)]
    out.add(group, rule, advance(rule, one.active, found, at_ms, group.limit), at_ms)
    return [pair for alert in one.active.values() if alert.state is not State.INACTIVE for pair in series_of(alert)]


def _found(asking: "_Asking", rule: AlertingRule, labels: Labels, value: Value) -> Found:
    number = 0.0 if isinstance(value, FloatHistogram) else value
    plain = tuple(pair for pair in labels if pair[0] != NAME)
    named, told = (
        {name: asking.expanded(text, plain, number) for name, text in texts.items()}
        for texts in (rule.labels, rule.annotations)
    )
    return Found(labels_of(rule, labels, named), number, told)


def _recorded(rule: Rule, result: Result, limit: int) -> list[tuple[Labels, Value]]:
    changes = {**rule.labels, NAME: rule.name}
    made = [(make({**dict(labels), **changes}), value) for labels, value in _elements(result)]
    if len({labels for labels, _ in made}) < len(made):
        raise RuleFailure("vector contains metrics with the same labelset after applying rule labels")
    if limit and len(made) > limit:
        raise RuleFailure(f"exceeded limit of {limit} with {len(made)} series")
    return made


def _elements(result: Result) -> list[tuple[Labels, Value]]:
    match result.value:
        case Vector(samples):
            return [(one.labels, one.value) for one in samples]
        case Scalar(value):
            return [(EMPTY, value)]
    raise RuleFailure("rule result is not a vector or scalar")


class _Asking:
    """The questions of one rule at one time."""

    def __init__(self, world: World, source: SeriesSource, fresh: Fresh, time_ms: int) -> None:
        self.world, self.time_ms = world, time_ms
        until = world.clock.monotonic() + RULE_SECONDS_MAX
        self._over: Callable[[], bool] = lambda: world.clock.monotonic() > until
        self._below = limited(source, RULE_SECONDS_MAX)
        self._source = Overlaid(self._below, fresh)

    def result(self, rule: Rule) -> Result:
        """
        Raises:
            Unanswered: the store did not answer, or not in time.
            RuleFailure: the query has no answer.
        """
        engine = self.world.engine
        try:
            return engine.at(self._source, rule.expr, rule.query, self.time_ms, deadline=self._over)
        except (QueryTimeoutError, QueryCanceledError) as error:
            raise Unanswered(error.message) from None
        except StoreError as error:
            raise (RuleFailure if error.permanent else Unanswered)(error.message) from None
        except Unavailable as error:
            raise Unanswered(error.message) from None
        except QueryError as error:
            raise RuleFailure(error.message) from None

    def answers(self) -> bool:
        """Whether the store answers anybody: else that a rule had no answer is not its own failure."""
        return isinstance(self._below, Answering) and self._below.answers()

    def expanded(self, text: str, labels: Labels, value: float) -> str:
        return self.world.templates.expanded(text, labels, value, self._asked)

    def _asked(self, query: str) -> list[tuple[Labels, float]]:
        """What a template asks. Raises ValueError, which is shown in its place."""
        try:
            result = self.world.engine.instant(self._source, query, self.time_ms, deadline=self._over)
            found = _elements(result)
        except (MidwatchError, RuleFailure) as error:
            raise ValueError(str(error)) from None
        return [(labels, 0.0 if isinstance(value, FloatHistogram) else value) for labels, value in found]
