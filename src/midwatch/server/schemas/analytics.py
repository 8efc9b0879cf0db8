"""Product analytics: funnels, trends, retention, flags, sessions, and the persons behind a number."""

from typing import Annotated, Literal

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, Attributes, Page, QueryStats, Schema

STEPS_MAX = 10
SOURCES = Literal["events", "logs"]
Interval = Literal["hour", "day", "week", "month"]
Name = Annotated[str, Field(max_length=256)]
Query = Annotated[str, Field(max_length=4000)]


class FunnelStep(Schema):
    model_config = AS_SENT

    event: str = Field(min_length=1, max_length=1024)
    source: SOURCES = Field(default="events", description="`logs`: log records with this name of an event")
    query: Query = Field(default="", description="narrows it: see docs/searching.md")
    name: str = Field(default="", max_length=200, description="how it is shown; the event's name by default")


class Funnel(Schema):
    """What a funnel is, whenever it is asked."""

    model_config = AS_SENT

    steps: list[FunnelStep] = Field(min_length=1, max_length=STEPS_MAX)
    unit: str = Field(
        default="person", min_length=1, max_length=256, description="whose steps: person, session, or a property"
    )
    window_seconds: float = Field(default=14 * 86400, ge=1, le=366 * 86400, description="from the first to the last")
    breakdown: Name = Field(default="", description="a property of the first step, or flag.<name>")


class FunnelQuery(Funnel):
    model_config = AS_SENT

    start: str | None = Field(default=None, max_length=64, description="RFC 3339, epoch, or relative: now-1h")
    end: str | None = Field(default=None, max_length=64, description="as start; default now")
    env: list[str] = Field(default_factory=list, max_length=50, description="environments; none given: all")
    project: int = Field(default=1, ge=1, le=4_294_967_295)


class FunnelPeopleQuery(FunnelQuery):
    model_config = AS_SENT

    step: int = Field(ge=1, le=STEPS_MAX, description="1: the first")
    outcome: Literal["took", "left"] = Field(description="`left`: took the step before, and not this one")
    value: str | None = Field(default=None, max_length=1024, description="of the breakdown")
    limit: int = Field(default=50, ge=1, le=200)


class FunnelStepResult(Schema):
    name: str
    event: str
    source: SOURCES
    count: int
    """Units that took it."""
    of_first: float | None
    """Share of those who took the first step; none of nobody."""
    of_previous: float | None
    median_seconds: float | None
    """From the step before."""
    p90_seconds: float | None


class FunnelGroup(Schema):
    value: str
    """Of the breakdown; empty where the first step does not say."""
    rest: bool
    """True for all values beyond those that are shown apart."""
    steps: list[FunnelStepResult]


class FunnelResult(Schema):
    unit: str
    steps: list[FunnelStepResult]
    groups: list[FunnelGroup]
    """By value of the breakdown, the largest first; empty without one."""
    median_seconds: float | None
    """From the first step to the last."""
    p90_seconds: float | None
    stats: QueryStats


class TrendSeries(Schema):
    value: str
    rest: bool
    counts: list[int]
    total: int
    """Of the whole range: of persons and sessions less than the sum of the counts."""


class Trends(Schema):
    interval: Interval
    buckets: list[str]
    """When each begins, UTC."""
    series: list[TrendSeries]
    total: int
    stats: QueryStats


class RetentionCohort(Schema):
    start: str
    size: int
    returned: list[int]
    """By period after the first, which is the cohort's own; shorter for those that have had less time."""


class RetentionReport(Schema):
    interval: Literal["day", "week", "month"]
    periods: int
    cohorts: list[RetentionCohort]
    average: list[float | None]
    """Share that came back, by period, of the cohorts that have had it."""
    stats: QueryStats


class FlagUsage(Schema):
    value: str
    persons: int
    """Who had the flag at this value, by the last event that said so."""
    used: int
    """Of them, who did what was asked about."""
    uses: int
    share: float | None


class FlagResult(Schema):
    flag: str
    event: str
    values: list[FlagUsage]
    changed: int
    """Persons who had more than one value in the range; each counts where the last event put them."""
    stats: QueryStats


class FlagSummary(Schema):
    name: str
    values: list[str]
    persons: int
    events: int


class FlagList(Schema):
    flags: list[FlagSummary]
    more: bool
    stats: QueryStats


class SessionBucket(Schema):
    from_seconds: float
    to_seconds: float | None
    """None: and longer."""
    count: int


class SessionStats(Schema):
    count: int
    p50_seconds: float | None
    p75_seconds: float | None
    p90_seconds: float | None
    mean_seconds: float | None
    single: int
    """Sessions of one event only."""
    events_per_session: float | None
    persons: int


class SessionDay(Schema):
    start: str
    sessions: int
    persons: int
    p50_seconds: float | None
    p90_seconds: float | None


class SessionDurations(Schema):
    stats_of_all: SessionStats
    buckets: list[SessionBucket]
    days: list[SessionDay]
    stats: QueryStats


class SessionRow(Schema):
    id: str
    start: str
    duration_seconds: float
    events: int
    person: str
    entry: str
    """Path or event that it began with."""
    errors: int
    trace_ids: list[str]


class SessionList(Page):
    sessions: list[SessionRow]


class NamedCount(Schema):
    name: str
    count: int
    last_seen: str


class EventNames(Schema):
    events: list[NamedCount]
    logs: list[NamedCount]
    """Names of events in log records."""
    stats: QueryStats


class PropertyNames(Schema):
    properties: list[NamedCount]
    stats: QueryStats


class PropertyValue(Schema):
    value: str
    count: int


class PropertyValues(Schema):
    values: list[PropertyValue]
    stats: QueryStats


class ProductEvent(Schema):
    id: str
    """Opaque and stable."""
    timestamp: str
    event: str
    source: SOURCES
    person: str
    distinct_id: str
    session_id: str
    service: str
    environment: str
    url: str
    trace_id: str
    properties: Attributes
    flags: dict[str, str]
    adjustments: list[str]


class ProductEventPage(Page):
    events: list[ProductEvent]


class BehindError(Schema):
    event_id: str
    timestamp: str
    title: str
    service: str
    trace_id: str
    group: str


class BehindSession(Schema):
    id: str
    start: str
    duration_seconds: float


class PersonRow(Schema):
    person: str
    """Or the session or property's value that was asked by."""
    name: str
    """What the person's properties call them; empty where nothing does."""
    events: int
    last_seen: str
    last_event: str
    sessions: list[BehindSession]
    trace_ids: list[str]
    errors: int


class PersonList(Schema):
    unit: str
    people: list[PersonRow]
    total: int
    """How many there are; `people` are the first of them."""
    stats: QueryStats


class PersonDetail(Schema):
    person: str
    distinct_ids: list[str]
    properties: dict[str, str]
    first_seen: str | None
    last_seen: str | None
    events: int
    latest: list[ProductEvent]
    sessions: list[BehindSession]
    trace_ids: list[str]
    errors: list[BehindError]
    stats: QueryStats


class SavedFunnel(Schema):
    id: str
    name: str
    funnel: Funnel
    changed_at: str
    changed_by: str


class SavedFunnels(Schema):
    funnels: list[SavedFunnel]


class FunnelToSave(Schema):
    model_config = AS_SENT

    name: str = Field(min_length=1, max_length=200)
    funnel: Funnel
