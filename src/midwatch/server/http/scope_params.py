"""`start`, `end`, `env` and `project`, the same on every reading route."""

from collections.abc import Iterable
from typing import Annotated, Protocol

from fastapi import Depends, Query

from midwatch.server.model.clock import Clock
from midwatch.server.model.timerange import parse_range
from midwatch.server.query.source import Scope

Start = Annotated[str | None, Query(max_length=64, description="RFC 3339, epoch, or relative: now-1h")]
End = Annotated[str | None, Query(max_length=64, description="as start; default now")]
Env = Annotated[list[str] | None, Query(max_length=50, description="environments; none given: all")]
Project = Annotated[int, Query(ge=1, le=4_294_967_295, description="what the ingest key belongs to")]
Search = Annotated[str, Query(max_length=4000, description="see docs/searching.md")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=4000)]
FieldNames = Annotated[str, Query(max_length=2000, description="comma-separated")]


class Names(Protocol):
    """The environments of the plan."""

    def every(self, names: Iterable[str]) -> tuple[str, ...]: ...

    def shown(self, seen: Iterable[str]) -> list[str]: ...


class Scopes:
    """Makes the scope of a request. As a parameter of routes: `scope: Annotated[Scope, scopes.asked]`."""

    def __init__(self, clock: Clock, environments: Names) -> None:
        self.clock = clock
        self.environments = environments
        self.asked = Depends(self._asked)

    def of(self, start: str | None, end: str | None, env: list[str] | None, project: int) -> Scope:
        """The last hour when no range is given; an environment under all of its names."""
        span = parse_range(start, end, now_ns=self.clock.now_ns())
        return Scope(span, self.environments.every(name[:1024] for name in env or ()), project)

    async def _asked(self, start: Start = None, end: End = None, env: Env = None, project: Project = 1) -> Scope:
        return self.of(start, end, env, project)


def names_of(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in text.split(","))))
