"""Bodies of Sentry's own API as sentry-cli and the bundler plugins send them; what is not read here is ignored."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from midwatch.server.schemas.releases import Url, Version

CHUNKS_MAX = 1024
PROJECTS_MAX = 50
COMMITS_MAX = 10_000
"""Read; the newest are kept, as workspace/releases.py says."""
Sha1 = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Slug = Annotated[str | int, Field(union_mode="left_to_right")]
Said = Annotated[str | None, Field(max_length=1000)]
Moment = Annotated[str | None, Field(max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Assemble(_Body):
    checksum: Sha1
    chunks: Annotated[list[Sha1], Field(max_length=CHUNKS_MAX)] = Field(default=[])
    projects: Annotated[list[Slug], Field(max_length=PROJECTS_MAX)] = Field(default=[])
    version: Version | None = None
    dist: Annotated[str | None, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] = None


class PatchSet(_Body):
    path: Annotated[str, Field(max_length=4096)]


class SentCommit(_Body):
    id: Annotated[str, Field(min_length=1, max_length=100)]
    repository: Said = None
    author_name: Said = None
    author_email: Said = None
    message: Annotated[str | None, Field(max_length=100_000)] = None
    timestamp: Moment = None
    patch_set: Annotated[list[PatchSet] | None, Field(max_length=10_000)] = None


class Ref(_Body):
    """The last commit of a release in a repository."""

    commit: Annotated[str, Field(min_length=1, max_length=100)]
    repository: Said = None


class SentRelease(_Body):
    """Of a POST, which names the release, or a PUT, which has it in its path."""

    version: Version | None = None
    projects: Annotated[list[Slug], Field(max_length=PROJECTS_MAX)] | None = None
    url: Url | None = None
    ref: Annotated[str | None, Field(max_length=200)] = None
    dateStarted: Moment = None
    dateReleased: Moment = None
    status: Annotated[str | None, Field(max_length=20)] = None
    commits: Annotated[list[SentCommit] | None, Field(max_length=COMMITS_MAX)] = None
    refs: Annotated[list[Ref] | None, Field(max_length=100)] = None


class SentDeploy(_Body):
    environment: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
    name: Annotated[str | None, Field(max_length=200)] = None
    url: Url | None = None
    dateStarted: Moment = None
    dateFinished: Moment = None
    projects: Annotated[list[Slug], Field(max_length=PROJECTS_MAX)] | None = None


Answer = dict[str, Any]
