"""Figures for Settings → system health: what is stored, how fresh it is, what waits, what was refused."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil

from midwatch._version import __version__
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import StoreError
from midwatch.server.model.signal import Signal
from midwatch.server.model.timerange import TimeRange, format_time
from midwatch.server.schemas.system import (
    Check,
    LimitHit,
    LimitHits,
    Onboarding,
    ReceivedSignal,
    SignalStatus,
    SystemStatus,
    WalStatus,
)
from midwatch.server.status.checks import STORE_CHECK, Checks
from midwatch.server.status.explanations import explain
from midwatch.server.status.refused_series import worst_series
from midwatch.server.store.staging import OF_SERIES

TABLES = {
    Signal.TRACES: ("spans",),
    Signal.LOGS: ("logs",),
    Signal.METRICS: ("metric_points", "metric_samples", "metric_histograms"),
    Signal.ERRORS: ("error_events",),
    Signal.EVENTS: ("product_events",),
    Signal.DOMAIN_EVENTS: ("domain_events",),
}
"""Where a signal's rows are. A point of OpenTelemetry is a row as it was sent, and one a sample that it became."""
BESIDES = {Signal.METRICS: ("metric_series", "metric_exemplars", "metric_metadata", "metric_names")}
"""What takes room beside the rows."""
OWN_KEY = "midwatch"
"""The key id of Midwatch's own figures: `scrape/own.py`."""
SERVICES_MAX = 50
HITS_MAX = 500
ONBOARDING_SECONDS = 24 * 3600


class Rows(Protocol):
    async def rows(self, sql: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]: ...

    async def bytes_of(self, table: str) -> int: ...


class WriterFigures(Protocol):
    def freshness(self, signal: Signal) -> tuple[float, float] | None:
        """Median and 99th percentile of seconds from acknowledged to visible, over the last ten minutes."""
        ...

    def accepted(self, signal: Signal) -> int: ...


class WalFigures(Protocol):
    @property
    def segments_waiting(self) -> int: ...

    @property
    def bytes_waiting(self) -> int: ...

    @property
    def bytes_max(self) -> int: ...

    def oldest_waiting_seconds(self) -> float: ...


