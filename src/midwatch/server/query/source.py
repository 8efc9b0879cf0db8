"""The store as queries see it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from midwatch.server.model.timerange import TimeRange


class Source(Protocol):
    async def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]: ...

    def stream(self, sql: str, params: Mapping[str, Any] | None = None) -> AsyncIterator[list[dict[str, Any]]]: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """What every query is limited to: one project, a range of time, and some environments (none: all)."""

    span: TimeRange
    environments: tuple[str, ...] = ()
    project: int = 1

    def where(self, time_column: str = "Timestamp", *, nanos: bool = True) -> str:
        """Condition on project, time and environment with the parameters of `params`."""
        if nanos:
            start, end = (
                "fromUnixTimestamp64Nano({start:Int64}, 'UTC')",
                "fromUnixTimestamp64Nano({end:Int64}, 'UTC')",
            )
        else:  # roll-ups by minute: a minute counts when it begins in the range, the first one also when cut
            start = "toStartOfMinute(fromUnixTimestamp64Nano({start:Int64}, 'UTC'))"
            end = "fromUnixTimestamp64Nano({end:Int64}, 'UTC')"
        condition = f"Project = {{project:UInt32}} AND {time_column} >= {start} AND {time_column} < {end}"
        if self.environments:
            condition += " AND Environment IN {environments:Array(String)}"
        return condition

    @property
    def params(self) -> dict[str, Any]:
        found: dict[str, Any] = {"project": self.project, "start": self.span.start_ns, "end": self.span.end_ns}
        if self.environments:
            found["environments"] = list(self.environments)
        return found
