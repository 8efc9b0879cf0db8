"""The last lines of the work at hand, kept until an error wants to know what went before it."""

from collections import deque
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from midwatch.sdk import context
from midwatch.sdk.wire.logs import LogRecord

KEPT = 30
"""Lines of one piece of work; an older one makes room for a newer."""
DATA_MAX = 12
"""Fields of one line."""
TEXT_MAX = 240

_Trail = tuple[context.Context, deque[LogRecord]]
_trail: ContextVar[_Trail | None] = ContextVar("midwatch.breadcrumbs", default=None)


def add(record: LogRecord) -> None:
    """Keep a line; tasks and threads that carry the context on add to the same trail."""
    found = _trail.get()
    trail = found[1] if found is not None and found[0] is context.current() else _here()
    trail.append(record)


def rendered() -> list[dict[str, Any]]:
    """The lines of the work at hand, oldest first."""
    # A copy first: another task may add while we read.
    return [_shown(record) for record in tuple(_here())]


def _here() -> deque[LogRecord]:
    """Of the ids at hand: a task that outlived its work must not tell of the next one."""
    work, found = context.current(), _trail.get()
    # What was bound meanwhile has made another context of the same work.
    goes_on = found is not None and _ids(found[0]) == _ids(work)
    trail: deque[LogRecord] = found[1] if found is not None and goes_on else deque(maxlen=KEPT)
    _trail.set((work, trail))
    return trail


def _ids(work: context.Context) -> tuple[str, str]:
    return work.correlation_id, work.request_id


def _shown(record: LogRecord) -> dict[str, Any]:
    at = datetime.fromtimestamp(record.time_unix_nano / 1e9, UTC).isoformat(timespec="milliseconds")
    said: dict[str, Any] = {
        "timestamp": at.replace("+00:00", "Z"),
        "level": record.severity_text,
        "message": record.body[:TEXT_MAX],
    }
    data = dict(islice(_data(record.attributes), DATA_MAX))
    if logger := data.pop("logger", ""):
        said["logger"] = logger
    if data:
        said["data"] = data
    return said


def _data(attributes: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for key, value in attributes.items():
        if isinstance(value, str):
            yield key, value[:TEXT_MAX]
        elif isinstance(value, bool | int | float):
            yield key, value
