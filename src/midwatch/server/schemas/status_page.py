"""The status page: what it is, incidents and maintenance."""

from typing import Annotated, Literal

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, Schema

TEXT_MAX = 5000
ComponentName = Annotated[str, Field(min_length=1, max_length=100)]
IncidentStatus = Literal[
    "investigating", "identified", "monitoring", "resolved", "scheduled", "in_progress", "completed"
]
Impact = Literal["none", "minor", "major", "critical"]
PageState = Literal["operational", "maintenance", "degraded", "partial_outage", "major_outage", "unknown"]


class StatusComponent(Schema):
    model_config = AS_SENT

    name: ComponentName
    group: Annotated[str, Field(max_length=100)] = ""
    description: Annotated[str, Field(max_length=500)] = ""
    probes: list[Annotated[str, Field(max_length=200)]] = Field(default_factory=list, max_length=100)
    heartbeats: list[Annotated[str, Field(max_length=200)]] = Field(default_factory=list, max_length=100)


class StatusDefinition(Schema):
    model_config = AS_SENT

    title: Annotated[str, Field(max_length=200)]
    """Without one there is no page."""
    description: Annotated[str, Field(max_length=2000)] = ""
    path: Annotated[str, Field(max_length=101)] = "/status"
    host: Annotated[str, Field(max_length=253)] = ""
    subscribe_by_mail: bool = True
    components: list[StatusComponent] = Field(default_factory=list, max_length=100)


class StatusComponentState(Schema):
    name: str
    state: PageState
    availability: float | None
    """Of the last 90 days."""


class StatusUpdate(Schema):
    at: str
    status: IncidentStatus
    text: str
    by: str
    """Not shown to the public."""


class StatusMails(Schema):
    """How many mails to subscribers."""

    delivered: int
    waiting: int
    failed: int
    """Refused, or given up after a day."""


class StatusNotice(Schema):
    id: str
    kind: Literal["incident", "maintenance"]
    title: str
    impact: Impact
    status: IncidentStatus
    components: list[str]
    starts: str
    ends: str | None
    updates: list[StatusUpdate]
    """Newest first."""
    mails: StatusMails | None
    """None: nobody was to be told by mail."""


class StatusSubscriptions(Schema):
    offered: bool
    """Whether the public finds the form on the page."""
    mail_server: bool
    """Whether `global` of `alertmanager.yml` has `smtp_smarthost` and `smtp_from`."""
    subscribers: int
    mails: StatusMails
    """About notices, over 90 days."""
    waiting_since: str | None
    """Of the oldest mail that waits, confirmations too."""
    error: str
    """Why the newest of those that wait could not be sent."""


class StatusSubscriber(Schema):
    id: str
    address: str
    components: list[str]
    """Empty: all of them."""
    since: str


class StatusSubscriberList(Schema):
    subscribers: list[StatusSubscriber]
    """By address, the first five hundred."""
    count: int
    """Of all that were asked for."""


class StatusPageAnswer(Schema):
    definition: StatusDefinition
    source: Literal["plan", "workspace", "none"]
    """The plan's can be changed there alone."""
    state: PageState | None
    """None: there is no page."""
    components: list[StatusComponentState]
    notices: list[StatusNotice]
    """Of the last 90 days, and those that are not over; the newest first."""
    subscriptions: StatusSubscriptions


class NoticeCreate(Schema):
    model_config = AS_SENT

    kind: Literal["incident", "maintenance"] = "incident"
    title: Annotated[str, Field(min_length=1, max_length=200)]
    impact: Impact = "minor"
    status: IncidentStatus | None = None
    """Without one: investigating, or scheduled."""
    text: Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]
    components: list[ComponentName] = Field(default_factory=list, max_length=100)
    starts: Annotated[str, Field(max_length=40)] | None = None
    """RFC 3339; now without one."""
    ends: Annotated[str, Field(max_length=40)] | None = None


class NoticeSay(Schema):
    """Another update; what is not given stays as it was."""

    model_config = AS_SENT

    status: IncidentStatus
    text: Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]
    title: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    impact: Impact | None = None
    components: list[ComponentName] | None = Field(default=None, max_length=100)
    starts: Annotated[str, Field(max_length=40)] | None = None
    ends: Annotated[str, Field(max_length=40)] | None = None
