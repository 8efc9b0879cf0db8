"""Groups of alerts, and what becomes of one when its time has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from midwatch.server.alerting.route import Route
from midwatch.server.model.alert import Alert
from midwatch.server.protocols.alertmanager.matchers import labels_text

GroupId = tuple[str, str]
"""A route's id and the text of the group's labels."""
_FIRST_LABELS = ("job", "instance")


@dataclass(slots=True)
class Group:
    route: Route
    labels: Mapping[str, str]
    next_ns: int
    """When it is looked at next."""
    alerts: dict[str, Alert] = field(default_factory=dict)
    """By fingerprint."""
    climbs_ns: int = 0
    """Since when somebody is looked for who acknowledges it; 0: nobody is."""

    @property
    def id(self) -> GroupId:
        return self.route.id, labels_text(dict(self.labels))

    @property
    def key(self) -> str:
        """As Alertmanager writes it: `{}/{severity="page"}:{alertname="Down"}`."""
        return f"{self.route.key}:{labels_text(dict(self.labels))}"


@dataclass(frozen=True, slots=True)
class Held:
    """Why an alert of a group is not told of now."""

    why: str
    """`inhibited`, `muted`, `silenced`, `snoozed`."""
    by: tuple[str, ...]
    """The inhibiting alert, names of intervals, ids of silences, who snoozed it."""


@dataclass(slots=True)
class Flush:
    """One look at a group: its alerts at one moment, and which of them are held back."""

    group: Group
    now_ns: int
    alerts: list[Alert]
    """In the order in which they are told of."""
    held: dict[str, Held] = field(default_factory=dict)
    """By fingerprint."""
    acknowledged: frozenset[str] = frozenset()
    """Fingerprints of those that fire and that somebody is at."""

    @property
    def resolved(self) -> list[Alert]:
        return [alert for alert in self.alerts if alert.resolved(self.now_ns)]


def in_order(alert: Alert) -> tuple[object, ...]:
    """By job, instance, then all labels, as Alertmanager sorts; those that have no job come last."""
    first = tuple((name not in alert.labels, alert.labels.get(name, "")) for name in _FIRST_LABELS)
    return (*first, len(alert.labels), sorted(alert.labels.items()))
