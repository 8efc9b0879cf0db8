"""What one receiver is told about one group of alerts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from midwatch.server.model.alert import Alert


class Reason(StrEnum):
    """Why a notification goes out; Alertmanager's `notification_reason`, and our own kinds after it."""

    FIRST = "first_notification"
    NEW_ALERTS = "new_alerts_in_group"
    NEW_RESOLVED = "new_resolved_alerts"
    ALL_RESOLVED = "all_alerts_resolved"
    REPEAT = "repeat_interval_elapsed"
    ESCALATION = "escalation"
    DIGEST = "digest"
    DRILL = "drill"
    ACKNOWLEDGED = "acknowledged"
    """Somebody is at it; said to those who keep a state of their own. Counts as nothing that was told."""


@dataclass(frozen=True, slots=True)
class Integration:
    """One way of one receiver: `slack_configs[1]` of `oncall` is ("oncall", "slack", 1)."""

    receiver: str
    kind: str
    index: int = 0

    def __str__(self) -> str:
        return f"{self.receiver}/{self.kind}[{self.index}]"


@dataclass(frozen=True, slots=True)
class Notification:
    """One message that is owed: to one integration, about one group, at one time."""

    integration: Integration
    group_key: str
    """As Alertmanager writes it: `{}/{severity="page"}:{alertname="Down"}`."""
    group_labels: Mapping[str, str]
    firing: tuple[Alert, ...]
    resolved: tuple[Alert, ...]
    reason: Reason
    at_ns: int
    context: Mapping[str, str] = field(default_factory=dict)
    """What a message shows beside the alerts: the step of an escalation, whose turn it is, the drill it belongs to."""

    @property
    def alerts(self) -> tuple[Alert, ...]:
        return (*self.firing, *self.resolved)
