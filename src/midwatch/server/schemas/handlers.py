"""Failed runs of apps' handlers, and replays of them."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from midwatch.contract.handlers import (
    ID_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    RUNS_MAX,
    TEXT_CHARACTERS_MAX,
    WAIT_SECONDS_MAX,
)
from midwatch.server.schemas.base import AS_SENT, Page, Schema

RunState = Literal["failed", "stuck", "unknown", "done"]
OrderState = Literal["waiting", "given", "finished", "cancelled", "expired"]
Outcome = Literal[
    "",
    "done",
    "failed",
    "already_done",
    "would_run",
    "is_running",
    "unknown",
    "unknown_handler",
    "gone",
    "cannot_open",
    "not_kept",
    "does_not_fit",
    "not_queued",
    "queued",
    "working",
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=NAME_CHARACTERS_MAX, pattern=r"^[^\x00]*$")]
Shown = Annotated[str, StringConstraints(max_length=NAME_CHARACTERS_MAX, pattern=r"^[^\x00]*$")]
Id = Annotated[str, StringConstraints(max_length=ID_CHARACTERS_MAX, pattern=r"^[\w.-]*$")]
Text = Annotated[str, StringConstraints(max_length=TEXT_CHARACTERS_MAX, pattern=r"^[^\x00]*$")]
Milliseconds = Annotated[int, Field(ge=0, le=2**53)]


class ToldRun(Schema):
    """A run as an app's SDK tells of it."""

    model_config = AS_SENT

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    handler: Name
    key: Shown
    state: RunState
    revision: Annotated[int, Field(ge=1, le=2**53)]
    attempt: Annotated[int, Field(ge=1, le=2**31 - 1)]
    service: Name
    environment: Shown
    started_ms: Milliseconds
    ended_ms: Milliseconds
    order_id: Id
    payload: dict[str, Any]
    refusal: Text
    error_type: Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]
    error_text: Text
    event_id: Id
    trace_id: Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{32})?$")]
    span_id: Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{16})?$")]
    correlation_id: Annotated[str, StringConstraints(max_length=128, pattern=r"^[^\x00]*$")]


class ToldRuns(Schema):
    model_config = AS_SENT

    runs: Annotated[list[dict[str, Any]], Field(max_length=RUNS_MAX)]
    """Each judged by itself: one that cannot be taken holds nobody up."""


class OrderQuestion(Schema):
    service: Name
    environment: Shown
    instance: Shown
    handlers: Annotated[list[Name], Field(min_length=1, max_length=1000)]
    nonce: Annotated[str, StringConstraints(min_length=16, max_length=64, pattern=r"^[\w-]*$")]
    wait_seconds: Annotated[float, Field(ge=0, le=WAIT_SECONDS_MAX, allow_inf_nan=False)]


class OrderOutcome(Schema):
    order_id: Id
    service: Name
    environment: Shown
    outcome: Outcome
    detail: Text
    seconds: Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]


class HandlerOrder(Schema):
    id: str
    batch_id: str
    run: str
    handler: str
    service: str
    environment: str
    state: OrderState
    outcome: Outcome
    """Empty until an app has said something; `queued` and `working` are not the end."""
    detail: str
    seconds: float
    dry_run: bool
    confirm_unknown: bool
    reason: str
    asked_by: str
    asked: str
    due: str
    """Not given to an app before."""
    given_to: str
    """The process that has it: host and process id."""
    finished: str | None


class HandlerRun(Schema):
    id: str
    handler: str
    service: str
    environment: str
    key: str
    """What makes the run the same, as far as it may be seen."""
    state: RunState
    """`stuck`: it runs for too long, in a process that lives. `unknown`: its process was cut off in the middle, and
    nobody can say whether it had finished."""
    attempt: int
    error_type: str
    error_text: str
    event_id: str
    trace_id: str
    span_id: str
    correlation_id: str
    issue_id: int | None
    started: str
    failed: str
    """When it failed last, was found stuck, or was given up."""
    done: str | None
    refusal: str
    """Why it cannot be replayed; empty where it can."""
    is_sealed: bool
    order: HandlerOrder | None
    """The newest."""


class HandlerRunPage(Page):
    runs: list[HandlerRun]


class HandlerSummary(Schema):
    handler: str
    service: str
    environment: str
    failed: int
    stuck: int
    unknown: int
    done: int
    """Runs that had failed and have finished since."""
    asked: str | None
    """When an app that has this handler last asked for orders; none: no app can carry one out."""


class HandlerSummaries(Schema):
    handlers: list[HandlerSummary]


class HandlerRunDetail(Schema):
    run: HandlerRun
    listening: str | None
    """When an app that has this handler last asked for orders."""
    orders: list[HandlerOrder]


class HandlerPayload(Schema):
    form: Literal["plain", "sealed", "none"]
    run_id: str
    """As the app's store has it; what is sealed opens only with it."""
    arguments: dict[str, Any] | None
    """By name, without what is private; none where they are sealed or not kept."""
    sealed: dict[str, Any] | None
    """AES-256-GCM with the team's key, which this server does not have."""


class ReplayAsk(Schema):
    """Which runs, why, and how. By ids, or all that are as told."""

    ids: Annotated[list[Id], Field(max_length=1000, default_factory=list)]
    handler: Shown = ""
    service: Shown = ""
    environments: Annotated[list[Shown], Field(max_length=50, default_factory=list)]
    issue: int | None = None
    project: Annotated[int, Field(ge=1, le=4_294_967_295)] = 1
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00]*$")
    ]
    dry_run: bool = False
    """Whether it would run is asked of the app, and nothing is run."""
    confirm_unknown: bool = False
    """The asker knows that runs that were cut off in the middle have not finished."""
    rate_per_minute: Annotated[int, Field(ge=1, le=6000)] = 60


class ReplayAsked(Schema):
    batch_id: str
    ordered: int
    left_out: int
    """Ordered already, finished, or not to be replayed."""


class ReplayCount(Schema):
    state: OrderState
    outcome: Outcome
    orders: int


class ReplayBatch(Schema):
    batch_id: str
    counts: list[ReplayCount]
    orders: list[HandlerOrder]


class ReplayCancelled(Schema):
    cancelled: int


class HandlerOrderList(Schema):
    orders: list[HandlerOrder]
