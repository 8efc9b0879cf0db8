"""Reads domain events from teams' own tables: one task a source, on the server that holds the lease."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

import structlog

from midwatch.contract.plan.sections.event_sources import EventSource, EventSources
from midwatch.server.events.table import EventTable, TableFailed
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError
from midwatch.server.model.measure import Measure
from midwatch.server.model.signal import SegmentKind
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.outgoing.reach import Guard
from midwatch.server.protocols.domain_events.lines import read_events
from midwatch.server.workspace.event_chain import EventSourcePlaces

log = structlog.get_logger(__name__)

BACKOFF_SECONDS_MAX = 60.0
Put = Callable[[SegmentKind, IngestGrant, bytes, int], Awaitable[None]]


@dataclass(slots=True)
class SourceState:
    """How reading a table goes, for the page and `/metrics`."""

    source: EventSource
    events: int = 0
    refused: int = 0
    read_ns: int = 0
    """0: not yet."""
    error: str = ""
    failing: bool = False


@dataclass(slots=True)
class EventReaders:
    """Of the plan in force."""

    guard: Guard
    files: PlanFiles
    places: EventSourcePlaces
    clock: Clock
    states: dict[str, SourceState] = field(default_factory=dict)
    _sources: EventSources = ()
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def configure(self, sources: EventSources) -> None:
        """An effect of the plan."""
        if sources == self._sources:
            return
        self._sources = sources
        self.states = {one.name: SourceState(one) for one in sources}
        self._changed.set()

    def measures(self) -> Iterable[Measure]:
        for name, state in self.states.items():
            labels = (("source", name),)
            yield Measure("midwatch_event_source_events_total", "Events read from teams' tables", state.events, labels)
            text = "Rows of teams' tables that are no events"
            yield Measure("midwatch_event_source_refused_total", text, state.refused, labels)
            text = "Whether a table can be read"
            yield Measure("midwatch_event_source_up", text, float(not state.failing), labels, kind="gauge")

    async def run(self, put: Put) -> None:
        """Until cancelled."""
        while True:
            self._changed.clear()
            tasks = [asyncio.create_task(self._follow(state, put)) for state in self.states.values()]
            try:
                await self._changed.wait()
            finally:
                for task in tasks:
                    task.cancel()
                for task in tasks:
                    with suppress(asyncio.CancelledError):
                        await task

    async def _follow(self, state: SourceState, put: Put) -> None:
        source, table = state.source, None
        wait = source.every
        try:
            while True:
                try:
                    if table is None:
                        safe = await self.places.get(_place(source))
                        table = EventTable(source, self.guard, self.files, self.clock, safe)
                    await self._read(table, state, put)
                    wait = source.every
                except (TableFailed, MidwatchError) as error:
                    wait = self._failed(state, str(error), wait)
                    await _closed(table)
                    table = None
                except Exception as error:  # ours: said with its trace, and no reason to end the others
                    log.exception("events.source_failed", source=source.name)
                    wait = self._failed(state, f"{type(error).__name__}: see the server's log", wait)
                    await _closed(table)
                    table = None
                await asyncio.sleep(wait)
        finally:
            await _closed(table)

    async def _read(self, table: EventTable, state: SourceState, put: Put) -> None:
        source = state.source
        grant = IngestGrant(f"events-{source.name}"[:60], f"events:{source.name}"[:60], source.project, None, (), None)
        refused = ""
        before = table.safe
        async with aclosing(table.read()) as parts:
            async for events in parts:
                read = await asyncio.to_thread(read_events, events)
                if read.events:
                    await put(SegmentKind.DOMAIN_EVENTS, grant, read.lines, read.events)
                state.events += read.events
                state.refused += len(read.refused)
                refused = next((f"row {one.event_id or '?'}: {one.reason}" for one in read.refused), refused)
        if table.safe != before:
            await self.places.put(_place(source), table.safe)
        if state.failing:
            log.info("events.source_reads", source=source.name)
        state.read_ns, state.failing = self.clock.now_ns(), False
        if refused:
            log.warning("events.rows_refused", source=source.name, error=refused)
            state.error = refused
        elif not state.refused:
            state.error = ""

    def _failed(self, state: SourceState, said: str, wait: float) -> float:
        if not state.failing:
            log.warning("events.source_failing", source=state.source.name, error=said)
        state.failing, state.error = True, said
        return min(wait * 2, max(BACKOFF_SECONDS_MAX, state.source.every))


def _place(source: EventSource) -> str:
    """What is remembered is of this table's positions, and no other's."""
    return f"{source.name}/{source.table}/{source.columns.position}"[:200]


async def _closed(table: EventTable | None) -> None:
    if table is not None:
        with suppress(Exception):
            await table.close()
