"""Workers of queues: how busy they are, and pools of processes that are scraped as one."""

from pathlib import Path

import httpx
import pytest

from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Run, free_port
from tests.integration.sdk.heard import Heard
from tests.integration.sdk.test_exposition import samples
from tests.integration.sdk.test_queues import ENVIRONMENT, REDIS, WORKERS, prefix

pytestmark = pytest.mark.thorough

__all__ = ["prefix"]

SLOTS = {"arq": 10, "celery": 1, "rq": 1}
"""arq's `max_jobs`, a process of Celery's pool, RQ's one job at a time."""


def test_a_pool_of_processes_is_scraped_as_one(run: Run, prefix: str, tmp_path: object) -> None:
    """Celery's main process answers for those that do the tasks, which no scraper could reach."""
    port = free_port()
    told = {"REDIS": REDIS, "PREFIX": prefix, "PORT": str(port), "PROMETHEUS_MULTIPROC_DIR": f"{tmp_path}/metrics"}
    worker = run("celery", "-A", f"{APPS}.exposing_celery", "worker", "--concurrency=2", "--without-mingle", **told)
    sender = run(f"{APPS}.exposing_celery", **told)
    assert sender.popen.wait(60) == 0, sender.output()

    def values() -> dict[str, float]:
        try:
            answer = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30)
        except httpx.TransportError:
            assert worker.popen.poll() is None, worker.output()
            return {}
        return {name: one.value for name, one in samples(answer).items()}

    def done() -> dict[str, float] | None:
        found = values()
        return (
            found if sum(value for name, value in found.items() if name.startswith("tasks_done_total")) == 8 else None
        )

    found = eventually(done, seconds=60)
    assert len([name for name in found if name.startswith("tasks_done_total")]) == 2
    assert found["worker_slots{worker=celery}"] == 2
    eventually(lambda: values()["worker_busy_seconds_total{worker=celery}"] > 2.3)
    assert values()["worker_busy_seconds_total{worker=celery}"] < 10


@pytest.mark.parametrize("library", sorted(WORKERS))
def test_how_busy_a_worker_is(library: str, prefix: str, run: Run, heard: Heard) -> None:
    """Of each library: how much it can do at once, and how long it was at it."""
    told = {"REDIS": REDIS, "PREFIX": prefix, **ENVIRONMENT.get(library, {})}
    sender = run(f"{APPS}.tasks_{library}", **told)
    assert sender.popen.wait(60) == 0, sender.output()
    worker = run(*WORKERS[library], **told)
    eventually(lambda: heard.lines("shipping"), seconds=60)

    def busy() -> float:
        return sum(one.value for one in heard.points("worker_busy_seconds_total", worker=library))

    eventually(lambda: busy() > 0)
    assert {one.value for one in heard.points("worker_slots", worker=library)} == {SLOTS[library]}
    if library == "arq":
        eventually(lambda: sum(one.value for one in heard.points("event_loop_lag_seconds")) > 0)
    worker.stop()
    assert busy() < 30


@pytest.mark.parametrize("shared", [False, True])
def test_what_rqs_jobs_count_is_their_workers(
    shared: bool, prefix: str, run: Run, heard: Heard, tmp_path: Path
) -> None:
    """Each job has a process of its own and none is an instance: counters grow under the worker's; a scrape has all."""
    port = free_port()
    told = {"REDIS": REDIS, "PREFIX": prefix, "PORT": str(port)}
    if shared:
        told["PROMETHEUS_MULTIPROC_DIR"] = f"{tmp_path}/metrics"
    sender = run(f"{APPS}.counted_rq", **told)
    assert sender.popen.wait(60) == 0, sender.output()
    senders = {one.instance for one in heard.points("process.uptime")}
    worker = run(f"{APPS}.counting_rq", **told)

    def pushed(name: str) -> dict[str, float]:
        """The newest of each series, whichever instance it is of."""
        points = [one for one in heard.points(name) if one.instance not in senders]
        return {f"{one.instance} {sorted(one.labels.values())}": one.value for one in points}

    eventually(lambda: sum(pushed("parcels.packed").values()) == 6, seconds=60)
    page = samples(httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30))
    worker.stop()
    assert len({one.instance for one in heard.points("process.uptime")} - senders) == 1, worker.output()
    assert sorted(pushed("parcels.packed").values()) == [3, 3]
    assert list(pushed("parcel_weight").values()) == [6]
    assert list(pushed("newest_parcel").values()) == [5]
    assert sorted(pushed("job_duration_seconds").values()) == [1, 5]
    assert page["parcels_packed_total{size=small}"].value == 3
    assert [page[f"parcel_weight_bucket{{le={le}}}"].value for le in ("1.0", "10.0", "+Inf")] == [2, 6, 6]
    assert page["parcel_weight_sum{}"].value == 15