SIGNALS_SECONDS_MAX = 10.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something a door refused since start: not in the store, since nothing of it was kept."""

    key: str
    signal: str
    reason: str
    count: int
    last_ns: int


@dataclass(frozen=True)
class SystemView:
    """Joins the rooms' figures into the answers of `/api/v1/system/…`."""

    store: Rows
    writer: WriterFigures
    wal: WalFigures
    checks: Checks
    clock: Clock
    data: Path
    started_ns: int
    store_name: Callable[[], str]
    database_name: str
    retention_days: Callable[[Signal], float]
    dead_letters: Callable[[], int]
    engine_restarts: Callable[[], int]
    refusals: Callable[[], list[Refusal]]
    key_names: Callable[[], dict[str, str]]

    async def status(self) -> SystemStatus:
        checks = await self.checks.run()
        disk = shutil.disk_usage(self.data)
        return SystemStatus(
            version=__version__,
            started_at=format_time(self.started_ns),
            store=self.store_name(),
            database=self.database_name,
            ready=all(check.healthy for check in checks),
            checks=checks,
            signals=await self._signals() if _answers(checks) else [],
            wal=WalStatus(
                segments_waiting=self.wal.segments_waiting,
                bytes_waiting=self.wal.bytes_waiting,
                bytes_max=self.wal.bytes_max,
                oldest_waiting_seconds=self.wal.oldest_waiting_seconds(),
            ),
            dead_letters=self.dead_letters(),
            disk_free_bytes=disk.free,
            disk_total_bytes=disk.total,
            memory_bytes=_memory_bytes(),
            engine_restarts=self.engine_restarts(),
        )

    async def _signals(self) -> list[SignalStatus]:
        """Nothing while the store does not answer: the rest of the status is looked at just then."""
        try:
            async with asyncio.timeout(SIGNALS_SECONDS_MAX):
                return [await self._signal(signal) for signal in Signal]
        except (StoreError, TimeoutError):
            return []

    async def _signal(self, signal: Signal) -> SignalStatus:
        stored, freshness = await self._times(TABLES[signal]), self.writer.freshness(signal)
        tables = (*TABLES[signal], *BESIDES.get(signal, ()))
        return SignalStatus(
            signal=signal.value,
            rows=int(stored["n"]),
            bytes_on_disk=sum([await self.store.bytes_of(table) for table in tables]),
            newest=format_time(stored["newest"]) if stored["n"] else None,
            oldest=format_time(stored["oldest"]) if stored["n"] else None,
            accepted=self.writer.accepted(signal),
            freshness_p50_seconds=freshness[0] if freshness else None,
            freshness_p99_seconds=freshness[1] if freshness else None,
            retention_days=self.retention_days(signal),
        )

    async def _times(self, tables: tuple[str, ...], since: int | None = None) -> dict[str, Any]:
        """Rows in all of the tables, and their newest and oldest times in nanoseconds; `since`: a time in seconds."""
        where = "" if since is None else " WHERE Timestamp >= toDateTime64({since:Int64}, 9)"
        each = " UNION ALL ".join(
            "SELECT count() AS rows, toUnixTimestamp64Nano(max(Timestamp)) AS last,"
            f" toUnixTimestamp64Nano(min(Timestamp)) AS first FROM {table}{where}"
            for table in tables
        )
        found = await self.store.rows(
            f"SELECT sum(rows) AS n, maxIf(last, rows > 0) AS newest, minIf(first, rows > 0) AS oldest FROM ({each})",
            {} if since is None else {"since": since},
        )
        return found[0]

    async def _sent_series(self, since: int) -> dict[str, Any]:
        """Series that somebody sent since a time in seconds, as `_times` tells it."""
        found = await self.store.rows(
            "SELECT count() AS n, toUnixTimestamp64Milli(max(LastTime)) * 1000000 AS newest FROM metric_series"
            " WHERE LastTime >= toDateTime64({since:Int64}, 3) AND KeyId != {own:String}",
            {"since": since, "own": OWN_KEY},
        )
        return found[0]

    async def limits(self, span: TimeRange) -> LimitHits:
        """What doors refused since start, and what the INSERT cut, clamped or set aside in the range."""
        start, end = max(0, span.start_ns // 10**9 - 60), span.end_ns // 10**9 + 60
        stored = await self.store.rows(
            "SELECT KeyId AS key, toString(Signal) AS signal, toString(Reason) AS reason, toUInt64(sum(Count)) AS n,"
            " toUInt64(toUnixTimestamp(max(Minute))) AS last, count() OVER () AS total FROM limits_hit"
            " WHERE Minute >= toDateTime({start:Int64}) AND Minute < toDateTime({end:Int64})"
            f" GROUP BY key, signal, reason ORDER BY n DESC, key, signal, reason LIMIT {HITS_MAX}",
            {"start": start, "end": end},
        )
        of_series = any(row["reason"].startswith(OF_SERIES) for row in stored)
        worst = await worst_series(self.store, start, end) if of_series else {}
        names = self.key_names()
        found = [
            (
                *(names.get(row["key"], row["key"]), row["signal"], row["reason"]),
                *(int(row["n"]), int(row["last"]) * 10**9),
                " ".join(filter(None, (explain(row["reason"]), worst.get((row["key"], row["reason"]))))),
            )
            for row in stored
        ]
        total = len(refused := self.refusals()) + (int(stored[0]["total"]) if stored else 0)
        found += [(hit.key, hit.signal, hit.reason, hit.count, hit.last_ns, explain(hit.reason)) for hit in refused]
        found.sort(key=lambda hit: (-hit[3], *hit[:3]))
        return LimitHits(
            hits=[
                LimitHit(
                    key=key,
                    signal=signal,
                    reason=reason,
                    count=count,
                    last_seen=format_time(last_ns),
                    explanation=explanation,
                )
                for key, signal, reason, count, last_ns, explanation in found
            ],
            total=total,
        )

    async def onboarding(
        self, *, ingest_key: str | None, api_url: str, otlp_http_url: str | None, otlp_grpc_url: str | None
    ) -> Onboarding:
        since = (self.clock.now_ns() - ONBOARDING_SECONDS * 10**9) // 10**9
        signals = []
        for signal, tables in TABLES.items():
            services = await self.store.rows(
                f"SELECT groupUniqArray({SERVICES_MAX})(toString(ServiceName)) AS names FROM {tables[0]}"
                " WHERE Timestamp >= toDateTime64({since:Int64}, 9)",
                {"since": since},
            )
            # Midwatch's own figures are nothing that was received.
            stored = await (self._sent_series(since) if signal is Signal.METRICS else self._times(tables, since))
            signals.append(
                ReceivedSignal(
                    signal=signal.value,
                    received=stored["n"] > 0,
                    services=sorted(services[0]["names"]),
                    last=format_time(stored["newest"]) if stored["n"] else None,
                )
            )
        return Onboarding(
            ingest_key=ingest_key,
            api_url=api_url,
            otlp_http_url=otlp_http_url,
            otlp_grpc_url=otlp_grpc_url,
            signals=signals,
        )


def _memory_bytes() -> int:
    """Resident memory of this process and of its engine."""
    own = psutil.Process()
    total = own.memory_info().rss
    for child in own.children(recursive=True):
        try:
            total += child.memory_info().rss
        except psutil.Error:
            continue
    return int(total)


def _answers(checks: list[Check]) -> bool:
    """Whether the store did just now: one that hangs would be waited for as long as a query may take."""
    return all(check.healthy for check in checks if check.name == STORE_CHECK)
