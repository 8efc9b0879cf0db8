"""What this server's INSERTs counted since it started, for `/metrics`: limits that were hit, and what was private.

The judging is the store's (`flatten/`), and so is the count; it is read back now and then, never per segment.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog

from midwatch.server.model.errors import StoreError
from midwatch.server.model.measure import Measure
from midwatch.server.store.client import QueryClass, Store

log = structlog.get_logger(__name__)

READ_SECONDS = 10.0
SERIES_MAX = 5000


@dataclass(frozen=True, slots=True)
class Counted:
    """A roll-up with the columns Writer, Day and Count, and how it is told."""

    table: str
    labels: Mapping[str, str]
    """Label → column."""
    name: str
    text: str


LIMITS = Counted(
    "limits_hit",
    {"key": "KeyId", "signal": "Signal", "reason": "Reason"},
    "midwatch_limits_hit_total",
    "Items cut, clamped or set aside, by key id, signal and reason",
)
LEAKS = Counted(
    "leaks",
    {"signal": "Signal", "service": "ServiceName", "found": "Found"},
    "midwatch_leaks_total",
    "Private values that were taken out at the server, by signal, service and what they were",
)


class RunCounts:
    """The figures of one run of the writer."""

    def __init__(self, store: Store, counted: Counted, run: str) -> None:
        self._store, self._counted, self._run = store, counted, run
        self._counts: dict[tuple[str, ...], int] = {}
        """By labels and day: days that the table has forgotten stay counted."""
        columns = ", ".join(f"toString({column}) AS {label}" for label, column in counted.labels.items())
        self._sql = f"""SELECT {columns}, toString(Day) AS day, toUInt64(sum(Count)) AS n FROM {counted.table}
        WHERE startsWith(Writer, {{run:String}}) GROUP BY {", ".join(counted.labels)}, day
        ORDER BY day LIMIT {SERIES_MAX}"""

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            try:
                await self.read()
            except StoreError as error:
                log.debug("counts.not_read", table=self._counted.table, error=error.message)
            await asyncio.sleep(READ_SECONDS)

    async def read(self) -> None:
        rows = await self._store.rows(self._sql, {"run": self._run}, query_class=QueryClass.RULES)
        names = (*self._counted.labels, "day")
        self._counts |= {tuple(row[name] for name in names): int(row["n"]) for row in rows}

    def measures(self) -> Iterable[Measure]:
        totals: dict[tuple[str, ...], int] = {}
        for (*values, _day), count in self._counts.items():
            totals[tuple(values)] = totals.get(tuple(values), 0) + count
        for told, total in totals.items():
            labels = tuple(zip(self._counted.labels, told, strict=True))
            yield Measure(self._counted.name, self._counted.text, total, labels)
