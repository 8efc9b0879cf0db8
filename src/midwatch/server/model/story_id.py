"""Ids by which what belongs together is found: which attributes are one, and which lead on from line to line."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from midwatch.contract import events, fields
from midwatch.contract.privacy import REMOVED

ID_BYTES_MAX = 256
ENTITY_SUFFIX = "_id"
"""`linkup_id=42` is the entity `linkup:42`, as `entity.type` and `entity.id` say it. Names with a dot belong to
conventions, those with a dollar sign to PostHog."""
_QUEUE_MESSAGE = "messaging.message.id"
"""What a queue calls its message is the job: Celery's, arq's and RQ's task id."""


class IdKind(StrEnum):
    TRACE = "trace"
    CORRELATION = "correlation"
    REQUEST = "request"
    JOB = "job"
    MESSAGE = "message"
    SESSION = "session"
    USER = "user"
    ENTITY = "entity"


LEADING = frozenset({IdKind.TRACE, IdKind.CORRELATION, IdKind.REQUEST, IdKind.JOB, IdKind.MESSAGE})
"""These are of one piece of work, so whatever else has one belongs to the story. A user or an entity has many stories:
it is told, and followed only by who asks for it."""

_FIELDS = {
    IdKind.CORRELATION: fields.names_of(fields.CORRELATION_ID),
    IdKind.REQUEST: fields.names_of(fields.REQUEST_ID),
    IdKind.JOB: (*fields.names_of(fields.JOB_ID), _QUEUE_MESSAGE),
    IdKind.MESSAGE: fields.names_of(fields.MESSAGE_ID),
    IdKind.SESSION: fields.names_of(fields.SESSION_ID),
    IdKind.USER: fields.names_of(fields.USER_ID),
}
NAMES: Mapping[str, IdKind] = MappingProxyType({name: kind for kind, names in _FIELDS.items() for name in names})
"""Attribute → the kind of id that it holds."""
NO_ENTITY = ("distinct_id", "event_id", "parent_id", "parent_span_id", "process_id", "span_id", "thread_id", "trace_id")
"""Names that end as an entity's and are none."""
OF_OTHERS = (".", "$")
"""What names of conventions and of PostHog have."""
_HEX32 = re.compile(r"[0-9a-f]{32}")


class StoryId(NamedTuple):
    kind: IdKind
    value: str

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


def ids_of(attributes: Mapping[str, str]) -> Iterator[StoryId]:
    """The ids among attributes; the same as `store/id_index.py` finds."""
    for name, value in attributes.items():
        if not is_id(value):
            continue
        if (kind := NAMES.get(name)) is not None:
            yield StoryId(kind, value)
        elif name == events.ENTITY_ID:
            yield StoryId(IdKind.ENTITY, f"{attributes.get(events.ENTITY_TYPE, '')}:{value}")
        elif name.endswith(ENTITY_SUFFIX) and not any(one in name for one in OF_OTHERS) and name not in NO_ENTITY:
            yield StoryId(IdKind.ENTITY, f"{name.removesuffix(ENTITY_SUFFIX)}:{value}")


def is_id(value: str) -> bool:
    """What was private and was taken out is nobody's id."""
    return 0 < len(value.encode()) <= ID_BYTES_MAX and REMOVED not in value


def as_trace_id(text: str) -> str:
    """A UUID or 32 hexadecimal digits as a trace id; empty for anything else."""
    digits = text.replace("-", "").lower() if len(text) in (32, 36) else ""
    return digits if _HEX32.fullmatch(digits) else ""
