"""Every rule in force, on a clock that somebody else has: which groups are due, and what they come to.

A step does all that is due up to the time that queries can see, oldest first. What was due while they saw nothing new
is done when they do, each for its own time: an alert that should have fired meanwhile has fired then, from when it
should have, and no rule ever sees the silence of a store that is behind as the silence of a service.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace

from midwatch.server.model.alert import Alert
from midwatch.server.promql import SeriesSource
from midwatch.server.promql.floats import STALE
from midwatch.server.rules.alerts import ActiveAlert, ended, is_owed, told
from midwatch.server.rules.evaluation import Outcome, World, evaluate
from midwatch.server.rules.failure import Unanswered
from midwatch.server.rules.fresh import Fresh, Written
from midwatch.server.rules.held import hold
from midwatch.server.rules.model import AlertingRule, Group, RuleSet
from midwatch.server.rules.needs import Need, needs
from midwatch.server.rules.schedule import last_due
from midwatch.server.rules.state import GroupState, RuleState

RUNBOOK, RUNBOOK_URL = "runbook", "runbook_url"
"""Annotations: a name of the plan's `runbooks/`, and where whoever is told finds it."""
CATCH_UP_MS = 3_600_000
"""What was due longer ago is missed, and counted: a condition of an hour ago is history."""


@dataclass(frozen=True, slots=True)
class Due:
    at_ms: int
    state: GroupState


@dataclass(frozen=True, slots=True)
class Remembered:
    """An alert as it was before a restart."""

    rule_id: str
    alert: ActiveAlert


