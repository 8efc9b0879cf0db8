"""Who fills the disk: bytes of each signal's tables by day, shared among services by the bytes that they send."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from midwatch.server.model.signal import Signal
from midwatch.server.query.source import Scope
from midwatch.server.query.spending.reader import Reader

TABLES: Mapping[Signal, tuple[str, ...]] = {
    Signal.TRACES: ("spans", "trace_index", "service_red", "service_edges"),
    Signal.LOGS: ("logs", "log_volume"),
    Signal.METRICS: ("metric_points", "metric_samples", "metric_histograms", "metric_series", "metric_exemplars"),
    Signal.ERRORS: ("error_events", "error_volume"),
    Signal.EVENTS: ("product_events",),
}


class Layout(Protocol):
    @property
    def parts(self) -> str: ...

    def stored(self, table: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """Of one signal, service and day. `service` empty: not told apart."""

    signal: str
    service: str
    day: int
    """As 20261127."""
    items: int
    sent_bytes: int
    """Before compression, of what tells items apart."""
    disk_bytes: int
    """Its share of the day's tables."""


class StorageQueries:
    def __init__(self, source: Reader, layout: Callable[[], Layout]) -> None:
        # How tables lie is known when the store is open.
        self._source, self._layout = source, layout

    async def all(self, scope: Scope) -> list[Stored]:
        """By day; services with nothing of a day are left out."""
        disk = await self._disk(scope)
        sent = await self._sent(scope)
        return sorted(_shared(disk, sent), key=lambda one: (-one.disk_bytes, one.day, one.signal, one.service))

    async def _disk(self, scope: Scope) -> dict[tuple[str, int], int]:
        layout = self._layout()
        signals = {layout.stored(table): signal.value for signal, tables in TABLES.items() for table in tables}
        found = await self._source.rows(
            f"""SELECT table, toUInt32OrZero(partition) AS day, sum(bytes_on_disk) AS bytes
                FROM {layout.parts} WHERE active AND database = currentDatabase()
                    AND table IN {tuple(signals)}
                    AND day >= toYYYYMMDD(fromUnixTimestamp64Nano({{start:Int64}}, 'UTC'))
                    AND day <= toYYYYMMDD(fromUnixTimestamp64Nano({{end:Int64}}, 'UTC'))
                GROUP BY table, day""",
            scope.params,
        )
        disk: dict[tuple[str, int], int] = {}
        for row in found:
            key = (signals[row["table"]], int(row["day"]))
            disk[key] = disk.get(key, 0) + int(row["bytes"])
        return disk

    async def _sent(self, scope: Scope) -> list[dict[str, Any]]:
        return await self._source.rows(
            """SELECT toString(Signal) AS signal, toString(ServiceName) AS service, Day AS day, sum(Items) AS items,
                    sum(Bytes) AS bytes
                FROM sent_bytes WHERE Project = {project:UInt32}
                    AND Day >= toYYYYMMDD(fromUnixTimestamp64Nano({start:Int64}, 'UTC'))
                    AND Day <= toYYYYMMDD(fromUnixTimestamp64Nano({end:Int64}, 'UTC'))
                GROUP BY signal, service, day""",
            scope.params,
        )


def _shared(disk: Mapping[tuple[str, int], int], sent: Iterable[Mapping[str, Any]]) -> list[Stored]:
    """Largest remainders are not worth it: bytes are rounded down, and what is left is nobody's."""
    rows = list(sent)
    whole: dict[tuple[str, int], int] = {}
    for row in rows:
        key = (row["signal"], int(row["day"]))
        whole[key] = whole.get(key, 0) + int(row["bytes"])
    found, given = [], dict.fromkeys(disk, 0)
    for row in rows:
        key = (row["signal"], int(row["day"]))
        share = disk.get(key, 0) * int(row["bytes"]) // whole[key] if whole[key] else 0
        given[key] = given.get(key, 0) + share
        found.append(Stored(row["signal"], row["service"], key[1], int(row["items"]), int(row["bytes"]), share))
    left = [Stored(signal, "", day, 0, 0, disk[signal, day] - given[signal, day]) for signal, day in disk]
    return [*found, *(one for one in left if one.disk_bytes > len(rows))]
