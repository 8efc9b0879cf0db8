"""Stored series as the engine asks for them, from a thread, as the routes do it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.integration.prometheus.loading import Loaded, load
from tests.integration.store.conftest import MEMORY_BYTES, engine
from tests.integration.store.conftest import Engine as EngineChild

from midwatch.server.promql import Engine, EngineOptions, Result
from midwatch.server.query.costs import Costs
from midwatch.server.query.metrics.derived.catalogue import DerivedCatalogue
from midwatch.server.query.metrics.derived.series import DerivedSeries
from midwatch.server.query.metrics.known import KnownSeries
from midwatch.server.query.metrics.loop_source import LoopSource, Question
from midwatch.server.query.metrics.pushdown import Pushing
from midwatch.server.query.metrics.reader import StoreReader
from midwatch.server.query.metrics.scope import SeriesScope
from midwatch.server.query.metrics.source import ReadLimits, StoredSeries
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.migrate import migrate

__all__ = ["engine"]
_DATABASE = "prometheus"
_projects = itertools.count(1)


@dataclass
class Stored:
    """Series of a project of the test's own."""

    store: Store
    folder: Path
    project: int
    options: EngineOptions
    known: KnownSeries = field(default_factory=KnownSeries)

    async def load(self, *series: Loaded, project: int | None = None) -> None:
        await load(self.store, self.folder, series, project=project or self.project)

    def source(
        self, *, project: int | None = None, environments: tuple[str, ...] = (), seconds: float = 60
    ) -> LoopSource:
        options, scope = self.options, SeriesScope(project or self.project, environments)
        reader = StoreReader(self.store, Costs(), QueryClass.PAGE)
        limits = ReadLimits(options.series_max, options.samples_max, start_times=options.start_timestamps)
        series, pushing = StoredSeries(reader, scope, limits), Pushing(reader, scope, options, set(), self.known)
        derived = DerivedSeries(reader, scope, DerivedCatalogue(), options)
        return LoopSource(series, pushing, options, asyncio.get_running_loop(), Question(seconds), set(), derived)

    async def instant(self, query: str, time_ms: int, *, source: object = None) -> Result:
        asked = source or self.source()
        return await asyncio.to_thread(Engine(self.options).instant, asked, query, time_ms)  # type: ignore[arg-type]

    async def range(self, query: str, start_ms: int, end_ms: int, step_ms: int, *, source: object = None) -> Result:
        asked = source or self.source()
        return await asyncio.to_thread(Engine(self.options).range, asked, query, start_ms, end_ms, step_ms)  # type: ignore[arg-type]


@pytest.fixture
async def stored(engine: EngineChild) -> AsyncIterator[Stored]:
    """In one database for all tests, since making its tables takes longer than most of them."""
    store = await Store.connect(engine.target(_DATABASE), memory_bytes=MEMORY_BYTES)
    await migrate(store)
    options = EngineOptions().with_features(["promql-experimental-functions", "promql-delayed-name-removal"])
    yield Stored(store, engine.bodies, next(_projects), options)
    await store.close()
