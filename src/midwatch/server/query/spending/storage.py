"""Who fills the disk: bytes of each signal's tables by day, shared among services, and what that costs.

Logs and traces are shared by the bytes that services send, metrics by their series, the others by how many there are.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from midwatch.server.model.signal import Signal
from midwatch.server.query.source import Scope
from midwatch.server.query.spending.plan import SpendingPlan
from midwatch.server.query.spending.price_book import Entry, Use
from midwatch.server.query.spending.priced import day_of
from midwatch.server.query.spending.reader import Reader

KIND = "midwatch.storage"
"""Of a price: for 1,000,000,000 bytes on disk a month. May be told apart by `service` and `signal`."""
GIGABYTE = Decimal(10**9)
REPLAYS = "replays"
SERVED = (Signal.ERRORS, Signal.EVENTS)
"""Signals with a table of rows by day, which have a service each."""
TABLES: Mapping[Signal, tuple[str, ...]] = {
    Signal.TRACES: ("spans", "trace_index", "service_red", "service_edges"),
    Signal.LOGS: ("logs", "log_volume"),
    Signal.METRICS: ("metric_points", "metric_samples", "metric_histograms", "metric_series", "metric_exemplars"),
    Signal.ERRORS: ("error_events", "error_volume"),
    Signal.EVENTS: ("product_events",),
    Signal.DOMAIN_EVENTS: ("domain_events",),
}
_ROWS = {Signal.ERRORS: "error_events", Signal.EVENTS: "product_events"}
_DAY = "toUInt32(toYYYYMMDD(Timestamp))"
_START, _END = ("fromUnixTimestamp64Nano({start:Int64}, 'UTC')", "fromUnixTimestamp64Nano({end:Int64}, 'UTC')")


class Layout(Protocol):
    @property
    def parts(self) -> str: ...

    def stored(self, table: str) -> str: ...


class ReplayBytes(Protocol):
    async def bytes_by_day(self, project: int, start_ms: int, end_ms: int) -> Sequence[tuple[int, int, int]]:
        """Day since 1970, how many, bytes of their blobs."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """Of one signal, service and day. `service` empty: not told apart."""

    signal: str
    service: str
    day: int
    """As 20261127."""
    items: int
    sent_bytes: int
    """Before compression, of what tells items apart; 0 where that is not counted."""
    disk_bytes: int
    """Its share of the day's tables."""
    a_month: Decimal | None = None
    """What these bytes cost a month; None: the plan has no price of `midwatch.storage` for them, or no rate."""


