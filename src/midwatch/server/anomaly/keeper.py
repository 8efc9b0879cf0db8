"""The bands of the rules in force: each is learned once an hour from stored history, and written every minute."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import structlog

from midwatch.server.anomaly.band import HOURS_MIN, Learned, learn
from midwatch.server.anomaly.series import PARTS, body
from midwatch.server.anomaly.young import Young, young
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.band import BandWanted
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import MidwatchError
from midwatch.server.model.measure import Measure
from midwatch.server.model.signal import SegmentKind
from midwatch.server.promql.errors import QueryError
from midwatch.server.promql.floats import STALE, Floats, Ints
from midwatch.server.promql.labels import Labels

log = structlog.get_logger(__name__)

WRITE_MS = 60_000
"""A query sees a sample for five minutes."""
LEARN_MS = 3_600_000
AGAIN_MS = 300_000
"""What could not be learned, or where nothing was yet, is tried again after so long."""
STEP_MS_MIN, STEPS_MAX = 300_000, 4_032
"""28 days at ten minutes."""
SERIES_MAX = 200
"""Of one band: a rule over more is told so, and has none for the rest."""
SERIES_ALL_MAX = 10_000
"""Of all bands together, 20 MB learned."""
GRANT = IngestGrant("anomaly", "anomaly", 1, None, (), None)
"""Whose the series of bands are."""

Ask = Callable[[str, int, int, int], Awaitable[tuple[list[Labels], Ints, Floats]]]
"""PromQL from start to end by step: labels without names, times, and series × times with NaN where there is nothing."""
Put = Callable[[SegmentKind, IngestGrant, bytes, int], Awaitable[Any]]


@dataclass(slots=True)
class Band:
    """One that is wanted, and how far it is."""

    wanted: BandWanted
    due_ms: int = 0
    learned: Learned | None = None
    labels: list[Labels] = field(default_factory=list)
    left_out: int = 0
    """Series over a limit."""
    too_new: dict[Labels, Young] = field(default_factory=dict)
    """Series with too little history."""
    problem: str = ""

    @property
    def message(self) -> str:
        """What a person should know of it; empty where all is well."""
        if self.problem:
            return f"cannot learn the band: {self.problem}"
        if self.left_out:
            return (
                f"{self.left_out} series have no band: a rule may have {SERIES_MAX}, all together {SERIES_ALL_MAX:,}; "
                "aggregate, or narrow the selector"
            )
        if self.too_new and not self.labels:
            return f"nothing is expected yet: its series have less than {HOURS_MIN} hours of history"
        return ""


class BandKeeper:
    """One per server; that which holds the lease learns and writes."""

    def __init__(self, ask: Ask, clock: Clock) -> None:
        self._ask, self._clock = ask, clock
        self.bands: dict[str, Band] = {}
        self._gone: list[tuple[str, list[Labels]]] = []
        self._written_ms = 0
        self._learnings = self._failures = 0

    def put(self, wanted: Iterable[BandWanted]) -> None:
        """What the rules in force ask for; what is known of a band that stays is kept."""
        before = self.bands
        self.bands = {one.id: before.get(one.id) or Band(one) for one in wanted}
        self._gone += [(id_, one.labels) for id_, one in before.items() if id_ not in self.bands and one.labels]

    async def run(self, put: Put) -> None:
        """Until cancelled; nothing ends it by itself."""
        while True:
            try:
                await self.tick(put)
            except MidwatchError as error:
                log.warning("anomaly.not_written", error=error.message)
            except Exception:  # our own bug: told with its trace, and never the end of all bands
                log.exception("anomaly.tick_failed")
            await asyncio.sleep(1.0)

    async def tick(self, put: Put) -> None:
        """Look once: learn one band that is due, and write all of them where a minute has begun or one is new."""
        now = now_ms(self._clock)
        due = next((one for one in self.bands.values() if one.due_ms <= now), None)
        if due is not None:
            new = not due.labels
            await self._learn(due, now)
            if new and due.labels:
                await self._write([due], now, put)
        minute = now // WRITE_MS * WRITE_MS
        if minute > self._written_ms:
            self._written_ms = minute
            await self._write(list(self.bands.values()), now, put)

    async def _learn(self, band: Band, now: int) -> None:
        # A minute back: what comes in now may not be visible yet.
        end = now // WRITE_MS * WRITE_MS - WRITE_MS
        step = step_ms(band.wanted)
        start = end - band.wanted.history_ms // step * step
        try:
            labels, times, values = await self._ask(band.wanted.query, start, end, step)
        except (QueryError, MidwatchError) as error:
            self._failures += 1
            band.problem, band.due_ms = str(error), now + AGAIN_MS
            log.warning("anomaly.not_learned", query=band.wanted.query, error=str(error))
            return
        self._learnings += 1
        others = sum(len(one.labels) for one in self.bands.values() if one is not band)
        kept = min(len(labels), SERIES_MAX, max(0, SERIES_ALL_MAX - others))
        before = set(band.labels)
        rows, learned = await asyncio.to_thread(learn, band.wanted, times, values[:kept], end)
        band.learned, band.labels = learned, [labels[row] for row in rows.tolist()]
        few = young(band.wanted, times, values[:kept], rows, end)
        band.too_new = {labels[row]: one for row, one in few.items()}
        band.left_out, band.problem = len(labels) - kept, ""
        if vanished := before - set(band.labels):
            self._gone.append((band.wanted.id, sorted(vanished)))
        if not band.labels:
            band.due_ms = now + AGAIN_MS
            return
        # Spread over the hour, so that many rules are never due at once.
        band.due_ms = now // LEARN_MS * LEARN_MS + int(band.wanted.id, 16) % LEARN_MS
        if band.due_ms <= now:
            band.due_ms += LEARN_MS

    async def _write(self, bands: Sequence[Band], now: int, put: Put) -> None:
        made = []
        for one in bands:
            if one.learned is not None and one.labels:
                parts = [part[:, 0] for part in one.learned.at(np.array([now], dtype=np.int64))]
                made.append((one.wanted.id, one.labels, parts))
        made += [(id_, labels, [np.full(len(labels), STALE)] * len(PARTS)) for id_, labels in self._gone]
        if not made:
            return
        content, count = await asyncio.to_thread(body, made, now)
        await put(SegmentKind.REMOTE_WRITE, GRANT, content, count)
        self._gone = []

    def measures(self) -> Iterable[Measure]:
        bands = list(self.bands.values())
        for name, text, value in (
            ("bands", "Bands that rules ask for", len(bands)),
            ("series", "Series that have a band", sum(len(one.labels) for one in bands)),
            ("series_left_out", "Series without a band, over a limit", sum(one.left_out for one in bands)),
        ):
            yield Measure(f"midwatch_anomaly_{name}", text, value, kind="gauge")
        yield Measure("midwatch_anomaly_learnings_total", "Bands learned from history", self._learnings)
        yield Measure("midwatch_anomaly_failures_total", "Bands that could not be learned", self._failures)


def step_ms(wanted: BandWanted) -> int:
    """How far apart history is looked at: whole steps of five minutes."""
    return max(1, -(-wanted.history_ms // STEPS_MAX // STEP_MS_MIN)) * STEP_MS_MIN
