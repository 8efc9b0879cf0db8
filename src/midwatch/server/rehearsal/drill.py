"""`midwatch drill`: an alert lives its whole life on a virtual clock, and everybody is told of whom nobody is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from midwatch.server.alerting.configuration import Configuration
from midwatch.server.alerting.telling import Tell, by_receiver
from midwatch.server.model.notification import Notification
from midwatch.server.promql import Engine
from midwatch.server.rehearsal.courses import STEP_MS, Course, Incident, Sketch
from midwatch.server.rehearsal.replay import MS_TO_NS, Moment, Replayed, replayed
from midwatch.server.rehearsal.synthesis import Found, NotFound, synthesised
from midwatch.server.rehearsal.told import told_of
from midwatch.server.rules.alerts import State
from midwatch.server.rules.lint.alerts import shown_labels
from midwatch.server.rules.model import AlertingRule, Group
from midwatch.server.rules.observed import Line, Observed, lines, observed
from midwatch.server.rules.schedule import last_due
from midwatch.server.rules.templates import RuleTemplates

HOLD_MS = 1_800_000
"""How long an incident goes on after the alert fires, so that what climbs is seen to climb."""
POINTS_MAX = 500
LINES_MAX = 20
TAIL_FACTOR = 2
EntryKind = Literal["incident", "pending", "firing", "notified", "over", "resolved"]


@dataclass(frozen=True, slots=True)
class Entry:
    at_ms: int
    kind: EntryKind
    text: str
    receiver: str = ""
    integration: str = ""


@dataclass(frozen=True, slots=True)
class Drill:
    rule: str
    start_ms: int
    end_ms: int
    courses: tuple[Course, ...]
    entries: tuple[Entry, ...]
    notifications: tuple[Notification, ...]
    observed: Observed
    lines: tuple[Line, ...]
    fired: bool
    resolved: bool

    @property
    def passed(self) -> bool:
        """It fired, somebody was told, and it was over again."""
        return self.fired and self.resolved and bool(self.notifications)

    @property
    def told(self) -> list[str]:
        """Receivers, in the order in which they were told first."""
        return list(dict.fromkeys(one.integration.receiver for one in self.notifications))


@dataclass(frozen=True, slots=True)
class _Times:
    start_ms: int
    incident: Incident
    end_ms: int


async def drilled(
    group: Group,
    rule: AlertingRule,
    configuration: Configuration,
    engine: Engine,
    templates: RuleTemplates,
    *,
    at_ms: int,
    hold_ms: int = HOLD_MS,
    tell: Tell = by_receiver,
) -> Drill:
    """The whole life of an alert whose incident begins at `at_ms`, a time of the virtual clock.

    Raises:
        NotFound: no series could be made up under which it fires.
        QueryError, RuleFailure: the rule itself fails.
    """
    found = synthesised(engine, rule.expr, rule.query, shown_labels(rule))
    times = _times(group, rule, configuration, found, at_ms, hold_ms)
    sketch = Sketch(found.courses, times.incident.start_ms - found.reach_ms, times.end_ms, times.incident)
    life = replayed(engine, sketch, group, rule, times.start_ms, times.end_ms, templates)
    told = await told_of(configuration, life.moments, times.end_ms, tell)
    seen = observed(rule.expr)
    step_ms = max(STEP_MS, (times.end_ms - times.start_ms) // POINTS_MAX)
    return Drill(
        rule=rule.name,
        start_ms=times.start_ms,
        end_ms=times.end_ms,
        courses=found.courses,
        entries=tuple(_entries(times.incident, life, told.notifications)),
        notifications=told.notifications,
        observed=seen,
        lines=tuple(lines(engine, sketch, seen.query, times.start_ms, times.end_ms, step_ms)[:LINES_MAX]),
        fired=any(one.after is State.FIRING for one in life.moments),
        resolved=any(one.before is State.FIRING for one in life.moments),
    )


def _times(
    group: Group, rule: AlertingRule, configuration: Configuration, found: Found, at_ms: int, hold_ms: int
) -> _Times:
    step = group.interval_ms
    waits = [one.options for one in configuration.root.walk()]
    wait_ms = max(one.group_wait_ns + one.group_interval_ns for one in waits) // MS_TO_NS
    start_ms = last_due(group, at_ms - 2 * step)
    end_ms = at_ms + found.fills_ms + rule.for_ms + 2 * step + max(hold_ms, wait_ms)
    tail_ms = found.fills_ms + rule.keep_firing_for_ms + TAIL_FACTOR * (step + wait_ms)
    return _Times(start_ms, Incident(at_ms, end_ms), end_ms + tail_ms)


def _entries(incident: Incident, life: Replayed, notifications: Sequence[Notification]) -> list[Entry]:
    entries = [
        Entry(incident.start_ms, "incident", "the incident begins"),
        Entry(incident.end_ms, "over", "the incident is over"),
        *(one for moment in life.moments if (one := _of_moment(moment)) is not None),
        *(_of_notification(one) for one in notifications),
    ]
    return sorted(entries, key=lambda one: one.at_ms)


def _of_moment(moment: Moment) -> Entry | None:
    labels = ", ".join(f'{name}="{value}"' for name, value in sorted(moment.alert.labels.items()))
    match moment.after:
        case State.PENDING:
            return Entry(moment.at_ms, "pending", f"pending: {labels}")
        case State.FIRING:
            return Entry(moment.at_ms, "firing", f"firing: {labels}")
        case State.INACTIVE if moment.before is State.FIRING:
            return Entry(moment.at_ms, "resolved", f"resolved: {labels}")
    return None


def _of_notification(one: Notification) -> Entry:
    parts = [f"{len(one.firing)} firing"] if one.firing else []
    parts += [f"{len(one.resolved)} resolved"] if one.resolved else []
    text = f"{one.integration.receiver} is told by {one.integration.kind}: {', '.join(parts)} ({one.reason})"
    return Entry(one.at_ns // MS_TO_NS, "notified", text, one.integration.receiver, str(one.integration))


__all__ = ["Drill", "Entry", "NotFound", "drilled"]
