"""Pings an address outside while all is well: whoever waits there raises the alarm when Midwatch cannot."""

import asyncio
from collections.abc import Callable, Iterable

import structlog

from midwatch.contract.plan.sections.dead_mans_switch import DeadMansSwitch
from midwatch.server.model.clock import Clock
from midwatch.server.model.measure import Measure
from midwatch.server.notify.connection import Connection, Unreachable
from midwatch.server.notify.http_config import HttpConfig
from midwatch.server.notify.request import Request, Secrets
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.outgoing.reach import Guard

log = structlog.get_logger(__name__)

Trouble = Callable[[], str | None]
"""Why no ping may go out now; None: all is well."""


class DeadMansSwitchPings:
    """For the server that delivers. `troubles` are asked before each ping."""

    def __init__(self, guard: Guard, files: PlanFiles, clock: Clock, troubles: Iterable[Trouble]) -> None:
        self._guard = guard
        self._files = files
        self._clock = clock
        self._troubles = list(troubles)
        self._section = DeadMansSwitch()
        self._changed = asyncio.Event()
        self.pings = 0
        self.withheld = 0
        self.failed = 0
        self.last_ns = 0
        """Of the newest ping that was answered; 0: none."""

    def configure(self, section: DeadMansSwitch) -> None:
        self._section = section
        self._changed.set()

    async def run(self) -> None:
        """Ping until cancelled."""
        while True:
            self._changed.clear()
            section = self._section
            if section.url:
                await self._ping(section)
            try:
                async with asyncio.timeout(section.interval if section.url else None):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _ping(self, section: DeadMansSwitch) -> None:
        trouble = next((found for one in self._troubles if (found := one()) is not None), None)
        if trouble is not None:
            self.withheld += 1
            log.warning("dead_mans_switch.withheld", trouble=trouble)
            return
        connection = Connection(HttpConfig(), self._guard, self._files, self._clock)
        secrets = Secrets([section.url])
        try:
            answer = await connection.exchange(Request("GET", section.url), section.timeout, secrets)
        except Unreachable as error:
            self.failed += 1
            log.warning("dead_mans_switch.not_reached", error=secrets.masked(str(error)))
            return
        finally:
            await connection.close()
        if answer.status >= 400:
            self.failed += 1
            log.warning("dead_mans_switch.refused", status=answer.status)
            return
        self.pings += 1
        self.last_ns = self._clock.now_ns()

    def measures(self) -> Iterable[Measure]:
        if not self._section.url:
            return
        name, text = "midwatch_dead_mans_switch_pings_total", "Pings of the dead man's switch, by what became of them."
        for outcome, count in (("answered", self.pings), ("withheld", self.withheld), ("failed", self.failed)):
            yield Measure(name, text, count, (("outcome", outcome),))
