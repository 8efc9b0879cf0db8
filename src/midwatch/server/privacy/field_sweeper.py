"""Empties the fields that the plan keeps shorter than their rows, a part of a table at a time.

What was done is noted by part: one is looked at again when rows came into it, when more of it is due, or when the rules
are others. A note that is lost costs a look.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

import structlog
import xxhash

from midwatch.contract.privacy_rules import KeptShorter
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.store.field_retention import Due, FieldRetention, Partition, due

log = structlog.get_logger(__name__)

DOCUMENT = "field_retention"
EVERY_SECONDS = 3600.0
"""Parts become due at midnight (UTC); rows that come late are found within this time."""


class Notes(Protocol):
    """Documents of the workspace."""

    async def get_document(self, name: str) -> Any: ...

    async def put_document(self, name: str, value: dict[str, Any], actor: str) -> None: ...


class FieldSweeper:
    """Runs on the server that holds the lease. `rules`: those in force."""

    def __init__(
        self, fields: FieldRetention, notes: Notes, clock: Clock, rules: Callable[[], Sequence[KeptShorter]]
    ) -> None:
        self._fields, self._notes, self._clock, self._rules = fields, notes, clock, rules
        self._changed = asyncio.Event()
        self._counts = Counts("midwatch_fields_emptied_total", "Rows of which fields were emptied", ("table",))

    def look(self) -> None:
        """Sweep soon: the rules are others."""
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._changed.clear()
            try:
                await self.sweep()
            except MidwatchError as error:
                log.warning("fields.not_swept", error=error.message)
            try:
                await asyncio.wait_for(self._changed.wait(), EVERY_SECONDS)
            except TimeoutError:
                continue

    async def sweep(self) -> None:
        """Raises Unavailable; what was done by then is done."""
        wanted = due(self._rules())
        document = await self._notes.get_document(DOCUMENT)
        before: dict[str, Any] = dict(document.value) if document is not None else {}
        notes: dict[str, Any] = {}
        emptied: set[str] = set()
        for one in wanted:
            name = _name(one)
            known, notes[name] = before.get(name, {}), {}
            for partition in await self._fields.partitions(one.fields):
                until = self._until(one, partition)
                if until is None:
                    continue
                noted = f"{until} {partition.mark}"
                if known.get(partition.id) != noted and (rows := await self._fields.empty(one, partition, until)):
                    emptied.add(one.fields.table)
                    self._counts.add(one.fields.table, amount=rows)
                    log.info("fields.emptied", table=one.fields.table, part=partition.id, rows=rows, days=one.days)
                notes[name][partition.id] = noted
        if emptied:
            await self._fields.forget(sorted(emptied))
        if notes != before:
            # Behind the parts: until they are gone nothing is done.
            await self._notes.put_document(DOCUMENT, notes, "system")

    def measures(self) -> Iterable[Measure]:
        yield from self._counts.measures()

    def _until(self, one: Due, partition: Partition) -> date | None:
        """The day before which rows of the partition are due; None where none is yet."""
        today = datetime.fromtimestamp(self._clock.now_ns() // 10**9, UTC).date()
        until = today - timedelta(days=one.days)
        if one.fields.parted_by != "Timestamp":
            return until
        return min(until, partition.behind) if until > partition.first else None


def _name(one: Due) -> str:
    """Of the rules, whatever they are about: as long as it is the same, so is what was done."""
    said = repr((one.fields.table, one.days, sorted(one.services), one.pattern))
    return f"{one.fields.table} {xxhash.xxh3_128(said.encode()).hexdigest()}"
