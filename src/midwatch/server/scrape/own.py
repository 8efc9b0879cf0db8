"""Midwatch's own `/metrics` as series of the job `midwatch`, written by each server for itself.

So boards and rules see what is taken in, refused, waiting and late without anything that scrapes. Series, markers and
`up` are as if the page were scraped; nobody asks for it over HTTP.
"""

import asyncio
from collections.abc import Callable

import structlog

from midwatch.contract.plan.sections.scrape_configs import ScrapeConfig
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError
from midwatch.server.model.signal import SegmentKind
from midwatch.server.scrape.scraper import Put
from midwatch.server.scrape.written import Outcome, TargetSeries

log = structlog.get_logger(__name__)

JOB = "midwatch"
GRANT = IngestGrant(JOB, JOB, 1, None, (), None)
"""Whose these series are: by this key id they are told apart from what somebody sent."""


class OwnSeries:
    """`page` makes the text, in the loop. `instance` tells servers on one store apart."""

    def __init__(self, page: Callable[[], str], clock: Clock, *, instance: str, seconds: float) -> None:
        self._page, self._clock, self._seconds = page, clock, seconds
        labels = {"job": JOB, "instance": instance}
        self._series = TargetSeries(ScrapeConfig(job_name=JOB), lambda found: found, labels.items())

    async def run(self, put: Put) -> None:
        """Write until cancelled, and end the series then."""
        reading: asyncio.Future[Outcome] | None = None
        try:
            while True:
                now = self._clock.now_ns() / 1e9
                await asyncio.sleep(self._seconds - now % self._seconds)
                began = self._clock.monotonic()
                time_ms = self._clock.now_ns() // 10**6
                in_thread = asyncio.to_thread(self._series.page, self._page(), time_ms, open_metrics=False)
                reading = asyncio.ensure_future(in_thread)
                outcome = await asyncio.shield(reading)
                report = self._series.report(outcome, time_ms, self._clock.monotonic() - began)
                await self._keep([*outcome.bodies, report], put)
        finally:
            if reading is not None:
                await asyncio.wait([reading])
            gone = self._series.gone(self._clock.now_ns() // 10**6) if self._series.live else []
            await asyncio.shield(self._keep(gone, put))

    async def _keep(self, bodies: list[tuple[bytes, int]], put: Put) -> None:
        try:
            for content, items in bodies:
                await put(SegmentKind.REMOTE_WRITE, GRANT, content, items)
        except MidwatchError as error:  # told by `/metrics` itself, and the next may pass
            log.debug("own_metrics.not_kept", error=error.message)
