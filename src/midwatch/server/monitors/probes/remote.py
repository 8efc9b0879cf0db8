"""Another location: asks a server what to look at, looks, and tells it. Needs no store and no workspace."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import httpx
import structlog

from midwatch.contract.plan import MAIN_FILE, load
from midwatch.contract.plan.sections import probes as probes_section
from midwatch.contract.plan.sections import probing as probing_section
from midwatch.server.model.clock import Clock
from midwatch.server.monitors.probes.asking import Asker
from midwatch.server.monitors.probes.prober import Prober, Report
from midwatch.server.monitors.probes.surroundings import LoopLag, Surroundings
from midwatch.server.monitors.probes.written import report_json
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.outgoing.reach import Guard

log = structlog.get_logger(__name__)

TELL_SECONDS = 2.0
ASK_SECONDS = 60.0
"""How often the probes are asked for where nothing says that they changed."""
RETRY_SECONDS_MAX = 60.0
KEPT_MAX = 20_000
"""Reports that wait while the server cannot be reached; the oldest go."""
AT_ONCE = 500


class Refused(Exception):
    """The server does not let this location in, or does not know what it asks for: nothing gets better by waiting."""


class RemoteLocation:
    def __init__(self, client: httpx.AsyncClient, guard: Guard, clock: Clock, location: str) -> None:
        """`client` has the server's address and the token."""
        self._client, self._clock = client, clock
        self._location = location
        self._around = Surroundings(guard, clock)
        self._lag = LoopLag(clock)
        self._waiting: list[Report] = []
        self._version: int | None = None
        self._stale = asyncio.Event()
        asker = Asker(guard, PlanFiles(None), clock)
        self._prober = Prober(asker, self._around, self._lag, clock, self._tell, location=location)

    async def run(self) -> None:
        """Until cancelled.

        Raises:
            Refused: the token is not taken, or the address is no Midwatch.
        """
        await self._ask()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lag.run())
            group.create_task(self._prober.run())
            group.create_task(self._keep_asking())
            group.create_task(self._keep_telling())

    def _tell(self, report: Report) -> None:
        self._waiting.append(report)
        if len(self._waiting) > KEPT_MAX:
            del self._waiting[: len(self._waiting) - KEPT_MAX]

    async def _keep_asking(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(ASK_SECONDS):
                    await self._stale.wait()
            await self._ask()

    async def _ask(self) -> None:
        """Until the server answers."""
        wait = 1.0
        while True:
            try:
                told = await self._call("GET", "probes")
                break
            except httpx.HTTPError as error:
                log.warning("probe.server_unreachable", error=str(error) or type(error).__name__)
                await asyncio.sleep(wait)
                wait = min(2 * wait, RETRY_SECONDS_MAX)
        self._stale.clear()
        written = {"probes": told["probes"], "probing": told["probing"]}
        loaded = load({MAIN_FILE: json.dumps(written)})
        if loaded.plan is None:
            raise Refused(f"cannot read the server's probes: {loaded.problems[0].message}; is the server newer?")
        probes = loaded.plan[probes_section.SECTION]
        self._around.configure(loaded.plan[probing_section.SECTION].reference_targets, probes)
        self._prober.configure(probes)
        if told["version"] != self._version:
            log.info("probe.configured", probes=len(probes), location=self._location, plan=told["version"])
        self._version = told["version"]

    async def _keep_telling(self) -> None:
        wait = TELL_SECONDS
        while True:
            await asyncio.sleep(wait)
            part = self._waiting[:AT_ONCE]
            if not part:
                continue
            try:
                told = await self._call("POST", "reports", {"reports": [report_json(one) for one in part]})
            except httpx.HTTPError as error:
                log.warning("probe.not_told", waiting=len(self._waiting), error=str(error) or type(error).__name__)
                wait = min(2 * wait, RETRY_SECONDS_MAX)
                continue
            gone = set(map(id, part))
            self._waiting = [one for one in self._waiting if id(one) not in gone]
            wait = 0.0 if len(self._waiting) >= AT_ONCE else TELL_SECONDS
            if told["version"] != self._version:
                self._stale.set()

    async def _call(self, method: str, what: str, body: Any = None) -> Any:
        """
        Raises:
            httpx.HTTPError: no answer, or one that another try may mend.
            Refused: one that it will not.
        """
        answer = await self._client.request(method, f"/api/v1/probe-locations/{self._location}/{what}", json=body)
        if answer.status_code >= 500 or answer.status_code == 429:
            answer.raise_for_status()
        try:
            said = answer.json()
        except ValueError:
            raise Refused(f"{self._client.base_url} does not answer as Midwatch does: is the address right?") from None
        if answer.is_error:
            raise Refused(str(said.get("error", answer.status_code)))
        return said
