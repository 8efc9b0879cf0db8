"""What happened to alerts, as it is kept for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Happening(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    """A snooze ended while it still fired."""
    ASSIGNED = "assigned"
    SILENCED = "silenced"
    """A notification was due, and a silence held it back. Told once while it lasts; so with the next two."""
    INHIBITED = "inhibited"
    MUTED = "muted"
    """By an interval of time of its route."""
    NOTIFIED = "notified"


@dataclass(frozen=True, slots=True)
class Event:
    at_ns: int
    kind: Happening
    name: str
    """Of the rule: the alert's `alertname`."""
    fingerprint: str = ""
    """Empty where it is about a whole group."""
    labels: Mapping[str, str] = field(default_factory=dict)
    group_key: str = ""
    receiver: str = ""
    by: str = ""
    comment: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
