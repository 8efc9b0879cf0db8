"""Workers of queues: how busy they are, and pools of processes that are scraped as one."""

import httpx
import pytest

from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Run, free_port
from tests.integration.sdk.heard import Heard
from tests.integration.sdk.test_exposition import samples
from tests.integration.sdk.test_queues import ENVIRONMENT, REDIS, WORKERS, prefix

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
