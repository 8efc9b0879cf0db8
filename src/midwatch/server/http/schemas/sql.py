"""One SELECT over the telemetry tables."""

from typing import Any

from pydantic import Field

from midwatch.server.http.schemas.base import AS_SENT, QueryStats, Schema


class SqlRequest(Schema):
    model_config = AS_SENT

    query: str = Field(min_length=1, max_length=100_000)
    limit: int = Field(default=1000, ge=1, le=100_000)


class SqlColumn(Schema):
    name: str
    type: str


class SqlResult(Schema):
    columns: list[SqlColumn]
    rows: list[list[Any]]
    truncated: bool
    stats: QueryStats
