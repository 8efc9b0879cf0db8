"""Heartbeats: who is expected when, how they are, what they said."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from midwatch.server.schemas.base import AS_SENT, Schema

Condition = Literal["new", "up", "running", "late", "missed", "failed", "overtime", "unknown"]


class HeartbeatSchedule(Schema):
    """Exactly one of `cron` and `every_seconds`, or none: then nothing is expected."""

    model_config = AS_SENT

    cron: Annotated[str, Field(max_length=200)] = ""
    every_seconds: Annotated[float, Field(ge=10, le=366 * 86_400)] | None = None
    time_zone: Annotated[str, Field(min_length=1, max_length=64)] = "UTC"
    grace_seconds: Annotated[float, Field(gt=0, le=30 * 86_400)] = 300.0
    max_runtime_seconds: Annotated[float, Field(gt=0, le=366 * 86_400)] | None = None
    failures: Annotated[int, Field(ge=1, le=720)] = 1
    recoveries: Annotated[int, Field(ge=1, le=720)] = 1

    @model_validator(mode="after")
    def _one(self) -> "HeartbeatSchedule":
        if self.cron and self.every_seconds is not None:
            raise ValueError("expected cron or every_seconds, not both")
        return self


class HeartbeatRun(Schema):
    run: str
    started: str


class HeartbeatSummary(Schema):
    id: str
    name: str
    environment: str
    project: int
    source: Literal["plan", "sentry", "healthchecks", "sdk", "page"]
    """Who set the schedule; the plan's can be changed there alone."""
    description: str
    labels: dict[str, str]
    schedule: HeartbeatSchedule
    condition: Condition
    healthy: bool
    """By the thresholds; what alerts are made of."""
    since: str | None
    reason: str
    last: str | None
    """The newest sign."""
    expected: str | None
    """The next."""
    last_seconds: float | None
    failures: int
    runs: list[HeartbeatRun]
    """Open ones."""
    overlapping: bool
    ping_path: str | None
    """Below the server's address; whoever knows it may ping, so that only editors see it."""


class HeartbeatList(Schema):
    heartbeats: list[HeartbeatSummary]
    """Those that are not well first."""


class HeartbeatSign(Schema):
    id: int
    at: str
    status: Literal["started", "ok", "failed", "log"]
    run: str
    seconds: float | None
    door: str
    detail: str
    """What a ping brought in its body."""


class HeartbeatChange(Schema):
    id: int
    at: str
    condition_from: Condition
    condition_to: Condition
    healthy: bool
    reason: str


class HeartbeatAnswer(Schema):
    summary: HeartbeatSummary
    signs: list[HeartbeatSign]
    """Newest first."""
    changes: list[HeartbeatChange]
    upcoming: list[str]
    """The next moments by its schedule."""


class HeartbeatCreate(Schema):
    model_config = AS_SENT

    name: Annotated[str, Field(max_length=200, pattern=r"^[\w.\-/]+$")]
    environment: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=2000)] = ""
    schedule: HeartbeatSchedule


class HeartbeatEdit(Schema):
    model_config = AS_SENT

    description: Annotated[str, Field(max_length=2000)] = ""
    schedule: HeartbeatSchedule
