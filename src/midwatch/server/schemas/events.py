"""`/api/v1/events…` and `/api/v1/entities…`: what has happened, and which states entities are in."""

from typing import Any, Literal

from midwatch.server.schemas.base import Page, QueryStats, Schema


class Party(Schema):
    """An entity or an actor."""

    type: str
    id: str


class DomainEvent(Schema):
    position: int
    """Its number in the chain of its project: the order of arrival."""
    id: str
    type: str
    time: str
    received_at: str
    entity: Party | None
    sequence: int | None
    actor: Party | None
    correlation_id: str
    trace_id: str
    span_id: str
    service: str
    environment: str
    from_state: str
    to_state: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    metadata: dict[str, Any]
    remarks: list[str]
    """What the plan's `entities` has against it: a transition that is not legal, a key that is missing."""


class DomainEventPage(Page):
    """Newest first."""

    events: list[DomainEvent]


class EventFacets(Schema):
    """What there is in the range, the commonest first."""

    types: list[str]
    entities: list[str]
    """Kinds."""
    actors: list[str]
    """`type:id`."""


class EntityHistory(Schema):
    type: str
    id: str
    state: str | None
    """The one that it is in now."""
    since: str | None
    stuck_after_seconds: float | None
    """Of this state; null where the plan says nothing, or nothing follows the state."""
    stuck: bool
    events: list[DomainEvent]
    """By sequence where they have one, else by time, then by id; the newest first."""
    more: bool
    """Whether there are older ones that are not shown."""
    stats: QueryStats


class EntityKind(Schema):
    type: str
    planned: bool
    entities: int
    """That have a state now."""
    stuck: int
    illegal: int
    """Transitions in the range that the plan does not have."""
    transitions: int
    """In the range."""


class EntityKinds(Schema):
    kinds: list[EntityKind]


class StateNow(Schema):
    state: str
    known: bool
    """Whether the plan has it; true where the plan says nothing of the kind."""
    initial: bool
    terminal: bool
    entities: int
    share: float
    """Of all entities of the kind; 0 to 1."""
    stuck_after_seconds: float | None
    stuck: int


class Transition(Schema):
    from_state: str
    """Empty: a beginning."""
    to_state: str
    count: int
    share: float
    """Of all that left this state in the range; 0 to 1."""
    legal: bool
    points: list[int]
    """Counts by part of the range, the parts as `times` has them."""


class StuckEntity(Schema):
    id: str
    environment: str
    state: str
    since: str
    seconds: float


class StateMachine(Schema):
    """Of one kind: states are as of now, transitions as of the range."""

    type: str
    description: str
    planned: bool
    states: list[StateNow]
    transitions: list[Transition]
    """All that took place, and those that the plan has, with a count of 0."""
    times: list[str]
    """Starts of the parts of the range."""
    step_seconds: float
    illegal: list[DomainEvent]
    """The newest ones."""
    stuck: list[StuckEntity]
    """The longest first."""
    partial: bool
    """True where there is more than is shown."""
    stats: QueryStats


class ChainProblem(Schema):
    kind: Literal["broken", "missing", "changed", "added", "anchor", "end"]
    position: int
    event_id: str
    said: str


class ChainVerdict(Schema):
    project: int
    intact: bool
    """That nothing is wrong with what was looked at."""
    first: int
    last: int
    """Positions that were looked at."""
    events: int
    """Whose content was compared with what it was when it came."""
    expired: int
    """Whose content retention has taken."""
    erased: int
    """Whose content went with a person, as their links say; the audit log has the erasures."""
    head_position: int
    head_hash: str
    problem: ChainProblem | None
    """The first one."""
    next: int | None
    """Where to go on with `first`; null: everything was looked at."""
    checked_at: str


class Chain(Schema):
    project: int
    position: int
    """How many events the project has had."""
    hash: str
    changed_at: str | None
    verdict: ChainVerdict | None
    """Of the last whole walk; null: none was done yet."""


class EventSourceState(Schema):
    name: str
    table: str
    state: Literal["waiting", "reading", "failing"]
    events: int
    """Sent on by this server since its start, repetitions included."""
    refused: int
    """Rows that are no events; `error` has the last one's reason."""
    read_at: str | None
    error: str


class EventSourceList(Schema):
    sources: list[EventSourceState]
