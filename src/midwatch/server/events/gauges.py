"""How many entities are in which state, and how many are stuck, as series: `entity_states`, `entity_stuck`."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from midwatch.contract.plan.sections.entities import Entities
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError
from midwatch.server.model.signal import SegmentKind
from midwatch.server.protocols.prometheus.messages import VERSION_1

log = structlog.get_logger(__name__)

EVERY_SECONDS = 15.0
ENVIRONMENTS_MAX = 50
"""Of one kind; a flood of made-up environments makes no flood of series."""
STATES, STUCK = "entity_states", "entity_stuck"
SERIES_A_BODY = 20_000
Put = Callable[[SegmentKind, IngestGrant, bytes, int], Awaitable[None]]
Counted = Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]
"""Rows of project, kind, environment, state, n, stuck."""
Sample = tuple[str, Mapping[str, str], float]
"""Name, labels, value."""


class EntityGauges:
    """Under a lease. Of the kinds that the plan has; states without an entity are 0, so that an alert can end."""

    def __init__(self, counted: Counted, entities: Callable[[], Entities], clock: Clock) -> None:
        self._counted, self._entities, self._clock = counted, entities, clock
        self._environments: dict[tuple[int, str], set[str]] = defaultdict(set)
        """By project and kind: those that were seen, which go on with zeros."""

    async def run(self, put: Put) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.tell(put)
            except MidwatchError as error:
                log.warning("entities.not_told", error=error.message)
            await asyncio.sleep(EVERY_SECONDS)

    async def tell(self, put: Put) -> None:
        """Once. Raises MidwatchError."""
        entities = self._entities()
        if not entities:
            return
        rows = await self._counted()
        now_ms = self._clock.now_ns() // 1_000_000
        for project, samples in self._samples(entities, rows).items():
            grant = IngestGrant("midwatch", "midwatch", project, None, (), None)
            for start in range(0, len(samples), SERIES_A_BODY):
                part = samples[start : start + SERIES_A_BODY]
                await put(SegmentKind.REMOTE_WRITE, grant, _body(part, now_ms), len(part))

    def _samples(self, entities: Entities, rows: Sequence[Mapping[str, Any]]) -> dict[int, list[Sample]]:
        counts = {(row["project"], row["kind"], row["environment"], row["state"]): row for row in rows}
        for row in rows:
            seen = self._environments[row["project"], row["kind"]]
            if len(seen) < ENVIRONMENTS_MAX:
                seen.add(row["environment"])
        found: dict[int, list[Sample]] = defaultdict(list)
        for (project, kind), environments in self._environments.items():
            if kind not in entities:
                continue
            for environment in sorted(environments):
                for state in entities[kind].states:
                    row = counts.get((project, kind, environment, state), {"n": 0, "stuck": 0})
                    labels = {"entity": kind, "state": state, "env": environment}
                    found[project].append((STATES, labels, float(row["n"])))
                    if state in entities[kind].stuck_after:
                        found[project].append((STUCK, labels, float(row["stuck"])))
        return found


def _body(samples: Sequence[Sample], at_ms: int) -> bytes:
    """Of remote write 1.0."""
    request = VERSION_1.request()
    for name, labels, value in samples:
        series = request.timeseries.add()
        for label, text in sorted({**labels, "__name__": name}.items()):
            if text:
                series.labels.add(name=label, value=text)
        series.samples.add(value=value, timestamp=at_ms)
    content: bytes = request.SerializeToString()
    return content
