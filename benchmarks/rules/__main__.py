"""`make bench-rules`: 5,000 rules over 100,000 series, evaluated once each, as the server does it.

    python -m benchmarks.rules                as fast as ticks of a second come, one after the other
    python -m benchmarks.rules --tick 10      rules of ten seconds at once
    python -m benchmarks.rules --services 10  a tenth of it

An embedded engine in a process of its own holds the series; rules are evaluated in this one, for a minute's worth of
due times. What is told is wall time and CPU-seconds of both: on a shared machine only the latter mean anything.
"""

import argparse
import asyncio
import cProfile
import pstats
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import psutil
from tests.integration.prometheus.loading import Loaded, load

from benchmarks import cpu
from benchmarks.rules import mix
from midwatch.server.engine.supervisor import EngineSupervisor
from midwatch.server.model.clock import WallClock
from midwatch.server.promql import Engine, EngineOptions
from midwatch.server.query.costs import Costs
from midwatch.server.query.metrics.derived.catalogue import DerivedCatalogue
from midwatch.server.query.metrics.rooms import MetricRooms, metric_rooms
from midwatch.server.rules.evaluation import Outcome, World
from midwatch.server.rules.evaluator import Evaluator
from midwatch.server.rules.files import in_force, read_plan_rules
from midwatch.server.store.address import Target
from midwatch.server.store.client import Store
from midwatch.server.store.migrate import migrate

MINUTE_MS = 60_000
MEMORY_BYTES = 1 << 30
LOADED_AT_ONCE = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rules", description=__doc__)
    parser.add_argument("--tick", type=int, default=5, help="seconds of due times that are evaluated together")
    parser.add_argument("--services", type=int, default=mix.SERVICES, help="fifty rules and a thousand series each")
    parser.add_argument("--profile", action="store_true", help="where the time of this process goes")
    options = parser.parse_args()
    mix.SERVICES = options.services
    asyncio.run(_measured(options))


async def _measured(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        (bodies := folder / "wal").mkdir()
        supervisor = EngineSupervisor(folder / "store", memory_bytes=MEMORY_BYTES, body_dirs=[bodies])
        await supervisor.start()
        target = Target("127.0.0.1", supervisor.port, supervisor.user, supervisor.password, takes_body_files=True)
        store = Store(target, memory_bytes=MEMORY_BYTES)
        try:
            await store.open()
            await migrate(store)
            rooms = metric_rooms(store, Costs(), EngineOptions(), DerivedCatalogue(), forget=lambda: None)
            end_ms = time.time_ns() // 1_000_000
            await _load(store, bodies, end_ms)
            await _evaluate(rooms, end_ms - MINUTE_MS, options)
            rooms.asking.close()
        finally:
            await store.close()
            await supervisor.stop()


async def _load(store: Store, folder: Path, end_ms: int) -> None:
    chance = np.random.default_rng(7)
    batch: list[Loaded] = []
    series = samples = 0
    for labels, back_ms, step_ms in mix.series():
        times = np.arange((end_ms - back_ms) // step_ms * step_ms, end_ms, step_ms)
        values = np.cumsum(chance.integers(0, 100, len(times))).astype(float)
        batch.append(Loaded(labels, list(zip(times.tolist(), values.tolist(), strict=True))))
        series, samples = series + 1, samples + len(times)
        if len(batch) == LOADED_AT_ONCE:
            await load(store, folder, batch)
            batch = []
    await load(store, folder, batch)
    await store.execute("OPTIMIZE TABLE metric_samples FINAL")
    await store.execute("OPTIMIZE TABLE metric_series FINAL")
    print(f"{series:,} series, {samples:,} samples", flush=True)


async def _evaluate(rooms: MetricRooms, start_ms: int, options: argparse.Namespace) -> None:
    evaluator = Evaluator(World(Engine(), WallClock()))
    rules = in_force(read_plan_rules(dict(mix.rule_files())).values)
    evaluator.load(rules, start_ms)
    process = psutil.Process()
    before, began = cpu.by_process(process), time.perf_counter()
    whole, longest = Outcome(), 0.0
    profile = cProfile.Profile() if options.profile else None
    for until_ms in range(start_ms + options.tick * 1000, start_ms + MINUTE_MS + 1, options.tick * 1000):
        tick = time.perf_counter()
        work = partial(evaluator.evaluate, due=evaluator.due(until_ms, until_ms), visible_ms=until_ms)
        out = await rooms.rule_reads.work(partial(profile.runcall, work) if profile else work)
        whole.join(out)
        longest = max(longest, time.perf_counter() - tick)
    seconds = time.perf_counter() - began
    used: Counter[str] = cpu.by_process(process)
    used.subtract(before)
    failures = Counter(one.error[:80] for state in evaluator.groups.values() for one in state.failing)
    parts = ", ".join(f"{name} {one:.1f}" for name, one in used.items())
    print(
        f"{whole.evaluated:,} rules of {sum(1 for _ in rules):,}, {len(whole.samples):,} samples made, "
        f"{len(whole.transitions):,} changes of state, "
        f"{'all' if whole.answered else 'not all'} answered, failures {dict(failures)}\n"
        f"{seconds:.1f} s, longest tick {longest:.1f} s; CPU-seconds: {parts} (sum {sum(used.values()):.1f})",
        flush=True,
    )
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
