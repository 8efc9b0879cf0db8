"""Stored series as the engine asks for them, from a thread, as the routes do it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.integration.prometheus.loading import Loaded, load
from tests.integration.store.conftest import Engine as EngineChild
from tests.integration.store.conftest import engine, store

from midwatch.server.promql import Engine, EngineOptions, Result
from midwatch.server.query.costs import Costs
from midwatch.server.query.metrics.loop_source import LoopSource, Question
from midwatch.server.query.metrics.pushdown import Pushing
from midwatch.server.query.metrics.reader import StoreReader
from midwatch.server.query.metrics.scope import SeriesScope
from midwatch.server.query.metrics.source import ReadLimits, StoredSeries
from midwatch.server.store.client import QueryClass, Store

__all__ = ["engine", "store"]


@dataclass
class Stored:
    """Series in a database of the test's own."""

    store: Store
    folder: Path
    options: EngineOptions

    async def load(self, *series: Loaded, project: int = 1) -> None:
        await load(self.store, self.folder, series, project=project)

    def source(self, *, project: int = 1, environments: tuple[str, ...] = (), seconds: float = 60) -> LoopSource:
        options, scope = self.options, SeriesScope(project, environments)
        reader = StoreReader(self.store, Costs(), QueryClass.PAGE)
        limits = ReadLimits(options.series_max, options.samples_max, start_times=options.start_timestamps)
        series, pushing = StoredSeries(reader, scope, limits), Pushing(reader, scope, options, set())
        return LoopSource(series, pushing, options, asyncio.get_running_loop(), Question(seconds), set())

    async def instant(self, query: str, time_ms: int, *, source: object = None) -> Result:
        asked = source or self.source()
        return await asyncio.to_thread(Engine(self.options).instant, asked, query, time_ms)  # type: ignore[arg-type]

    async def range(self, query: str, start_ms: int, end_ms: int, step_ms: int, *, source: object = None) -> Result:
        asked = source or self.source()
        return await asyncio.to_thread(Engine(self.options).range, asked, query, start_ms, end_ms, step_ms)  # type: ignore[arg-type]


Opened = Callable[[], Awaitable[Stored]]


@pytest.fixture
def stored(engine: EngineChild, store: Store) -> Stored:
    """For most tests: all language features."""
    options = EngineOptions().with_features(["promql-experimental-functions", "promql-delayed-name-removal"])
    return Stored(store, engine.bodies, options)
