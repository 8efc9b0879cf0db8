"""`midwatch backtest`: when a rule would have fired over stored history, for how long, and who would have been told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from midwatch.server.alerting.configuration import Configuration
from midwatch.server.alerting.telling import Tell, by_receiver
from midwatch.server.promql import Engine, SeriesSource
from midwatch.server.rehearsal.replay import Moment, Replayed, replayed
from midwatch.server.rehearsal.told import Messages, told_of
from midwatch.server.rules.alerts import State
from midwatch.server.rules.model import AlertingRule, Group
from midwatch.server.rules.observed import Line, Observed, lines, observed
from midwatch.server.rules.templates import RuleTemplates

POINTS = 600
LINES_MAX = 20
SPANS_MAX = 5000


@dataclass(frozen=True, slots=True)
class Span:
    """One alert, from when its condition held. `fired_ms` None: it never fired; `end_ms` None: it is still there."""

    labels: Mapping[str, str]
    active_ms: int
    fired_ms: int | None
    end_ms: int | None
    value: float


@dataclass(frozen=True, slots=True)
class History:
    """What the store says; who would have been told is worked out of it."""

    query: str
    life: Replayed
    observed: Observed
    lines: tuple[Line, ...]
    more_lines: int


@dataclass(frozen=True, slots=True)
class Backtest:
    query: str
    start_ms: int
    end_ms: int
    history: History
    spans: tuple[Span, ...]
    told: Messages

    @property
    def fired(self) -> list[Span]:
        return [one for one in self.spans if one.fired_ms is not None]

    @property
    def firing_ms(self) -> int:
        """Of all its alerts together."""
        return sum((one.end_ms or self.end_ms) - one.fired_ms for one in self.spans if one.fired_ms is not None)

    @property
    def verdict(self) -> str:
        """What a lint would say: `never`, `always` or nothing."""
        if self.history.life.evaluations and self.history.life.held == self.history.life.evaluations:
            return "always"
        return "" if self.history.life.held else "never"


def history_of(
    engine: Engine,
    source: SeriesSource,
    group: Group,
    rule: AlertingRule,
    start_ms: int,
    end_ms: int,
    templates: RuleTemplates,
) -> History:
    """Blocks, and asks the source: for a thread.

    Raises:
        QueryError, RuleFailure: the rule itself fails.
    """
    life = replayed(engine, source, group, rule, start_ms, end_ms, templates)
    seen = observed(rule.expr)
    step = max(group.interval_ms, (end_ms - start_ms) // POINTS)
    found = lines(engine, source, seen.query, start_ms, end_ms, step)
    return History(rule.query, life, seen, tuple(found[:LINES_MAX]), max(0, len(found) - LINES_MAX))


async def backtested(
    history: History, configuration: Configuration, start_ms: int, end_ms: int, tell: Tell = by_receiver
) -> Backtest:
    told = await told_of(configuration, history.life.moments, end_ms, tell)
    spans = tuple(spans_of(history.life.moments))[:SPANS_MAX]
    return Backtest(history.query, start_ms, end_ms, history, spans, told)


def spans_of(moments: Sequence[Moment]) -> list[Span]:
    """In the order in which they began."""
    found: list[Span] = []
    open_: dict[str, int] = {}
    for one in moments:
        key = one.alert.fingerprint
        if one.before is State.INACTIVE:
            open_[key] = len(found)
            fired = one.at_ms if one.after is State.FIRING else None
            found.append(Span(one.alert.labels, one.at_ms, fired, None, one.value))
            continue
        at = open_[key]
        before = found[at]
        if one.after is State.FIRING:
            found[at] = Span(before.labels, before.active_ms, one.at_ms, None, one.value)
        else:
            found[at] = Span(before.labels, before.active_ms, before.fired_ms, one.at_ms, one.value)
            del open_[key]
    return found
