"""Alerts, what people say of them, silences, routes, history, noise."""

from typing import Any, Literal

from pydantic import Field

from midwatch.server.schemas.base import Schema

COMMENT_CHARACTERS_MAX = 2000
_Labels = dict[str, str]
MarkLabel = Literal["acknowledged", "snoozed", "assigned"]


class AlertMark(Schema):
    id: str
    kind: MarkLabel
    by: str
    at: str
    comment: str
    until: str | None
    """When it ends by itself; null: with its alerts."""
    assignee: str
    group_key: str
    """Of the group that was marked as a whole."""
    alerts: int


class AlertShown(Schema):
    fingerprint: str
    name: str
    labels: _Labels
    annotations: _Labels
    starts_at: str
    ends_at: str
    """When it counts as resolved, if nobody tells of it again."""
    updated_at: str
    generator_url: str
    state: Literal["firing", "suppressed"]
    standing: Literal["open", "acknowledged", "snoozed", "silenced", "inhibited", "muted"]
    """What keeps it from waking somebody, the strongest of all."""
    silenced_by: list[str]
    inhibited_by: list[str]
    muted_by: list[str]
    """Intervals of time by which all of its routes are muted now."""
    receivers: list[str]
    group_keys: list[str]
    marks: list[AlertMark]


class AlertList(Schema):
    alerts: list[AlertShown]
    total: int
    """Before the limit."""


class AlertGroupShown(Schema):
    key: str
    route_id: str
    receiver: str
    labels: _Labels
    muted_by: list[str]
    looked_at_next: str
    alerts: list[AlertShown]
    total: int
    """Alerts that are asked for, before they are cut."""
    firing: int
    """All that fire in the group, as a mark of the group means them."""


class StandingCounts(Schema):
    """Different alerts: one of two groups counts once."""

    all: int
    open: int
    acknowledged: int
    snoozed: int
    silenced: int
    inhibited: int
    muted: int


class AlertGroupList(Schema):
    groups: list[AlertGroupShown]
    """The most urgent first, and so their alerts; `per_group` of each, and fewer where there are very many."""
    total: int
    alerts: int
    """Of all these groups, before they are cut."""
    counts: StandingCounts
    """Before `standing` and `words`."""


class AlertEvent(Schema):
    id: int
    at: str
    kind: str
    """`firing`, `resolved`, `acknowledged`, `unacknowledged`, `snoozed`, `woken`, `assigned`, `silenced`, `inhibited`,
    `muted`, `notified`."""
    rule: str
    fingerprint: str
    labels: _Labels
    group_key: str
    receiver: str
    by: str
    comment: str
    details: dict[str, Any]


class AlertHistory(Schema):
    events: list[AlertEvent]
    next_cursor: str | None


class AlertDetail(Schema):
    alert: AlertShown | None
    """Null where it does not fire any more."""
    events: list[AlertEvent]
    """The newest hundred."""


class AlertMarkRequest(Schema):
    kind: MarkLabel
    fingerprint: str | None = Field(default=None, max_length=16)
    group_key: str | None = Field(default=None, max_length=20_000)
    """Marks all that fire in the group now."""
    comment: str = Field(default="", max_length=COMMENT_CHARACTERS_MAX)
    until: str | None = Field(default=None, max_length=64)
    assignee: str = Field(default="", max_length=254)


class AlertMarkList(Schema):
    marks: list[AlertMark]


class MatcherShown(Schema):
    name: str = Field(min_length=1, max_length=1000)
    operator: Literal["=", "!=", "=~", "!~"]
    value: str = Field(max_length=8192)


class SilenceRequest(Schema):
    matchers: list[MatcherShown] = Field(default_factory=list, max_length=200)
    text: str = Field(default="", max_length=20_000)
    """Matchers as text, beside those in the list: `severity="page", team=~"a|b"`."""
    starts_at: str | None = Field(default=None, max_length=64)
    """Null: now."""
    ends_at: str = Field(max_length=64)
    comment: str = Field(min_length=1, max_length=COMMENT_CHARACTERS_MAX)


class SilenceShown(Schema):
    id: str
    state: Literal["active", "pending", "expired"]
    matchers: list[MatcherShown]
    text: str
    starts_at: str
    ends_at: str
    updated_at: str
    created_by: str
    comment: str
    hides: int
    """Alerts that fire now and that it hides, or would."""


class SilenceList(Schema):
    silences: list[SilenceShown]
    total: int
    """Before the limit of a thousand."""


class SilencePreview(Schema):
    hides: int
    alerts: list[AlertShown]
    """The first hundred."""
    never: str
    """Why it hides nothing that could come, or everything; empty where all is well."""


class RoutingQuestion(Schema):
    labels: _Labels = Field(max_length=200)
    time: str | None = Field(default=None, max_length=64)
    """When it would be told of; null: now."""


class RouteAsked(Schema):
    route_id: str
    depth: int
    matchers: str
    receiver: str
    taken: bool
    chosen: bool
    failed: str | None
    """The matcher that does not hold."""
    ends: bool
    """Its siblings after it are not asked."""


class RoutePerson(Schema):
    """One whom an escalation of the receiver tells, in its first round."""

    policy: str
    after_seconds: float
    """While nobody acknowledges."""
    schedule: str
    """In which they are on duty then; empty where the policy names them."""
    person: str
    """Empty: nobody is on duty in the schedule, or a receiver is told."""
    name: str
    receiver: str


class RouteDigest(Schema):
    receiver: str
    at: str


class RouteTold(Schema):
    receiver: str
    route_id: str
    group_key: str
    integrations: list[str]
    """`slack[0]`, `pagerduty[0]`; empty: seen on the page alone."""
    group_wait_seconds: float
    muted_by: list[str]
    """Intervals of time that would hold it back then: mute times that hold, or active times of which none does."""
    on_call: list[RoutePerson]
    digests: list[RouteDigest]
    """Receivers that are told of all that was gathered, and when."""


class RoutingAnswer(Schema):
    at: str
    steps: list[RouteAsked]
    told: list[RouteTold]
    silenced_by: list[str]
    inhibited_by: list[str]
    """By what fires now; not known, so empty, where a time was asked for."""
    maintenance: list[str]
    """Windows of maintenance that would hold it back then."""


class RouteShown(Schema):
    id: str
    matchers: str
    receiver: str
    goes_on: bool
    """`continue`."""
    group_by: list[str]
    """`...`: every label."""
    group_wait_seconds: float
    group_interval_seconds: float
    repeat_interval_seconds: float
    mute_times: list[str]
    active_times: list[str]
    muted_by: list[str]
    """Of these, what holds it back now."""
    alerts: int
    """That fire in its groups."""
    routes: list["RouteShown"]


class ReceiverShown(Schema):
    name: str
    integrations: list[str]
    unsupported: list[str]
    """Kinds that are configured and that Midwatch cannot deliver by."""


class RoutingTree(Schema):
    root: RouteShown
    receivers: list[ReceiverShown]
    intervals: list[str]
    built_in: bool
    """The plan has no `alertmanager.yml`."""


class RuleNoiseShown(Schema):
    rule: str
    fired: int
    notified: int
    acknowledged: int
    slept_through: int
    """Somebody was told, nobody acknowledged, and it ended by itself."""
    flapped: int
    """Came back within a quarter of an hour."""
    silenced: int
    median_seconds: float | None
    suggestions: list[str]


class NoiseReport(Schema):
    rules: list[RuleNoiseShown]
    start: str
    end: str
    partial: bool
    """More happened than a report reads: the newest part of the time is in it."""
