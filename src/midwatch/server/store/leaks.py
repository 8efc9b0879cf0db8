"""What this server took out since it started, for `/metrics`: read back now and then, as limits are."""

import asyncio
from collections.abc import Iterable

import structlog

from midwatch.server.model.errors import StoreError
from midwatch.server.model.measure import Measure
from midwatch.server.store.client import QueryClass, Store

log = structlog.get_logger(__name__)

READ_SECONDS = 10.0
SERIES_MAX = 2000
_COUNTS = f"""SELECT toString(Signal) AS signal, toString(ServiceName) AS service, toString(Found) AS found,
    toUInt32(Day) AS day, toUInt64(sum(Count)) AS n FROM leaks
WHERE startsWith(Writer, {{run:String}}) GROUP BY signal, service, found, day ORDER BY day, n DESC LIMIT {SERIES_MAX}"""


class StoredLeaks:
    """The figures of one run of the writer."""

    def __init__(self, store: Store, run: str) -> None:
        self._store = store
        self._run = run
        self._counts: dict[tuple[str, str, str, int], int] = {}

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            try:
                await self.read()
            except StoreError as error:
                log.debug("leaks.not_read", error=error.message)
            await asyncio.sleep(READ_SECONDS)

    async def read(self) -> None:
        rows = await self._store.rows(_COUNTS, {"run": self._run}, query_class=QueryClass.RULES)
        self._counts |= {(row["signal"], row["service"], row["found"], int(row["day"])): int(row["n"]) for row in rows}

    def measures(self) -> Iterable[Measure]:
        totals: dict[tuple[str, str, str], int] = {}
        for (signal, service, found, _day), count in self._counts.items():
            totals[signal, service, found] = totals.get((signal, service, found), 0) + count
        text = "Private values that were taken out at the server, by signal, service and what they were"
        for (signal, service, found), total in totals.items():
            labels = (("signal", signal), ("service", service), ("found", found))
            yield Measure("midwatch_leaks_total", text, total, labels)
