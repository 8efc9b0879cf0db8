"""A rule over a stretch of time: its condition by ranges, and then the life of its alerts, evaluation by evaluation.

The life is that of `rules`; only where its condition comes from differs. So weeks take seconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from midwatch.server.model.alert import Alert
from midwatch.server.promql import Engine, Matrix, SeriesSource
from midwatch.server.promql.labels import NAME, Labels
from midwatch.server.rules.alerts import Active, Change, Found, State, advance, labels_of
from midwatch.server.rules.model import AlertingRule, Group
from midwatch.server.rules.templates import RuleTemplates

STEPS_AT_ONCE = 5000
MS_TO_NS = 1_000_000
FOR_EVER_NS = 2**62


@dataclass(frozen=True, slots=True)
class Moment:
    """An alert that changed: what receivers are told of it then. Pending ones they are not told of."""

    at_ms: int
    before: State
    after: State
    alert: Alert
    value: float


@dataclass(slots=True)
class Replayed:
    moments: list[Moment] = field(default_factory=list)
    evaluations: int = 0
    held: int = 0
    """Evaluations at which the condition held."""
    active: int = 0
    """Alerts that were pending or firing at the end."""


def replayed(
    engine: Engine,
    source: SeriesSource,
    group: Group,
    rule: AlertingRule,
    start_ms: int,
    end_ms: int,
    templates: RuleTemplates,
) -> Replayed:
    """As if the rule had been evaluated each interval from start to end. Blocks: for a thread.

    Raises:
        QueryError: the condition cannot be evaluated.
        RuleFailure: it cannot be made into alerts, such as two of the same labels.
    """
    found = Replayed()
    alerts: Active = {}
    step_ms = group.interval_ms
    for at_ms, elements in _over(engine, source, rule, start_ms, end_ms, step_ms):
        found.evaluations += 1
        found.held += bool(elements)
        if not elements and not alerts:
            continue
        made = [_found(templates, rule, labels, value) for labels, value in elements]
        found.moments += [_moment(one, at_ms) for one in advance(rule, alerts, made, at_ms, group.limit)]
    found.active = sum(one.active for one in alerts.values())
    return found


def _over(
    engine: Engine, source: SeriesSource, rule: AlertingRule, start_ms: int, end_ms: int, step_ms: int
) -> Iterator[tuple[int, Sequence[tuple[Labels, float]]]]:
    for first in range(start_ms, end_ms + 1, STEPS_AT_ONCE * step_ms):
        last = min(end_ms, first + (STEPS_AT_ONCE - 1) * step_ms)
        matrix = engine.range(source, rule.query, first, last, step_ms).value
        assert isinstance(matrix, Matrix)
        by_time: dict[int, list[tuple[Labels, float]]] = {}
        for points in matrix.series:
            for at_ms, value in zip(points.times_ms.tolist(), points.values.tolist(), strict=True):
                by_time.setdefault(at_ms, []).append((points.labels, value))
            for at_ms in points.histogram_times_ms:
                by_time.setdefault(at_ms, []).append((points.labels, 0.0))
        for at_ms in range(first, last + 1, step_ms):
            yield at_ms, by_time.get(at_ms, ())


def _found(templates: RuleTemplates, rule: AlertingRule, labels: Labels, value: float) -> Found:
    plain = tuple(pair for pair in labels if pair[0] != NAME)
    named, told = (
        {name: templates.expanded(text, plain, value, _not_asked) for name, text in texts.items()}
        for texts in (rule.labels, rule.annotations)
    )
    return Found(labels_of(rule, labels, named), value, told)


def _not_asked(_query: str) -> list[tuple[Labels, float]]:
    raise ValueError("queries in templates are not asked in rehearsals")


def _moment(change: Change, at_ms: int) -> Moment:
    alert, before = change
    resolved = alert.state is State.INACTIVE
    began = alert.fired_at_ms or alert.active_at_ms
    told = Alert(
        labels=dict(alert.labels),
        annotations=dict(alert.annotations),
        starts_at_ns=began * MS_TO_NS,
        ends_at_ns=at_ms * MS_TO_NS if resolved else FOR_EVER_NS,
        updated_at_ns=at_ms * MS_TO_NS,
    )
    return Moment(at_ms, before, alert.state, told, alert.value)
