"""Rules, their alerts, and the history of these."""

from typing import Literal

from midwatch.server.schemas.base import Page, Schema

RuleKind = Literal["alerting", "recording"]
RuleStateName = Literal["inactive", "pending", "firing"]
RuleHealth = Literal["unknown", "ok", "err"]


class RuleAlert(Schema):
    """A label set of a rule that is pending or firing. Labels have the rule's own and `alertname`."""

    fingerprint: str
    state: RuleStateName
    labels: dict[str, str]
    annotations: dict[str, str]
    value: str
    """As Prometheus writes numbers; `NaN` and `+Inf` are possible."""
    active_at: str
    fired_at: str | None
    keep_firing_since: str | None
    """Since when its condition no longer holds, while `keep_firing_for` keeps it."""


class RuleSummary(Schema):
    id: str
    """The same for as long as file, group, kind, name and labels of the rule are."""
    kind: RuleKind
    name: str
    query: str
    """PromQL."""
    written_as: str
    """The convenience that the query was made of, such as `threshold`; empty where the file has PromQL."""
    labels: dict[str, str]
    annotations: dict[str, str]
    for_seconds: float
    keep_firing_for_seconds: float
    line: int
    """In the group's file."""
    state: RuleStateName
    health: RuleHealth
    error: str
    """Why the last evaluation failed; empty where it did not."""
    warnings: list[str]
    """Of the last evaluation, as a query has them."""
    evaluated_at: str | None
    """The time that the last evaluation was for."""
    evaluation_seconds: float
    pending: int
    firing: int


class RuleGroup(Schema):
    file: str
    name: str
    built_in: bool
    """Midwatch's own, about the rules themselves."""
    interval_seconds: float
    query_offset_seconds: float
    limit: int
    evaluated_at: str | None
    """When its last evaluation was done."""
    evaluation_seconds: float
    next_due: str
    missed: int
    """Evaluations that were never done, since they were too long ago when their turn came."""
    rules: list[RuleSummary]


class RuleGroups(Schema):
    evaluating: bool
    """False on a server that does not evaluate since another one does: states are then not known here."""
    behind_seconds: float
    """How old what queries see is. Over a minute, rules hold their state."""
    groups: list[RuleGroup]


class RuleDetail(Schema):
    rule: RuleSummary
    file: str
    group: str
    interval_seconds: float
    looks_at: str
    """The query of its chart: the condition without its comparison, where that is with a number."""
    operator: str | None
    threshold: float | None
    alerts: list[RuleAlert]
    alerts_total: int
    """How many there are; more than are listed where the list was cut."""


class RuleTransition(Schema):
    """A change of one alert's state."""

    id: int
    time: str
    rule_id: str
    file: str
    group: str
    alert: str
    fingerprint: str
    before: RuleStateName
    after: RuleStateName
    value: str
    labels: dict[str, str]
    annotations: dict[str, str]


class RuleHistory(Page):
    """Newest first."""

    transitions: list[RuleTransition]
