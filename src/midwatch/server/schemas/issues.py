"""Issues and their events as the API has them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, QueryStats, Schema

Status = Literal["unresolved", "resolved", "ignored"]
Substatus = Literal["new", "ongoing", "regressed", "escalating"]
Priority = Literal["high", "medium", "low"]
IssueId = Annotated[int, Field(ge=1, le=2**53)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class IssueSummary(Schema):
    id: int
    title: str
    culprit: str
    type: str
    value: str
    status: Status
    substatus: Substatus
    """Of an unresolved issue."""
    level: str
    severity: str
    category: str
    priority: Priority
    platform: str
    service: str
    environment: str
    """Where it was seen first."""
    handled: bool
    first_seen: str
    last_seen: str
    first_release: str
    last_release: str
    assignee: str
    """E-mail address or team; empty: nobody."""
    events: float
    """In the range of time; sampled events count for those that they stand for."""
    users: int
    trend: list[float]
    """Events in 48 equal parts of the range, the oldest first."""


class IssuePage(Schema):
    issues: list[IssueSummary]
    total: int
    """Of this search; `offset` and `limit` choose from them."""
    counts: dict[str, int]
    """Issues by status and substatus, whatever is searched for."""
    partial: bool
    stats: QueryStats


class Activity(Schema):
    time: str
    kind: str
    """new, regressed, escalating, resolved, unresolved, ignored, unignored, assigned, priority, comment, merge, merged,
    split, split_from, linked, unlinked."""
    actor: str
    """Empty: Midwatch itself."""
    data: dict[str, Any]


class IssueGroup(Schema):
    hash: str
    version: int
    title: str
    first_seen: str


class IssueLink(Schema):
    id: int
    tracker: str
    url: str
    title: str
    made_at: str
    made_by: str


class TrendPoint(Schema):
    time: str
    events: float
    users: int


class Trend(Schema):
    step_seconds: int
    points: list[TrendPoint]
    """Those that have events."""


class SuspectCommit(Schema):
    release: str
    sha: str
    author: str
    message: str
    files: list[str]
    """Of the stack, which it touches."""


class IssueDetail(Schema):
    issue: IssueSummary
    resolved_in: str
    """`=1.2`: in that release; `>1.2`: in the one after it."""
    ignored_until: dict[str, Any]
    groups: list[IssueGroup]
    activity: list[Activity]
    """Newest first."""
    links: list[IssueLink]
    suspects: list[SuspectCommit]
    merged_from: int | None = None
    """The id that was asked for, where it is this issue now."""


class EventFacts(Schema):
    event_id: str
    time: str
    group: str
    group_version: int
    type: str
    value: str
    title: str
    culprit: str
    level: str
    severity: str
    category: str
    platform: str
    logger: str
    mechanism: str
    handled: bool
    service: str
    environment: str
    release: str
    dist: str
    server_name: str
    transaction: str
    trace_id: str
    span_id: str
    replay_id: str
    session_id: str
    user: str
    url: str
    browser: str
    os: str
    device: str
    runtime: str
    sdk: str
    source: Literal["sentry", "span", "log", "browser"]
    duplicate: bool
    """The same failure was told of by another way first."""
    weight: float
    tags: dict[str, str]
    whole: bool
    """False: it was counted, and what it carried is not kept."""


class EventPage(Schema):
    events: list[EventFacts]
    next_cursor: str | None = None
    stats: QueryStats


class Attachment(Schema):
    name: str
    content_type: str
    size_bytes: int
    place: int


class EventDetail(Schema):
    facts: EventFacts
    issue_id: int | None
    event: dict[str, Any] | None
    """As Sentry's SDKs send events (develop.sentry.dev, event payloads), whoever told of it."""
    earlier: str
    later: str
    """Ids of the events before and after it; empty: none."""
    attachments: list[Attachment]


class TagValue(Schema):
    value: str
    events: float


class Tag(Schema):
    name: str
    total: float
    distinct: int
    values: list[TagValue]


class TagList(Schema):
    tags: list[Tag]


class TrackerList(Schema):
    trackers: list[str]


class IssueList(Schema):
    issues: list[IssueSummary]


class ErrorsOverTime(Schema):
    step_seconds: int
    start: str
    series: dict[str, list[float]]
    """By value; one number for each step from the start."""


class Dropped(Schema):
    reasons: dict[str, float]
    """Events that were counted and not kept."""


class IgnoreUntil(Schema):
    model_config = AS_SENT

    seconds: Annotated[int, Field(ge=60, le=366 * 86_400)] | None = None
    count: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    users: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None


class IssueChange(Schema):
    """What is not named stays as it is."""

    model_config = AS_SENT

    ids: Annotated[list[IssueId], Field(min_length=1, max_length=500)]
    status: Status | None = None
    resolved_in: Annotated[str, Field(max_length=200)] = ""
    """With `resolved`: a release, or `next` for the one after the last that it was seen in; empty: at once."""
    ignore_until: IgnoreUntil | None = None
    """With `ignored`: until then, or until so many more events or users; none: for good."""
    assignee: Annotated[str, Field(max_length=254)] | None = None
    priority: Priority | None = None


class IssueComment(Schema):
    model_config = AS_SENT

    text: Annotated[str, Field(min_length=1, max_length=10_000)]


class IssueMerge(Schema):
    model_config = AS_SENT

    into: IssueId
    ids: Annotated[list[IssueId], Field(min_length=1, max_length=500)]


class IssueSplit(Schema):
    model_config = AS_SENT

    groups: Annotated[list[Hash], Field(min_length=1, max_length=500)]


class NewIssueLink(Schema):
    """An address of an issue that is there; or none, to have one made by the tracker."""

    model_config = AS_SENT

    tracker: Annotated[str, Field(min_length=1, max_length=40)]
    url: Annotated[str, Field(max_length=1000, pattern=r"^(?:https?://\S+)?$")] = ""
    title: Annotated[str, Field(max_length=300)] = ""


class GroupingPreview(Schema):
    grouping: int
    groups: int
    groups_after: int
    moved: int
    merged_issues: int
    merges: list[dict[str, Any]]
    """Issues that would be one: `issues` and `titles`."""
