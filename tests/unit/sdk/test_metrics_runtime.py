"""What a process takes, and how busy its workers and its event loop are."""

import asyncio
import gc
import os
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import uvloop
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from prometheus_client import CollectorRegistry

from midwatch.sdk import event_loop, gc_pauses, workers
from midwatch.sdk.gc_pauses import WINDOW_SECONDS, GcPauses
from midwatch.sdk.metrics import Metrics
from midwatch.sdk.problems import Problems
from midwatch.sdk.runtime import Runtime
from midwatch.sdk.setup import METRICS
from midwatch.sdk.wire.metrics import MetricEncoder
from midwatch.sdk.wire.resource import request, resource
from midwatch.sdk.workers import Worker


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    made = Metrics(CollectorRegistry(), Problems())
    runtime = Runtime(made)
    yield made
    runtime._pauses.end()


def value(metrics: Metrics, name: str, **labels: str) -> float:
    metrics.read()
    found = metrics.registry.get_sample_value(name, labels)
    assert found is not None, name
    return found


def test_a_process_tells_what_the_system_says_of_it(metrics: Metrics, tmp_path: Path) -> None:
    """Beside psutil, under the names that Prometheus' own client has for them."""
    me = psutil.Process()
    assert value(metrics, "process_resident_memory_bytes") == pytest.approx(me.memory_info().rss, rel=0.1)
    assert value(metrics, "process_virtual_memory_bytes") == pytest.approx(me.memory_info().vms, rel=0.1)
    assert value(metrics, "process_cpu_seconds_total") == pytest.approx(sum(me.cpu_times()[:2]), abs=0.2)
    assert value(metrics, "process_start_time_seconds") == pytest.approx(me.create_time(), abs=1)
    assert value(metrics, "process_uptime_seconds") == pytest.approx(time.time() - me.create_time(), abs=1)
    assert value(metrics, "process_max_fds") == me.rlimit(psutil.RLIMIT_NOFILE)[0]
    before = value(metrics, "process_open_fds"), value(metrics, "process_threads")
    stop = threading.Event()
    with (tmp_path / "one").open("w"):
        waiting = threading.Thread(target=stop.wait)
        waiting.start()
        after = value(metrics, "process_open_fds"), value(metrics, "process_threads")
        stop.set()
        waiting.join()
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)


def test_cpu_is_counted_as_it_is_used(metrics: Metrics) -> None:
    """And by each process for itself: the child of a fork begins at zero."""
    before = value(metrics, "process_cpu_seconds_total")
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    assert value(metrics, "process_cpu_seconds_total") - before == pytest.approx(0.2, abs=0.1)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, repr(value(metrics, "process_cpu_seconds_total")).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert float(os.read(reading, 100)) < 0.1


def test_the_garbage_collectors_stops_are_counted(metrics: Metrics) -> None:
    """How many, how long altogether, and the longest of the last minute, by generation."""
    names = ("python_gc_collections_total", "python_gc_pause_seconds_total", "python_gc_objects_collected_total")
    before = [value(metrics, name, generation="2") for name in names]
    for _ in range(1000):
        made: list[Any] = []
        made.append(made)
    started = time.perf_counter()
    gc.collect()
    took = time.perf_counter() - started
    after = [value(metrics, name, generation="2") for name in names]
    collections, paused, collected = (b - a for a, b in zip(before, after, strict=True))
    assert collections == 1
    assert 0 < paused <= took
    assert collected >= 1
    assert value(metrics, "python_gc_pause_max_seconds", generation="2") >= paused


