"""When bands are learned and written, on a virtual clock."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from midwatch.server.anomaly import keeper as room
from midwatch.server.anomaly.keeper import BandKeeper, step_ms
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.band import BandWanted
from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.errors import Unavailable
from midwatch.server.model.signal import SegmentKind
from midwatch.server.promql.floats import Floats, Ints, is_stale
from midwatch.server.promql.labels import Labels, make
from midwatch.server.protocols.prometheus.messages import VERSION_1

DAY_MS = 86_400_000
WANTED = BandWanted("queue", 3.0, 7 * DAY_MS)


@dataclass
class Store:
    """Series of tens, each for as long as is asked; and what was put."""

    series: int = 1
    fails: bool = False
    asked: list[str] = field(default_factory=list)
    written: list[tuple[dict[str, str], float]] = field(default_factory=list)

    async def ask(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> tuple[list[Labels], Ints, Floats]:
        self.asked.append(query)
        if self.fails:
            raise Unavailable("cannot ask the store: it is away")
        times = np.arange(start_ms, end_ms + 1, step_ms, dtype=np.int64)
        labels = [make({"queue": f"q{place:05}"}) for place in range(self.series)]
        return labels, times, np.full((self.series, len(times)), 10.0)

    async def put(self, kind: SegmentKind, grant: IngestGrant, body: bytes, items: int) -> Any:
        assert (kind, grant.key_name) == (SegmentKind.REMOTE_WRITE, "anomaly")
        request = VERSION_1.request()
        request.ParseFromString(body)
        assert items == len(request.timeseries)
        for one in request.timeseries:
            labels = {pair.name: pair.value for pair in one.labels}
            assert list(labels) == sorted(labels)
            self.written.append((labels, one.samples[0].value))


@dataclass
class Running:
    store: Store = field(default_factory=Store)
    clock: VirtualClock = field(default_factory=VirtualClock)

    def __post_init__(self) -> None:
        self.keeper = BandKeeper(self.store.ask, self.clock)

    def run(self, seconds: int, every: int = 10) -> None:
        async def ticking() -> None:
            for _ in range(0, seconds, every):
                await self.keeper.tick(self.store.put)
                self.clock.advance(every)

        asyncio.run(ticking())


def test_one_query_an_hour_and_three_series_a_minute() -> None:
    """A rule that is new has its band at once."""
    one = Running()
    one.keeper.put([WANTED])
    one.run(10)
    labels = {"anomaly_band": WANTED.id, "queue": "q00000"}
    assert [(found, round(value, 3)) for found, value in one.store.written[:3]] == [
        ({**labels, "__name__": "midwatch_anomaly_lower"}, 9.9),
        ({**labels, "__name__": "midwatch_anomaly_expected"}, 10.0),
        ({**labels, "__name__": "midwatch_anomaly_upper"}, 10.1),
    ]
    one.store.written.clear()
    one.store.asked.clear()
    one.run(3 * 3600)
    assert len(one.store.asked) == 3
    assert len(one.store.written) == 3 * 180


def test_a_band_that_nobody_asks_for_any_more_ends() -> None:
    """By markers of staleness; one that stays keeps what it has."""
    one, other = Running(), BandWanted("other", 3.0, 7 * DAY_MS)
    one.keeper.put([WANTED, other])
    one.run(120)
    asked = len(one.store.asked)
    one.store.written.clear()
    one.keeper.put([other])
    one.run(60)
    gone = [value for labels, value in one.store.written if labels["anomaly_band"] == WANTED.id]
    assert is_stale(np.array(gone)).tolist() == [True, True, True]
    assert len(one.store.asked) == asked


@pytest.mark.parametrize(("series", "left_out"), [(room.SERIES_MAX, 0), (room.SERIES_MAX + 1, 1)])
def test_a_rule_over_too_many_series_is_told_so(series: int, left_out: int) -> None:
    """The first of them have a band, the rest is counted."""
    one = Running(Store(series))
    one.keeper.put([WANTED])
    one.run(10)
    band = one.keeper.bands[WANTED.id]
    assert (len(band.labels), band.left_out) == (room.SERIES_MAX, left_out)
    assert band.message.startswith("1 series have no band") is bool(left_out)
    figures = {found.name: found.value for found in one.keeper.measures()}
    assert figures["midwatch_anomaly_series_left_out"] == left_out


def test_all_bands_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second rule has what the first one leaves."""
    monkeypatch.setattr(room, "SERIES_ALL_MAX", 5)
    one, other = Running(Store(3)), BandWanted("other", 3.0, 7 * DAY_MS)
    one.keeper.put([WANTED, other])
    one.run(20)
    assert [len(band.labels) for band in one.keeper.bands.values()] == [3, 2]


def test_a_store_that_is_away_is_asked_again() -> None:
    """The band goes on as it was learned; the failure is counted and said."""
    one = Running()
    one.keeper.put([WANTED])
    one.run(10)
    one.store.fails = True
    one.run(3600)
    band = one.keeper.bands[WANTED.id]
    assert band.message == "cannot learn the band: cannot ask the store: it is away"
    one.store.written.clear()
    one.run(60)
    assert len(one.store.written) == 3
    one.store.fails = False
    one.run(600)
    assert band.message == ""


def test_where_nothing_is_yet_is_looked_again_soon() -> None:
    """Not only an hour later; and when there is something, its band is written at once."""
    one = Running(Store(0))
    one.keeper.put([WANTED])
    one.run(290)
    assert (len(one.store.asked), one.store.written) == (1, [])
    one.store.series = 1
    one.run(20)
    assert (len(one.store.asked), len(one.store.written)) == (2, 3)


def test_steps_are_coarse_for_a_long_history() -> None:
    """Never more than STEPS_MAX of them."""
    assert [step_ms(BandWanted("x", 3, days * DAY_MS)) // 60_000 for days in (7, 14, 28, 84)] == [5, 5, 10, 30]
