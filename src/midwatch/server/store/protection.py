"""Rather less history than no ingest: below a reserve of free disk the oldest day goes.

When that is not enough the write-ahead log refuses bodies, at half of the reserve (`rooms.py`).
"""

import asyncio
import shutil
from collections.abc import Iterable
from pathlib import Path

import structlog

from midwatch.server.model.errors import StoreError
from midwatch.server.model.measure import Measure
from midwatch.server.store.client import QueryClass, Store

log = structlog.get_logger(__name__)

CHECK_SECONDS = 5.0
TABLES = (
    "spans",
    "logs",
    "error_events",
    "product_events",
    "id_index",
    "metric_points",
    "metric_samples",
    "metric_histograms",
)
_SERIES = ("metric_samples", "metric_histograms", "metric_series", "metric_exemplars")
FOLLOWERS = {"spans": ("trace_index",), "metric_samples": _SERIES, "metric_histograms": _SERIES}
"""What is of no use without the rows of that day. Roll-ups are small and stay."""
_OLDEST = f"""SELECT table, partition, sum(bytes_on_disk) AS bytes FROM system.parts
WHERE active AND database = currentDatabase() AND table IN {TABLES} AND toUInt32(partition) < {{today:UInt32}}
GROUP BY table, partition ORDER BY toUInt32(partition), bytes DESC LIMIT 1"""
_TODAY = "SELECT toYYYYMMDD(now('UTC')) AS today"


class DiskGuard:
    """Watches the disk of the embedded store."""

    def __init__(self, store: Store, directory: Path, reserve_bytes: int) -> None:
        self._store = store
        self._directory = directory
        self._reserve_bytes = reserve_bytes
        self._free_bytes = reserve_bytes
        self._evicted = 0
        self.full = False
        """Too little is free, and nothing older than today is left to give up."""

    async def run(self) -> None:
        """Check until cancelled."""
        while True:
            try:
                await self.check()
            except (StoreError, OSError) as error:
                log.warning("disk.check_failed", error=str(error))
            await asyncio.sleep(CHECK_SECONDS)

    async def check(self) -> None:
        """Give space back until the reserve is free, or until only today is left."""
        while await self._free() < self._reserve_bytes:
            if not await self._evict_oldest():
                if not self.full:
                    log.error("disk.full", free_bytes=self._free_bytes, reserve_bytes=self._reserve_bytes)
                self.full = True
                return
        self.full = False

    def measures(self) -> Iterable[Measure]:
        text = "Free bytes on the store's disk"
        yield Measure("midwatch_disk_free_bytes", text, self._free_bytes, kind="gauge")
        yield Measure("midwatch_partitions_evicted_total", "Days given up because the disk was full", self._evicted)

    async def _free(self) -> int:
        self._free_bytes = (await asyncio.to_thread(shutil.disk_usage, self._directory)).free
        return self._free_bytes

    async def _evict_oldest(self) -> bool:
        today = (await self._store.rows(_TODAY, query_class=QueryClass.INGEST))[0]["today"]
        found = await self._store.rows(_OLDEST, {"today": today}, query_class=QueryClass.INGEST)
        if not found:
            return False
        table, day = found[0]["table"], found[0]["partition"]
        log.error(
            "disk.evicting", table=table, day=day, bytes=found[0]["bytes"], free_bytes=self._free_bytes,
            reserve_bytes=self._reserve_bytes,
        )  # fmt: skip
        for name in dict.fromkeys((table, *FOLLOWERS.get(table, ()))):
            # The parts' files go at once, and not after the minutes for which replaced parts are kept.
            await self._store.execute(f"ALTER TABLE {name} DROP PARTITION {int(day)}", settings={"alter_sync": 2})
        self._evicted += 1
        return True
