"""One service level objective, whichever form it was written in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from midwatch.contract.duration import format_duration

WINDOW = "{{.window}}"
"""Where a query of an indicator has the length of its window; spaces within the braces are allowed in files."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Bad events and all events, each a query over a window."""

    errors: str
    total: str

    def over(self, window: str) -> tuple[str, str]:
        return self.errors.replace(WINDOW, window), self.total.replace(WINDOW, window)

    def error_ratio(self, window: str) -> str:
        errors, total = self.over(window)
        return f"({errors})\n/\n({total})"


@dataclass(frozen=True, slots=True)
class RawRatio:
    """The share of bad events as one query over a window, from 0 to 1."""

    query: str

    def error_ratio(self, window: str) -> str:
        return f"({self.query.replace(WINDOW, window)})"


Indicator = Ratio | RawRatio


@dataclass(frozen=True, slots=True)
class BurnAlert:
    """What the alert of one urgency has besides; None in its place: there is no such alert."""

    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Objective:
    service: str
    name: str
    target: float
    """Share of good events, between 0 and 1."""
    indicator: Indicator
    window_seconds: float = 30 * 86400.0
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    alert_name: str = ""
    alert_labels: Mapping[str, str] = field(default_factory=dict)
    alert_annotations: Mapping[str, str] = field(default_factory=dict)
    page: BurnAlert | None = field(default_factory=BurnAlert)
    ticket: BurnAlert | None = field(default_factory=BurnAlert)
    file: str = ""

    @property
    def id(self) -> str:
        """One of its own among all objectives, as Sloth makes it."""
        return f"{self.service}-{self.name}"

    @property
    def budget(self) -> float:
        """Share of events that may be bad."""
        return round(1 - self.target, 12)

    @property
    def window(self) -> str:
        return format_duration(self.window_seconds)

    @property
    def days(self) -> float:
        return self.window_seconds / 86400
