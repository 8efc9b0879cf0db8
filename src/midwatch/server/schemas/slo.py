"""Objectives and their budgets."""

from typing import Literal

from midwatch.server.schemas.base import Schema


class SloSummary(Schema):
    id: str
    service: str
    name: str
    description: str
    target: float
    """Share of good events, from 0 to 1."""
    window_seconds: float
    file: str
    labels: dict[str, str]
    budget_left: float | None
    """Share of the budget, below 0 where it is overspent; none: nothing was recorded yet."""
    burn_rate: float | None
    """Now; 1 is as fast as evenly over the window."""
    period_burn_rate: float | None


class SloList(Schema):
    objectives: list[SloSummary]


class SloBurn(Schema):
    urgency: Literal["page", "ticket"]
    long: str
    short: str
    factor: float
    long_burn: float | None
    short_burn: float | None
    alerts: bool


class SloInterval(Schema):
    start: str
    end: str


class SloPoint(Schema):
    at: float
    """Seconds since the epoch."""
    left: float


class SloReport(Schema):
    objective: SloSummary
    error_ratio: float | None
    """Of the whole window, counted by events; none: nothing happened."""
    budget_left: float | None
    excluded_seconds: float
    """Maintenance, which does not count."""
    excluded: list[SloInterval]
    burns: list[SloBurn]
    history: list[SloPoint]
    rules: str
    """As a rule file."""
