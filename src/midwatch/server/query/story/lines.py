"""A line of a story, wherever it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from midwatch.server.model.story_id import IdKind, StoryId

TEXT_CHARACTERS_MAX = 500


class LineKind(StrEnum):
    SPAN = "span"
    JOB = "job"
    """The span of a job's run."""
    MESSAGE = "message"
    """A line or an event about a message to a person: sent, delivered, refused."""
    LOG = "log"
    ERROR = "error"
    EVENT = "event"
    """A domain event, changes of state among them."""
    PRODUCT = "product"
    """What somebody did in the product, by PostHog's SDKs."""
    REPLAY = "replay"
    ALERT = "alert"
    DEPLOY = "deploy"


AROUND = frozenset({LineKind.ALERT, LineKind.DEPLOY})
"""Not of the story, but of its services while it went on."""


@dataclass(frozen=True, slots=True)
class Line:
    key: str
    """Tells lines apart, and stays the same as long as the line is stored."""
    time_ns: int
    kind: LineKind
    service: str
    title: str
    link: str
    """Where it is shown whole: a path of the page, with its search."""
    ids: tuple[StoryId, ...] = ()
    environment: str = ""
    level: str = "info"
    detail: str = ""
    failed: bool = False
    duration_ns: int = 0
    trace_id: str = ""
    span_id: str = ""
    parent_span_id: str = ""
    span_kind: str = ""
    links_to: tuple[str, ...] = ()
    """Traces that a span names as related."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Attributes that say what it is about; see `FACTS`."""

    @property
    def end_ns(self) -> int:
        return self.time_ns + self.duration_ns

    @property
    def attempt(self) -> int:
        """Of a job's run, the first is 1."""
        again, attempt = self.facts.get("celery.retries", ""), self.facts.get("job.attempt", "")
        return int(again) + 1 if again.isdecimal() else int(attempt) if attempt.isdecimal() else 1

    @property
    def of_kinds(self) -> frozenset[IdKind]:
        return frozenset(one.kind for one in self.ids)

    def value_of(self, kind: IdKind) -> str:
        """Its first id of a kind; empty where it has none."""
        return next((one.value for one in self.ids if one.kind == kind), "")


FACTS = (
    "celery.retries",
    "db.system",
    "db.system.name",
    "delivery.status",
    "delivery_status",
    "entity.id",
    "entity.type",
    "error.message",
    "error.type",
    "event.id",
    "exception.message",
    "exception.type",
    "http.request.method",
    "http.response.status_code",
    "idempotency_key",
    "idempotency.key",
    "job.attempt",
    "job.name",
    "job.status",
    "message.status",
    "message_status",
    "messaging.destination.name",
    "messaging.operation.name",
    "messaging.system",
    "state.from",
    "state.to",
    "status",
)
"""What is read of a line's attributes, besides its ids."""
