"""One SELECT over the telemetry tables."""

from typing import Any

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, QueryStats, Schema


class SqlRequest(Schema):
    model_config = AS_SENT

    query: str = Field(min_length=1, max_length=100_000)
    limit: int = Field(default=1000, ge=1, le=100_000)
    start: str | None = Field(default=None, max_length=64, description="RFC 3339, epoch, or relative: now-1h")
    end: str | None = Field(default=None, max_length=64, description="as start; without both, all times")
    env: list[str] = Field(default_factory=list, max_length=50, description="environments; none given: all")


class SqlColumn(Schema):
    name: str
    type: str


class SqlStats(QueryStats):
    rows_read: int
    bytes_read: int


class SqlResult(Schema):
    columns: list[SqlColumn]
    rows: list[list[Any]]
    truncated: bool
    stats: SqlStats
