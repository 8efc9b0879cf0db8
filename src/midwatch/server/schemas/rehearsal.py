"""Drills and backtests."""

from typing import Literal

from pydantic import Field

from midwatch.server.schemas.base import Schema


class DrillRequest(Schema):
    alert: str = Field(max_length=300)
    """A rule's id, or the name of an alert that one rule has."""
    at: str | None = None
    """When its incident begins, by the virtual clock (RFC 3339); none: now."""
    hold_seconds: float = Field(default=1800.0, ge=0, le=86_400)
    """How long the incident goes on after the alert fires."""


class RehearsalPoint(Schema):
    at: float
    """Seconds since the epoch."""
    value: float


class RehearsalLine(Schema):
    labels: dict[str, str]
    points: list[RehearsalPoint]


class Watched(Schema):
    """What the rule looks at, and what it compares that with."""

    query: str
    operator: str | None
    threshold: float | None
    lines: list[RehearsalLine]
    more_lines: int


class RehearsalMessage(Schema):
    """A notification that would go out."""

    at: str
    receiver: str
    integration: str
    reason: str
    firing: int
    resolved: int
    group_labels: dict[str, str]
    summary: str


class DrillEntry(Schema):
    at: str
    after_seconds: float
    """Since the incident began."""
    kind: Literal["incident", "pending", "firing", "notified", "over", "resolved"]
    text: str
    receiver: str
    integration: str


class MadeUpSeries(Schema):
    labels: dict[str, str]
    kind: Literal["gauge", "counter", "age"]
    calm: float | None
    """None: there is no such series."""
    incident: float | None


class DrillAnswer(Schema):
    alert: str
    rule_id: str
    query: str
    passed: bool
    """It fired, was told of, and was over again."""
    fired: bool
    resolved: bool
    told: list[str]
    start: str
    end: str
    entries: list[DrillEntry]
    messages: list[RehearsalMessage]
    series: list[MadeUpSeries]
    watched: Watched


class BacktestRequest(Schema):
    alert: str | None = Field(default=None, max_length=300)
    """A rule in force, by id or name."""
    rule: str | None = Field(default=None, max_length=65_536)
    """Or the text of a rule file with one."""
    start: str
    end: str | None = None
    threshold: float | None = None
    """Another number than the rule compares with."""


class BacktestSpan(Schema):
    labels: dict[str, str]
    active_at: str
    fired_at: str | None
    ended_at: str | None
    value: float


class BacktestAnswer(Schema):
    alert: str
    query: str
    start: str
    end: str
    evaluations: int
    fired: int
    pending_only: int
    firing_seconds: float
    verdict: Literal["", "never", "always"]
    """Whether its condition held never, or always: a threshold that nothing passes, or everything."""
    spans: list[BacktestSpan]
    messages: list[RehearsalMessage]
    more_messages: int
    messages_until: str | None
    """None: they are of the whole stretch; else until when they were worked out, since there are too many."""
    watched: Watched


class RehearsedRule(Schema):
    rule_id: str
    alert: str
    group: str
    file: str
    severity: str
    drilled_at: str | None
    drilled_by: str | None
    passed: bool | None
    told: list[str]
    changed: bool
    """The rule is another than the one that was rehearsed."""


class RehearsedRules(Schema):
    rules: list[RehearsedRule]
    never: int
