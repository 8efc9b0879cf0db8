"""An alert's life: inactive → pending → firing → resolved, as Prometheus has it (rules/alerting.go of 3.x). Pure."""

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from enum import StrEnum

from midwatch.server.model.alert import ALERT_NAME, Alert
from midwatch.server.promql.labels import NAME, Labels, make
from midwatch.server.rules.failure import RuleFailure
from midwatch.server.rules.model import AlertingRule

RESOLVED_KEPT_MS = 15 * 60_000
"""For so long a resolved alert is told again, should a receiver have missed it."""
RESEND_MS = 60_000
ALIVE_FACTOR = 4
"""An alert that is not told again for so many times the longer of interval and RESEND_MS counts as resolved."""
ALERTS, ALERTS_FOR_STATE = "ALERTS", "ALERTS_FOR_STATE"


class TooManyAlerts(RuleFailure):
    """A rule has more alerts than its group allows; `changes` are those that ended by it."""

    def __init__(self, message: str, changes: "list[Change]") -> None:
        super().__init__(message)
        self.changes = changes


class State(StrEnum):
    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"


@dataclass(slots=True)
class ActiveAlert:
    """One label set of one rule. Inactive means that it was firing and is resolved."""

    labels: Labels
    active_at_ms: int
    value: float = 0.0
    annotations: Mapping[str, str] = field(default_factory=dict)
    state: State = State.PENDING
    fired_at_ms: int | None = None
    resolved_at_ms: int | None = None
    keep_firing_since_ms: int | None = None
    sent_at_ms: int | None = None

    @property
    def active(self) -> bool:
        return self.state is not State.INACTIVE


@dataclass(frozen=True, slots=True)
class Found:
    """An element of the rule's result, with labels and annotations as the alert has them."""

    labels: Labels
    value: float
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state, as it is kept for ever."""

    at_ms: int
    rule_id: str
    file: str
    group: str
    labels: Labels
    before: State
    after: State
    value: float
    annotations: Mapping[str, str]
    active_at_ms: int
    fired_at_ms: int | None

    @property
    def alert_name(self) -> str:
        return dict(self.labels).get(ALERT_NAME, "")


Active = MutableMapping[Labels, ActiveAlert]
Change = tuple[ActiveAlert, State]
"""An alert and the state that it left."""


def labels_of(rule: AlertingRule, element: Labels, expanded: Mapping[str, str]) -> Labels:
    """An element's labels without its name, under the rule's own."""
    return make({**dict(element), NAME: "", **expanded, ALERT_NAME: rule.name})


def advance(rule: AlertingRule, active: Active, found: Iterable[Found], at_ms: int, limit: int = 0) -> list[Change]:
    """Bring the rule's alerts to a time, and say what changed.

    Raises:
        TooManyAlerts: more than the limit, and none is left.
        RuleFailure: two of the same labels; nothing changes.
    """
    there: dict[Labels, Found] = {}
    for one in found:
        if one.labels in there:
            raise RuleFailure("vector contains metrics with the same labelset after applying alert labels")
        there[one.labels] = one
    new = set()
    for labels, one in there.items():
        alert = active.get(labels)
        if alert is not None and alert.active:
            alert.value, alert.annotations = one.value, one.annotations
        else:
            active[labels] = ActiveAlert(labels, at_ms, one.value, one.annotations)
            new.add(labels)
    changes: list[Change] = []
    counted = 0
    for labels, alert in list(active.items()):
        before = State.INACTIVE if labels in new else alert.state
        if labels in there or _stays(rule, alert, at_ms):
            counted += 1
            if labels in there:
                alert.keep_firing_since_ms = None
            if alert.state is State.PENDING and at_ms - alert.active_at_ms >= rule.for_ms:
                alert.state, alert.fired_at_ms = State.FIRING, at_ms
        else:
            _end(active, labels, alert, at_ms)
        if alert.state is not before:
            changes.append((alert, before))
    if limit and counted > limit:
        raise TooManyAlerts(f"exceeded limit of {limit} with {counted} alerts", ended(active, at_ms))
    return changes


def ended(active: Active, at_ms: int) -> list[Change]:
    """Forget all alerts of a rule, and say which of them that ended."""
    changes: list[Change] = []
    for alert in active.values():
        before, alert.state = alert.state, State.INACTIVE
        if before is State.FIRING:
            alert.resolved_at_ms = at_ms
        if before is not State.INACTIVE:
            changes.append((alert, before))
    active.clear()
    return changes


def _stays(rule: AlertingRule, alert: ActiveAlert, at_ms: int) -> bool:
    """Whether an alert whose condition no longer holds is kept firing."""
    if alert.state is not State.FIRING or rule.keep_firing_for_ms == 0:
        return False
    if alert.keep_firing_since_ms is None:
        alert.keep_firing_since_ms = at_ms
    return at_ms - alert.keep_firing_since_ms < rule.keep_firing_for_ms


def _end(active: Active, labels: Labels, alert: ActiveAlert, at_ms: int) -> None:
    if alert.state is State.PENDING:
        alert.state = State.INACTIVE
        del active[labels]
        return
    if alert.resolved_at_ms is not None and at_ms - alert.resolved_at_ms > RESOLVED_KEPT_MS:
        del active[labels]
    if alert.state is State.FIRING:
        alert.state, alert.resolved_at_ms = State.INACTIVE, at_ms


def is_owed(alert: ActiveAlert, now_ms: int) -> bool:
    """Whether receivers are to be told of it now: at once of a change, and again every RESEND_MS."""
    if alert.state is State.PENDING:
        return False
    if alert.sent_at_ms is None:
        return True
    if alert.resolved_at_ms is not None and alert.resolved_at_ms > alert.sent_at_ms:
        return True
    return now_ms - alert.sent_at_ms >= RESEND_MS


def told(alert: ActiveAlert, now_ms: int, interval_ms: int, external: Mapping[str, str], generator_url: str) -> Alert:
    """What receivers are told of it. The alert's own labels go before the server's."""
    ends_ms = alert.resolved_at_ms
    if ends_ms is None:
        ends_ms = now_ms + ALIVE_FACTOR * max(interval_ms, RESEND_MS)
    return Alert(
        labels={**external, **dict(alert.labels)},
        annotations=dict(alert.annotations),
        starts_at_ns=(alert.fired_at_ms or alert.active_at_ms) * 1_000_000,
        ends_at_ns=ends_ms * 1_000_000,
        updated_at_ns=now_ms * 1_000_000,
        generator_url=generator_url,
    )


def series_of(alert: ActiveAlert) -> list[tuple[Labels, float]]:
    """`ALERTS` and `ALERTS_FOR_STATE` of one alert."""
    labels = dict(alert.labels)
    return [
        (make({**labels, NAME: ALERTS, "alertstate": alert.state.value}), 1.0),
        (make({**labels, NAME: ALERTS_FOR_STATE}), float(alert.active_at_ms // 1000)),
    ]
