"""All jobs of the plan in force, on the one server that holds the lease."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

import structlog

from midwatch.contract.plan.sections.scrape_configs import ScrapeConfig
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import Unavailable
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.model.signal import SegmentKind
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.scrape.job import READING_MAX, Job
from midwatch.server.scrape.state import Targets

log = structlog.get_logger(__name__)

GRANT = IngestGrant("scrape", "scrape", 1, None, (), None)
"""Whose the scraped series are: project 1, like what keys bring that name no other."""

Put = Callable[[SegmentKind, IngestGrant, bytes, int], Awaitable[None]]


class Held(Protocol):
    """The lease, as far as it is needed here."""

    @property
    def lost(self) -> asyncio.Event: ...


class Scraper:
    """`configure` is an effect of the plan on every server; `run` is for the one that holds the lease."""

    def __init__(self, files: PlanFiles, clock: Clock) -> None:
        self.targets = Targets()
        self._files = files
        self._clock = clock
        self._configs: tuple[ScrapeConfig, ...] = ()
        self._changed = asyncio.Event()
        self._jobs: dict[str, Job] = {}
        self._reading = asyncio.Semaphore(READING_MAX)
        self._kept = Counts(
            "midwatch_scrape_samples_total", "Samples of scraped pages that were kept, markers included", ()
        )

    def configure(self, configs: Sequence[ScrapeConfig]) -> None:
        self._configs = tuple(configs)
        self._changed.set()

    async def run(self, lease: Held, put: Put) -> None:
        """Scrape until cancelled; `put` takes bodies of remote write.

        What comes after the lease was lost is dropped: its next holder scrapes for itself.
        """
        self.targets.scraping = True
        try:
            while True:
                self._changed.clear()
                await self._apply(lease, put)
                await self._changed.wait()
        finally:
            self.targets.scraping = False
            self.targets.jobs = {}
            jobs, self._jobs = self._jobs, {}
            for job in jobs.values():
                await asyncio.shield(job.stop())

    def measures(self) -> Iterable[Measure]:
        yield from self._kept.measures()
        health = {"up": 0, "down": 0, "unknown": 0}
        for target in self.targets.active:
            health[target.health] += 1
        for state, count in health.items():
            text = "Targets that this server scrapes, by health"
            yield Measure("midwatch_scrape_targets", text, count, (("health", state),), kind="gauge")

    async def _apply(self, lease: Held, put: Put) -> None:
        """Start, stop and replace jobs; one that did not change goes on undisturbed."""
        wanted = {config.job_name: config for config in self._configs}

        async def keep(bodies: list[tuple[bytes, int]]) -> None:
            for content, items in bodies:
                if lease.lost.is_set():
                    raise Unavailable("another server scrapes now", code="lease_lost")
                await put(SegmentKind.REMOTE_WRITE, GRANT, content, items)
                self._kept.add(amount=items)

        for name in [name for name, job in self._jobs.items() if wanted.get(name) != job.config]:
            job = self._jobs.pop(name)
            left = await job.stop()
            if name not in wanted:
                await job.leave(left)
                continue
            self._jobs[name] = Job(wanted[name], self._files, keep, self._clock, self._reading, before=left)
            self._jobs[name].start()
        for name, config in wanted.items():
            if name not in self._jobs:
                self._jobs[name] = Job(config, self._files, keep, self._clock, self._reading)
                self._jobs[name].start()
        self.targets.jobs = {name: self._jobs[name].state for name in wanted}
        if wanted:
            log.info("scrape.jobs", jobs=len(wanted), targets=len(self.targets.active))
