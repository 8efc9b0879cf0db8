"""`start`, `end` and `env`, the same on every reading route."""

from typing import Annotated

from fastapi import Query

from midwatch.server.model.clock import Clock
from midwatch.server.model.timerange import parse_range
from midwatch.server.query.source import Scope

Start = Annotated[str | None, Query(max_length=64, description="RFC 3339, epoch, or relative: now-1h")]
End = Annotated[str | None, Query(max_length=64, description="as start; default now")]
Env = Annotated[list[str] | None, Query(max_length=50, description="environments; none given: all")]
Search = Annotated[str, Query(max_length=4000, description="see docs/searching.md")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=200)]
Names = Annotated[str, Query(max_length=2000, description="comma-separated")]


def scope_of(clock: Clock, start: str | None, end: str | None, env: list[str] | None) -> Scope:
    """The scope of a request; the last hour when no range is given."""
    return Scope(parse_range(start, end, now_ns=clock.now_ns()), tuple(name[:1024] for name in env or ()))


def names_of(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in text.split(","))))
