"""Whether our own side of the network works: asked when somebody does not answer, before they are told to be down."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress

from midwatch.contract.plan.probes.expect import host_and_port
from midwatch.contract.plan.sections.probes import Probe
from midwatch.server.model.clock import Clock
from midwatch.server.outgoing.reach import AddressRefused, Guard, ResolverBusy, connected

REFERENCE_SECONDS_MAX = 3.0
PEERS_MAX = 4
"""Other probes' targets that are asked where the plan names no references."""
REMEMBERED_SECONDS = 3.0
"""Thousands of probes may fail in the same second: one of them asks."""

Endpoint = tuple[str, int]


class Surroundings:
    """`works` connects to references, or to others that were reached before; whoever takes a connection will do."""

    def __init__(self, guard: Guard, clock: Clock) -> None:
        self._guard, self._clock = guard, clock
        self._references: tuple[Endpoint, ...] = ()
        self._peers: dict[Endpoint, None] = {}
        self._asked: dict[tuple[Endpoint, ...], tuple[float, asyncio.Future[bool]]] = {}

    def configure(self, references: Iterable[str], probes: Iterable[Probe]) -> None:
        self._references = tuple(host_and_port(one) for one in references)
        known = {probe.target.endpoint for probe in probes}
        self._peers = {one: None for one in self._peers if one in known}

    def reached(self, probe: Probe) -> None:
        """Somebody was there: one to ask when another is not."""
        endpoint = probe.target.endpoint
        if endpoint is not None and probe.kind != "dns":
            self._peers.pop(endpoint, None)
            self._peers[endpoint] = None

    async def works(self, probe: Probe) -> bool:
        """True also where there is nobody to ask: what fails is then believed."""
        own = probe.target.endpoint
        asked = self._references or self._others(own[0] if own else "")
        if not asked:
            return True
        now = self._clock.monotonic()
        self._asked = {key: one for key, one in self._asked.items() if now - one[0] < REMEMBERED_SECONDS}
        if asked not in self._asked:
            self._asked[asked] = (now, asyncio.ensure_future(self._any(asked)))
        return await asyncio.shield(self._asked[asked][1])

    def _others(self, host: str) -> tuple[Endpoint, ...]:
        """The newest that were reached, each host once."""
        found: Mapping[str, Endpoint] = {one[0]: one for one in self._peers if one[0] != host}
        return tuple(list(found.values())[-PEERS_MAX:])

    async def _any(self, endpoints: tuple[Endpoint, ...]) -> bool:
        asking = [asyncio.ensure_future(self._takes(one)) for one in endpoints]
        try:
            for found in asyncio.as_completed(asking):
                if await found:
                    return True
            return False
        finally:
            for one in asking:
                one.cancel()

    async def _takes(self, endpoint: Endpoint) -> bool:
        """Refused or reset is an answer too."""
        with suppress(OSError, AddressRefused, ResolverBusy, TimeoutError):
            async with asyncio.timeout(REFERENCE_SECONDS_MAX):
                addresses = await self._guard.addresses(*endpoint)
                with suppress(ConnectionError):
                    (await connected(addresses, endpoint[1])).close()
                return True
        return False


class LoopLag:
    """How late this process gets to its work: a time-out that we slept through is nobody else's fault."""

    STEP_SECONDS = 0.2

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._late: list[tuple[float, float]] = []

    async def run(self) -> None:
        while True:
            due = self._clock.monotonic() + self.STEP_SECONDS
            await asyncio.sleep(self.STEP_SECONDS)
            now = self._clock.monotonic()
            if now - due > self.STEP_SECONDS:
                self._late.append((now, now - due))
            self._late = [one for one in self._late[-1000:] if now - one[0] < 120.0]

    def since(self, monotonic: float) -> float:
        """Seconds that the event loop stood still, all together, since then."""
        return sum(late for at, late in self._late if at >= monotonic)
