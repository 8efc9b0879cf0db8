"""What this server's INSERTs cut, clamped or set aside since it started, for `/metrics`.

The judging is the store's (`flatten/`), and so is the count; it is read back now and then, never per segment.
"""

import asyncio
from collections.abc import Iterable

import structlog

from midwatch.server.model.errors import StoreError
from midwatch.server.model.measure import Measure
from midwatch.server.store.client import QueryClass, Store

log = structlog.get_logger(__name__)

READ_SECONDS = 10.0
SERIES_MAX = 5000
_COUNTS = f"""SELECT toString(KeyId) AS key, toString(Signal) AS signal, toString(Reason) AS reason,
    toUInt32(Day) AS day, toUInt64(sum(Count)) AS n FROM limits_hit
WHERE startsWith(Writer, {{run:String}}) GROUP BY key, signal, reason, day ORDER BY day LIMIT {SERIES_MAX}"""


class StoredLimits:
    """The figures of one run of the writer."""

    def __init__(self, store: Store, run: str) -> None:
        self._store = store
        self._run = run
        self._counts: dict[tuple[str, str, str, int], int] = {}
        """By key id, signal, reason and day: days that the table has forgotten stay counted."""

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            try:
                await self.read()
            except StoreError as error:
                log.debug("limits.not_read", error=error.message)
            await asyncio.sleep(READ_SECONDS)

    async def read(self) -> None:
        rows = await self._store.rows(_COUNTS, {"run": self._run}, query_class=QueryClass.RULES)
        self._counts |= {(row["key"], row["signal"], row["reason"], int(row["day"])): int(row["n"]) for row in rows}

    def measures(self) -> Iterable[Measure]:
        totals: dict[tuple[str, str, str], int] = {}
        for (*labels, _day), count in self._counts.items():
            key, signal, reason = labels
            totals[key, signal, reason] = totals.get((key, signal, reason), 0) + count
        text = "Items cut, clamped or set aside, by key id, signal and reason"
        for (key, signal, reason), total in totals.items():
            labelled = (("key", key), ("signal", signal), ("reason", reason))
            yield Measure("midwatch_limits_hit_total", text, total, labelled)