class StorageQueries:
    def __init__(self, source: Reader, layout: Callable[[], Layout], replays: ReplayBytes, plan: SpendingPlan) -> None:
        # How tables lie is known when the store is open.
        self._source, self._layout, self._replays, self._plan = source, layout, replays, plan

    async def all(self, scope: Scope, currency: str | None = None) -> list[Stored]:
        """By day; services with nothing of a day are left out.

        Raises:
            BadRequest: no currency with a rate.
        """
        shown = self._plan.exchange.require(currency)
        disk, *parts = await asyncio.gather(
            self._disk(scope),
            self._sent(scope),
            self._series(scope),
            *(self._counted(scope, one) for one in SERVED),
        )
        found = _shared(disk, [row for some in parts for row in some])
        found += [*await self._domain_events(scope), *await self._recorded(scope)]
        found.sort(key=lambda one: (-one.disk_bytes, one.day, one.signal, one.service))
        return self._with_money(found, shown)

    async def _disk(self, scope: Scope) -> dict[tuple[str, int], int]:
        days = f"day >= toYYYYMMDD({_START}) AND day <= toYYYYMMDD({_END})"
        return await self._parts(scope, days)

    async def _parts(self, scope: Scope, days: str) -> dict[tuple[str, int], int]:
        """Bytes by signal and partition."""
        layout = self._layout()
        signals = {layout.stored(table): signal.value for signal, tables in TABLES.items() for table in tables}
        found = await self._source.rows(
            f"""SELECT table, toUInt32OrZero(partition) AS day, sum(bytes_on_disk) AS bytes
                FROM {layout.parts} WHERE active AND database = currentDatabase()
                    AND table IN {tuple(signals)} AND {days}
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
            f"""SELECT toString(Signal) AS signal, toString(ServiceName) AS service, Day AS day, sum(Items) AS items,
                    sum(Bytes) AS bytes
                FROM sent_bytes WHERE Project = {{project:UInt32}}
                    AND Day >= toYYYYMMDD({_START}) AND Day <= toYYYYMMDD({_END})
                GROUP BY signal, service, day""",
            scope.params,
        )

    async def _series(self, scope: Scope) -> list[dict[str, Any]]:
        """Items are series: what a service's metrics take is told by how many it has, as all are told alike often."""
        return await self._source.rows(
            f"""SELECT '{Signal.METRICS}' AS signal, Labels['job'] AS service, Day AS day,
                    uniqExact(SeriesId) AS items, items AS weight
                FROM metric_series WHERE Project = {{project:UInt32}}
                    AND Day >= toYYYYMMDD({_START}) AND Day <= toYYYYMMDD({_END})
                GROUP BY service, day""",
            scope.params,
        )

    async def _counted(self, scope: Scope, signal: Signal) -> list[dict[str, Any]]:
        return await self._source.rows(
            f"""SELECT '{signal}' AS signal, toString(ServiceName) AS service, {_DAY} AS day, count() AS items,
                    items AS weight
                FROM {_ROWS[signal]} WHERE Project = {{project:UInt32}}
                    AND toYYYYMMDD(Timestamp) >= toYYYYMMDD({_START}) AND toYYYYMMDD(Timestamp) <= toYYYYMMDD({_END})
                GROUP BY service, day""",
            scope.params,
        )

    async def _domain_events(self, scope: Scope) -> list[Stored]:
        """A month of them lies together: it is shared among its days, too."""
        months = f"day >= toYYYYMM({_START}) AND day <= toYYYYMM({_END})"
        disk = await self._parts(scope, months)
        if not disk:
            return []
        counted = await self._source.rows(
            f"""SELECT '{Signal.DOMAIN_EVENTS}' AS signal, toString(ServiceName) AS service, {_DAY} AS day,
                    count() AS items, items AS weight
                FROM domain_events WHERE Project = {{project:UInt32}} AND toYYYYMM(Timestamp) >= toYYYYMM({_START})
                    AND toYYYYMM(Timestamp) <= toYYYYMM({_END})
                GROUP BY service, day""",
            scope.params,
        )
        months_of = [{**row, "day": int(row["day"]) // 100, "on": row["day"]} for row in counted]
        first, last = (int(f"{day_of(at):%Y%m%d}") for at in (scope.span.start_ns, scope.span.end_ns))
        # A row for each service and day: `_shared` keeps their order, and what is left over comes last.
        shared = _shared(disk, months_of)
        told = [replace(one, day=int(row["on"])) for one, row in zip(shared, months_of, strict=False)]
        return [one for one in told if first <= one.day <= last]

    async def _recorded(self, scope: Scope) -> list[Stored]:
        """Replays are of browsers, and lie outside of the store."""
        start_ms, end_ms = scope.span.start_ns // 1_000_000, scope.span.end_ns // 1_000_000
        return [
            Stored(REPLAYS, "", _written(day), count, 0, size)
            for day, count, size in await self._replays.bytes_by_day(scope.project, start_ms, end_ms)
        ]

    def _with_money(self, found: Sequence[Stored], currency: str) -> list[Stored]:
        """Tiers are of all that one price is for, and every byte has its share."""
        entries = [self._price(one) for one in found]
        whole: dict[int, int] = {}
        for one, entry in zip(found, entries, strict=True):
            if entry is not None:
                whole[id(entry)] = whole.get(id(entry), 0) + one.disk_bytes
        return [
            replace(one, a_month=self._worth(one, entry, whole[id(entry)], currency)) if entry is not None else one
            for one, entry in zip(found, entries, strict=True)
        ]

    def _price(self, one: Stored) -> Entry | None:
        day = datetime.strptime(str(one.day), "%Y%m%d").date()  # noqa: DTZ007 - a day has no hour
        return self._plan.book.find(Use(KIND, told={"service": one.service, "signal": one.signal}), day)

    def _worth(self, one: Stored, entry: Entry, whole: int, currency: str) -> Decimal | None:
        rate = self._plan.exchange.rate(entry.currency, currency)
        if rate is None or not whole:
            return None
        return entry.spent(whole / GIGABYTE) * one.disk_bytes / whole * rate


def _shared(disk: Mapping[tuple[str, int], int], sent: Iterable[Mapping[str, Any]]) -> list[Stored]:
    """Largest remainders are not worth it: bytes are rounded down, and what is left is nobody's."""
    rows = list(sent)
    whole: dict[tuple[str, int], int] = {}
    for row in rows:
        key = (row["signal"], int(row["day"]))
        whole[key] = whole.get(key, 0) + _weight(row)
    found, given = [], dict.fromkeys(disk, 0)
    for row in rows:
        key = (row["signal"], int(row["day"]))
        share = disk.get(key, 0) * _weight(row) // whole[key] if whole[key] else 0
        if key in given:
            given[key] += share
        found.append(Stored(row["signal"], row["service"], key[1], int(row["items"]), int(row.get("bytes", 0)), share))
    left = [Stored(signal, "", day, 0, 0, disk[signal, day] - given[signal, day]) for signal, day in disk]
    return [*found, *(one for one in left if one.disk_bytes > len(rows))]


def _weight(row: Mapping[str, Any]) -> int:
    return int(row["weight"] if "weight" in row else row["bytes"])


def _written(day: int) -> int:
    return int(f"{datetime(1970, 1, 1) + timedelta(days=day):%Y%m%d}")  # noqa: DTZ001 - a day has no hour
