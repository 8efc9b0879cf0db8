"""What every answer shares.

Times are RFC 3339 strings in UTC with nine digits of fraction (`2026-11-20T22:57:07.123456789Z`); durations are integer
nanoseconds (`duration_ns`) for single items and milliseconds (`p95_ms`) for statistics; rates are per second.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Attributes = dict[str, Any]
"""Attribute values keep the type they were sent with: str, int, float, bool, list or dict; bytes are base64 text."""

Level = Literal["trace", "debug", "info", "warn", "error", "fatal", "unknown"]


class Schema(BaseModel):
    """Base of all shapes: unknown fields in a request are errors that name them."""

    model_config = ConfigDict(extra="forbid")


AS_SENT = ConfigDict(strict=True)
"""For what comes in: `"yes"` is no boolean and `false` no number."""


class Problem(Schema):
    """Every 4xx and 5xx of the API, as `application/json`."""

    error: str
    """What went wrong and what to do next, for a person."""
    code: str
    """Stable name for programs: `bad_query`, `unauthorized`, `not_found`, `rate_limited`, `store_unavailable` …"""
    request_id: str
    column: int | None = None
    """1-based column in the search text that the error is about."""
    expected: list[str] | None = None


class JaegerError(Schema):
    code: int
    msg: str


class JaegerProblem(Problem):
    """A `Problem` that Jaeger's clients can read, too."""

    data: None
    errors: list[JaegerError]


class PrometheusProblem(Problem):
    """A `Problem` that Prometheus's clients can read, too."""

    status: Literal["error"]
    errorType: str
    """`bad_data`, `execution`, `timeout`, `canceled`, `not_found`, `unavailable`, `internal`, as Prometheus has them;
    `unauthorized` and `forbidden`."""


class QueryStats(Schema):
    elapsed_ms: float


class Page(Schema):
    """A list cut at `limit`: ask again with `cursor=next_cursor` for what follows."""

    next_cursor: str | None = None
    partial: bool = False
    """True when a time or memory bound cut the search short: what is shown is right but not all."""
    stats: QueryStats
