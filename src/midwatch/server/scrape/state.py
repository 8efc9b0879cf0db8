"""What is known of targets, for the API: filled by the jobs of this server, empty on one that does not scrape."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from midwatch.server.scrape.relabel import Labels
from midwatch.server.scrape.targets import Dropped, Target


@dataclass(slots=True)
class TargetState:
    """One target and what came of its last scrape."""

    job: str
    target: Target
    discovered: Labels
    health: Literal["unknown", "up", "down"] = "unknown"
    error: str = ""
    scraped_ns: int | None = None
    seconds: float = 0.0
    samples: int = 0
    """Of the last page, after relabelling."""


@dataclass(slots=True)
class JobState:
    """One entry of `scrape_configs`."""

    job: str
    active: list[TargetState] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    """The first of them."""
    dropped_count: int = 0
    problems: Sequence[str] = ()
    """Of discovery and of the job's own settings."""


class Targets:
    """All that is scraped, by job. `scraping` says whether this server does it; of several servers one does."""

    def __init__(self) -> None:
        self.jobs: dict[str, JobState] = {}
        self.scraping = False

    @property
    def active(self) -> list[TargetState]:
        return [one for job in self.jobs.values() for one in job.active]
