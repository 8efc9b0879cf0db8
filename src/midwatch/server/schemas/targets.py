"""What is scraped, and how it went."""

from typing import Literal

from midwatch.server.schemas.base import Schema


class ScrapeTarget(Schema):
    job: str
    """Of `scrape_configs`; relabelling may have given the series another label `job`."""
    url: str
    health: Literal["unknown", "up", "down"]
    """Unknown until the first scrape."""
    error: str
    """Why the last page is none, with its line where it was malformed; empty where all is well."""
    labels: dict[str, str]
    discovered_labels: dict[str, str]
    """Before relabelling."""
    last_scrape: str | None
    last_scrape_seconds: float
    samples: int
    """Of the last page, after relabelling."""
    interval_seconds: float
    timeout_seconds: float


class DroppedTarget(Schema):
    job: str
    discovered_labels: dict[str, str]
    reason: str
    """The step of `relabel_configs` that dropped it, and what it saw."""


class ScrapeJob(Schema):
    job: str
    up: int
    down: int
    unknown: int
    dropped: int
    problems: list[str]
    """Of discovery, of single addresses, of the job's own settings."""


class ScrapeTargets(Schema):
    scraping: bool
    """False on a server that does not scrape since another one does."""
    jobs: list[ScrapeJob]
    targets: list[ScrapeTarget]
    """Those that are down first."""
    dropped: list[DroppedTarget]
    """What `relabel_configs` dropped; the first of each job."""
    total: int
    """How many targets there are; more than are listed where the list was cut."""
