"""`event_sources`: tables of teams' own PostgreSQL databases that domain events are read from."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath
from midwatch.contract.plan.section import Duration, Model, Name, Remark, Section

SOURCES_MAX = 50
EVERY_SECONDS_MIN, EVERY_SECONDS_MAX = 1.0, 3600.0
OVERLAP_SECONDS_MAX = 7 * 86_400.0
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}")


def _table(text: str) -> str:
    if not all(_NAME.fullmatch(part) for part in text.split(".")) or text.count(".") > 1:
        raise ValueError("expected the name of a table such as domain_events or app.domain_events")
    return text


def _column(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("expected the name of a column")
    return text


Column = Annotated[str, Field(max_length=63), AfterValidator(_column)]


class Columns(Model):
    """The column of each field of an event. Only `position`, `id` and `type` are needed."""

    position: Column = "position"
    """Grows with each event: an identity, or the time at which the row was made."""
    id: Column = "event_id"
    type: Column = "type"
    time: Column | None = None
    entity_type: Column | None = None
    entity_id: Column | None = None
    sequence: Column | None = None
    actor_type: Column | None = None
    actor_id: Column | None = None
    correlation_id: Column | None = None
    trace_id: Column | None = None
    span_id: Column | None = None
    service: Column | None = None
    environment: Column | None = None
    state_from: Column | None = None
    state_to: Column | None = None
    before: Column | None = None
    after: Column | None = None
    metadata: Column | None = None


OURS = Columns(
    time="occurred_at",
    **{name: name for name in Columns.model_fields if name not in ("position", "id", "type", "time")},
)
"""The columns of the table that `midwatch events ddl` makes."""


class EventSource(Model):
    name: Name
    url_file: FilePath
    """A file with the address, `postgresql://user:password@host/database`, of a user who may read the table."""
    table: Annotated[str, Field(max_length=127), AfterValidator(_table)] = "domain_events"
    every: Duration = 5.0
    overlap: Duration = 600.0
    """How long a transaction may take that writes events: what is younger is looked at again."""
    project: Annotated[int, Field(ge=1, le=2**32 - 1)] = 1
    service: Annotated[str, Field(max_length=200)] = ""
    """Of events whose row says none; the source's name without it."""
    environment: Annotated[str, Field(max_length=200)] = ""
    entity: Annotated[str, Field(max_length=200)] = ""
    """The kind of the entity, where no column says it."""
    columns: Columns = OURS
    """Where the table is your own. Without it, the columns of `midwatch events ddl`."""

    @model_validator(mode="after")
    def _whole(self) -> "EventSource":
        if not EVERY_SECONDS_MIN <= self.every <= EVERY_SECONDS_MAX:
            raise ValueError("expected every from 1s to 1h")
        if not 0 < self.overlap <= OVERLAP_SECONDS_MAX:
            raise ValueError("expected an overlap above 0 and at most 7d")
        return self


EventSources = tuple[EventSource, ...]


def _check(sources: EventSources, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    first: dict[str, int] = {}
    for index, one in enumerate(sources):
        if first.setdefault(one.name, index) != index:
            yield (index, "name"), f"name={one.name}: expected a name that no other source has"
        if (one.columns.entity_type or one.entity) and not one.columns.entity_id:
            yield (index, "columns"), "columns.entity_id: expected the column that says which entity"


SECTION: Section[EventSources] = Section(
    name="event_sources",
    help="Tables of your own PostgreSQL from which domain events are read: an outbox, or an audit table that is there.",
    type=Annotated[EventSources, Field(max_length=SOURCES_MAX)],
    empty=tuple,
    check=_check,
    example="""event_sources:
  - name: app
    url_file: secrets/events-url
  - name: billing
    url_file: secrets/billing-url
    table: audit.entries
    every: 30s
    entity: invoice
    columns:
      position: id
      id: uuid
      type: action
      time: created_at
      entity_id: invoice_id
      actor_id: user_id
      metadata: payload
""",
)