class Evaluator:
    """One at a time may `load` or `step`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rules = RuleSet()
        self.groups: dict[str, GroupState] = {}
        self.fresh = Fresh()

    def reset(self) -> None:
        """Know nothing any more: another server has evaluated since."""
        self.rules, self.groups, self.fresh = RuleSet(), {}, Fresh()

    def load(self, rules: RuleSet, now_ms: int) -> Outcome:
        """Put rules in force. What is there already keeps its state; of what is gone, series and alerts end now."""
        before, out = self.groups, Outcome()
        known = [(state.group, one) for state in before.values() for one in state.rules]
        by_id = {one.rule.id: one for _, one in known}
        self.rules, self.groups = rules, {}
        for group in rules.groups:
            kept = [by_id.pop(rule.id) if rule.id in by_id else RuleState(rule) for rule in group.rules]
            for one, rule in zip(kept, group.rules, strict=True):
                one.rule = rule
            old = before.get(group.key)
            if old is None or old.group.interval_ms != group.interval_ms:
                self.groups[group.key] = GroupState(group, kept, last_due(group, now_ms))
            else:
                old.group, old.rules = group, kept
                self.groups[group.key] = old
        for group, one in known:
            if one.rule.id in by_id:
                self._end(group, one, now_ms, out)
        return out

    def restore(self, remembered: Iterable[Remembered], down_ms: int | None, now_ms: int) -> None:
        """Take over alerts from before a restart; `down_ms` is when rules were last evaluated.

        A pending alert does not count the time in which nobody looked, as in Prometheus.
        """
        by_id = {one.rule.id: one for state in self.groups.values() for one in state.rules}
        gap_ms = 0 if down_ms is None else max(0, now_ms - down_ms)
        for one in remembered:
            state, alert = by_id.get(one.rule_id), one.alert
            if state is None or alert.labels in state.active:
                continue
            if alert.fired_at_ms is None:
                alert.active_at_ms += gap_ms
            state.active[alert.labels] = alert

    def show(self, alerts: Iterable[Remembered]) -> None:
        """Have these alerts and no others: those of the server that evaluates, on one that does not."""
        for state in self.groups.values():
            for one in state.rules:
                one.active = {}
        self.restore(alerts, None, 0)

    def due(self, now_ms: int, visible_ms: int, leave: Container[str] = ()) -> list[Due]:
        """What can be evaluated now, oldest first, but for groups that are to be left. What is too long ago is counted
        as missed.
        """
        found = []
        for state in (state for key, state in self.groups.items() if key not in leave):
            until = min(now_ms, visible_ms + state.group.query_offset_ms)
            oldest = until - CATCH_UP_MS
            if state.due_ms < oldest:
                skipped = (oldest - state.due_ms) // state.group.interval_ms + 1
                state.missed += skipped
                state.done_ms += skipped * state.group.interval_ms
            found += [Due(at_ms, state) for at_ms in range(state.due_ms, until + 1, state.group.interval_ms)]
        return sorted(found, key=lambda one: (one.at_ms, one.state.group.key))

    def step(self, source: SeriesSource, now_ms: int, visible_ms: int | None = None) -> Outcome:
        """Evaluate all that is due. `visible_ms`: up to when the source has everything; it never looks past it."""
        visible_ms = now_ms if visible_ms is None else visible_ms
        return self.evaluate(source, self.due(now_ms, visible_ms), visible_ms)

    def evaluate(self, source: SeriesSource, due: Iterable[Due], visible_ms: int) -> Outcome:
        """Some of what is due."""
        self.fresh.forget(visible_ms)
        out, due = Outcome(), list(due)
        held = hold(source, self._needs(due))
        for one in due:
            if one.at_ms != one.state.due_ms:
                continue
            try:
                evaluate(self.world, one.state, held, self.fresh, one.at_ms, out)
            except Unanswered:
                # Nobody would be answered now: all that is left is due still.
                out.answered = False
                break
        return out

    def _needs(self, due: Iterable[Due]) -> Iterator[Need]:
        lookback_ms = self.world.engine.options.lookback_ms
        for one in due:
            time_ms = one.at_ms - one.state.group.query_offset_ms
            for rule in one.state.rules:
                yield from needs(rule.rule.expr, time_ms, lookback_ms)

    def waiting_since_ms(self, now_ms: int, *, store_answers: bool) -> int:
        """Since when groups wait for a store that does not answer; now, where it does."""
        if store_answers:
            return now_ms
        return min([now_ms, *(state.due_ms for state in self.groups.values())])

    def next_due_ms(self) -> int | None:
        """When the next group is due, by its own time."""
        return min((one.due_ms for one in self.groups.values()), default=None)

    def owed(self, now_ms: int) -> list[Alert]:
        """Alerts that receivers are to be told of now. They count as told: `not_told` takes that back."""
        found = []
        for state, rule, alert in self._alerts():
            if is_owed(alert, now_ms):
                alert.sent_at_ms = now_ms
                found.append(self._told(state.group, rule, alert, now_ms))
        return found

    def not_told(self) -> None:
        """Telling failed: all of them are owed again."""
        for _, _, alert in self._alerts():
            alert.sent_at_ms = None

    def _alerts(self) -> Iterable[tuple[GroupState, RuleState, ActiveAlert]]:
        for state in self.groups.values():
            for rule in state.rules:
                for alert in list(rule.active.values()):
                    yield state, rule, alert

    def _told(self, group: Group, rule: RuleState, alert: ActiveAlert, now_ms: int) -> Alert:
        outside = self.world.surroundings
        link = outside.whole_link(rule.rule.query)
        made = told(alert, now_ms, group.interval_ms, outside.external_labels, link)
        runbook = made.annotations.get(RUNBOOK)
        if not runbook or RUNBOOK_URL in made.annotations:
            return made
        url = runbook if "://" in runbook else outside.runbook_link(runbook, made.fingerprint)
        return replace(made, annotations={**made.annotations, RUNBOOK_URL: url})

    def _end(self, group: Group, one: RuleState, now_ms: int, out: Outcome) -> None:
        """A rule that is no more."""
        out.samples += [Written(labels, now_ms, STALE) for labels in one.written]
        if not isinstance(one.rule, AlertingRule):
            return
        changes = ended(one.active, now_ms)
        out.add(group, one.rule, changes, now_ms)
        out.alerts += [
            self._told(group, one, alert, now_ms) for alert, _ in changes if alert.resolved_at_ms is not None
        ]
