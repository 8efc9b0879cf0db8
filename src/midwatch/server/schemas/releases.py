"""Releases, deploys, and who runs what."""

from typing import Annotated

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, QueryStats, Schema

VERSION_CHARACTERS_MAX = 200
Version = Annotated[str, Field(min_length=1, max_length=VERSION_CHARACTERS_MAX, pattern=r"^[^\x00-\x1f\x7f/\\]+$")]
Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Url = Annotated[str, Field(max_length=1000, pattern=r"^(https?://[^\x00-\x20\x7f]+)?$")]
Time = Annotated[str, Field(max_length=64)]


class CommitCreate(Schema):
    model_config = AS_SENT

    sha: Annotated[str, Field(min_length=1, max_length=100)]
    repository: Name = ""
    author: Name = ""
    email: Annotated[str, Field(max_length=254)] = ""
    message: Annotated[str, Field(max_length=20_000)] = ""
    time: Time | None = None
    files: Annotated[list[Annotated[str, Field(max_length=1000)]], Field(max_length=500)] = Field(default=[])


class ReleaseCreate(Schema):
    model_config = AS_SENT

    version: Version
    url: Url = ""
    ref: Name = ""
    released: Time | None = None
    """RFC 3339, epoch, or relative; none: it is not released yet."""
    commits: Annotated[list[CommitCreate], Field(max_length=1000)] | None = None
    """Newest first, in place of those that are known."""


class DeployCreate(Schema):
    model_config = AS_SENT

    version: Version
    environment: Name = ""
    """Empty: the one that the ingest key is for, or all of them."""
    service: Name = ""
    """Empty: all of them."""
    name: Name = ""
    url: Url = ""
    started: Time | None = None
    finished: Time | None = None
    """None: now."""


class DeployShown(Schema):
    id: int
    version: str
    environment: str
    service: str
    name: str
    url: str
    started: str | None
    finished: str
    marked_by: str


class DeployList(Schema):
    deploys: list[DeployShown]
    truncated: bool


class CommitShown(Schema):
    sha: str
    repository: str
    author: str
    email: str
    message: str
    time: str | None
    files: list[str]


class ReleaseHealth(Schema):
    """From sessions that SDKs tell of."""

    sessions: int
    crashed: int
    abnormal: int
    errored: int
    """Sessions that ended well after an error that was handled."""
    users: int
    crashed_users: int
    crash_free_sessions: float | None
    """Share from 0 to 1; none: there were no sessions."""
    crash_free_users: float | None
    adoption_sessions: float | None
    """Share of all releases' sessions in the range."""
    adoption_users: float | None


class ReleaseSummary(Schema):
    version: str
    known: bool
    """Somebody made or deployed it; else it was only seen in what is sent."""
    created: str | None
    released: str | None
    archived: bool
    url: str
    ref: str
    first_seen: str | None
    """In the range, in sessions and errors."""
    last_seen: str | None
    commits: int
    deploys: int
    last_deploy: DeployShown | None
    files: int
    """Source files and maps that were uploaded for it by name."""
    events: int
    unhandled: int
    new_issues: int
    health: ReleaseHealth


class ReleaseList(Schema):
    releases: list[ReleaseSummary]
    total: int
    """Those that there are; `releases` is cut."""
    stats: QueryStats


class ReleasePoint(Schema):
    time: str
    sessions: int
    crashed: int
    users: int
    adoption_sessions: float | None


class ReleaseIssue(Schema):
    id: str
    title: str
    level: str
    status: str
    first_seen: str


class ReleaseDetail(Schema):
    summary: ReleaseSummary
    deploys: list[DeployShown]
    commits: list[CommitShown]
    new_issues: list[ReleaseIssue]
    step_seconds: int
    points: list[ReleasePoint]
    stats: QueryStats
