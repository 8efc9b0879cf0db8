"""Probes at work at one location: each in its own rhythm, none waiting for another."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from midwatch.contract.plan.sections.probes import Probe
from midwatch.server.model.clock import Clock
from midwatch.server.monitors.probes.attempt import Fault, Reason, Result
from midwatch.server.monitors.probes.judgement import Standing, Verdict, judged, next_seconds

log = structlog.get_logger(__name__)

IN_FLIGHT_MAX = 4000
"""Attempts at once; each has a socket. What is over is our fault, and says so."""
SLOW_SECONDS = 0.5
SLOW_PART = 0.25
"""A time-out during which the event loop stood still for so long, or for this part of it, was ours."""


class Asks(Protocol):
    async def ask(self, probe: Probe) -> Result: ...


class Around(Protocol):
    """Whether our own network works."""

    def reached(self, probe: Probe) -> None: ...

    async def works(self, probe: Probe) -> bool: ...


class Lag(Protocol):
    def since(self, monotonic: float) -> float: ...


@dataclass(frozen=True, slots=True)
class Report:
    """One attempt at a location, and where the probe stands after it."""

    probe: str
    location: str
    result: Result
    standing: Standing


Tell = Callable[[Report], None]


class Prober:
    """`configure` may be called while it runs: probes that did not change go on undisturbed."""

    def __init__(self, asks: Asks, around: Around, lag: Lag, clock: Clock, tell: Tell, *, location: str) -> None:
        self._asks, self._around, self._lag, self._clock = asks, around, lag, clock
        self._tell = tell
        self.location = location
        self.standings: dict[str, Standing] = {}
        self._wanted: dict[str, Probe] = {}
        self._changed = asyncio.Event()
        self._running: dict[str, tuple[Probe, asyncio.Task[None]]] = {}
        self.in_flight = 0

    def configure(self, probes: Sequence[Probe], standings: Mapping[str, Standing] | None = None) -> None:
        """`standings`: where probes stood before this process knew them."""
        self._wanted = {probe.name: probe for probe in probes}
        for name, standing in (standings or {}).items():
            self.standings.setdefault(name, standing)
        self.standings = {name: one for name, one in self.standings.items() if name in self._wanted}
        self._changed.set()

    async def run(self) -> None:
        """Probe until cancelled."""
        try:
            while True:
                self._changed.clear()
                self._apply()
                await self._changed.wait()
        finally:
            running, self._running = self._running, {}
            for _, task in running.values():
                task.cancel()
            await asyncio.gather(*(task for _, task in running.values()), return_exceptions=True)

    def _apply(self) -> None:
        for name, (probe, task) in list(self._running.items()):
            if self._wanted.get(name) != probe:
                task.cancel()
                del self._running[name]
        for name, probe in self._wanted.items():
            if name not in self._running:
                self._running[name] = (probe, asyncio.ensure_future(self._repeat(probe)))

    async def _repeat(self, probe: Probe) -> None:
        offset, last = _offset(probe), float("-inf")
        soon: float | None = None
        while True:
            now = self._clock.now_ns() / 1e9
            if soon is None:
                due = now + probe.interval - (now - offset) % probe.interval
                if due - last < probe.interval / 2:
                    due += probe.interval  # woken a little early: that was this one
                last = due
            else:
                due = now + soon
            await asyncio.sleep(due - now)
            try:
                standing = await self.attempt(probe)
            except Exception:
                log.exception("probe.failed", probe=probe.name)
                soon = None
                continue
            soon = next_seconds(standing, probe)

    async def attempt(self, probe: Probe) -> Standing:
        """Ask once, judge, tell."""
        before = self.standings.get(probe.name, Standing())
        result = await self._bounded(probe)
        verdict = await self._verdict(probe, result)
        if verdict is Verdict.BLIND and result.fault is Fault.PERHAPS_NETWORK:
            result = replace(result, detail=f"{result.detail}; nobody else can be reached from {self.location} either")
        standing = judged(before, verdict, result, probe)
        self.standings[probe.name] = standing
        if standing.state is not before.state:
            log.info("probe.state", probe=probe.name, location=self.location, state=standing.state, why=standing.detail)
        self._tell(Report(probe.name, self.location, result, standing))
        return standing

    async def _bounded(self, probe: Probe) -> Result:
        if self.in_flight >= IN_FLIGHT_MAX:
            said = f"{IN_FLIGHT_MAX:,} other attempts are under way"
            return Result(self._clock.now_ns(), 0.0, Reason.NO_RESOURCES, said)
        self.in_flight += 1
        began = self._clock.monotonic()
        try:
            result = await self._asks.ask(probe)
        finally:
            self.in_flight -= 1
        slept = self._lag.since(began)
        if result.reason in (Reason.TIMEOUT, Reason.LATENCY) and slept > min(SLOW_SECONDS, probe.timeout * SLOW_PART):
            said = f"Midwatch itself stood still for {slept:.1f} s meanwhile; {result.detail}"
            return replace(result, reason=Reason.MIDWATCH_SLOW, detail=said)
        return result

    async def _verdict(self, probe: Probe, result: Result) -> Verdict:
        if result.success or result.fault is Fault.THEIRS:
            if result.reached:
                self._around.reached(probe)
            return Verdict.GOOD if result.success else Verdict.BAD
        if result.fault is Fault.OURS:
            return Verdict.BLIND
        return Verdict.BAD if await self._around.works(probe) else Verdict.BLIND


def _offset(probe: Probe) -> float:
    """Of its attempts within its interval: spread over all probes, and the same after a restart."""
    digest = hashlib.md5(probe.name.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * probe.interval