def test_the_longest_stop_is_of_the_last_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads it, however often: it is in two windows, and then no more."""
    now = 0.0
    monkeypatch.setattr(gc_pauses, "monotonic", lambda: now)
    pauses = GcPauses()
    try:
        gc.collect()
        longest = pauses.read()[2][1]
        assert longest > 0
        now = WINDOW_SECONDS
        assert (pauses.read()[2][1], pauses.read()[2][1]) == (longest, longest)
        now = 2 * WINDOW_SECONDS
        assert pauses.read()[2][1] == 0
        gc.collect()
        now = 5 * WINDOW_SECONDS
        assert pauses.read()[2][1] == 0
    finally:
        pauses.end()


def test_they_are_pushed_under_opentelemetrys_names(metrics: Metrics) -> None:
    """The conventions' metrics, units and attributes."""
    body = request(MetricEncoder(0, metrics.given).resource_metrics(resource({}), metrics.collect(), 1))
    sent = ExportMetricsServiceRequest.FromString(body).resource_metrics[0].scope_metrics[0].metrics
    units = {one.name: one.unit for one in sent}
    expected = {
        "process.cpu.time": "s",
        "process.memory.usage": "By",
        "process.memory.virtual": "By",
        "process.open_file_descriptor.count": "{file_descriptor}",
        "process.thread.count": "{thread}",
        "process.uptime": "s",
        "cpython.gc.collections": "{collection}",
        "cpython.gc.collected_objects": "{object}",
        "cpython.gc.uncollectable_objects": "{object}",
    }
    assert {name: units.get(name) for name in expected} == expected
    (collections,) = [one for one in sent if one.name == "cpython.gc.collections"]
    points = collections.sum.data_points
    assert [(one.key, one.value.string_value) for point in points for one in point.attributes] == [
        ("cpython.gc.generation", number) for number in "012"
    ]


def test_long_work_is_counted_while_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """By how many work at once, and not as a jump at its end."""
    now = 0.0
    monkeypatch.setattr(workers, "monotonic", lambda: now)
    worker = Worker("tested")

    def busy() -> float:
        return value(METRICS, "worker_busy_seconds_total", worker="tested")

    assert worker.begin() is False
    worker.slots(2)
    now = 10.0
    assert busy() == 10
    assert worker.begin() is True
    now = 15.0
    assert (busy(), busy()) == (20, 20)
    worker.end()
    now = 16.0
    worker.end()
    worker.end()
    now = 99.0
    assert busy() == 21
    assert value(METRICS, "worker_slots", worker="tested") == 2


Run = Callable[[Coroutine[Any, Any, None]], None]
LOOPS: dict[str, Run] = {"asyncio": asyncio.run, "uvloop": uvloop.run}


@pytest.fixture(params=sorted(LOOPS))
def run(request: pytest.FixtureRequest) -> Run:
    return LOOPS[request.param]


def lag_above(bound: str) -> float:
    return value(METRICS, "event_loop_lag_seconds_count") - value(METRICS, "event_loop_lag_seconds_bucket", le=bound)


def test_what_keeps_a_loop_is_seen_as_lag(run: Run) -> None:
    """Of asyncio's own loop and of uvloop; one that is asked for twice is watched once."""

    async def serve() -> None:
        event_loop.watch()
        event_loop.watch()
        late, ticks = lag_above("0.25"), value(METRICS, "event_loop_lag_seconds_count")
        kept, began = event_loop.EVERY_SECONDS + 0.4, time.monotonic()
        # Over the time of the next tick, whenever that is.
        time.sleep(kept)
        await asyncio.sleep(0.01)
        assert lag_above("0.25") >= late + 1
        more = value(METRICS, "event_loop_lag_seconds_count") - ticks
        assert 1 <= more <= 1 + (time.monotonic() - began - kept) / event_loop.EVERY_SECONDS

    run(serve())


def test_how_busy_a_loop_is(run: Run) -> None:
    """A loop that waits is not busy; one that works is, for as long as it does."""

    def busy() -> float:
        return value(METRICS, "worker_busy_seconds_total", worker="event_loop")

    async def serve() -> None:
        event_loop.watch()
        await asyncio.sleep(0.3)
        before = busy()
        await asyncio.sleep(0.6)
        assert busy() - before < 0.4
        before, until = busy(), time.thread_time() + 0.5
        while time.thread_time() < until:
            await asyncio.sleep(0)
        await asyncio.sleep(0.3)
        assert busy() - before > 0.35
        assert value(METRICS, "worker_slots", worker="event_loop") == 1

    run(serve())


def test_what_blocks_asyncios_own_loop_counts_as_busy() -> None:
    """Its selector is timed: what is not waiting there is work, or keeps others from it."""

    async def serve() -> None:
        event_loop.watch()
        await asyncio.sleep(0.3)
        before = value(METRICS, "worker_busy_seconds_total", worker="event_loop")
        time.sleep(0.5)
        await asyncio.sleep(0.3)
        assert value(METRICS, "worker_busy_seconds_total", worker="event_loop") - before == pytest.approx(0.5, abs=0.2)

    asyncio.run(serve())
