"""Celery, RQ and arq with real workers: a task that failed is put into its queue again, with all of its arguments."""

import json
import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import redis
from celery import Celery
from sqlalchemy import create_engine

from midwatch.sdk.handlers.sql_store import SqlStore
from tests.beside import BESIDE
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.integration.handlers.conftest import REDIS
from tests.integration.sdk.conftest import Run, run, sink
from tests.postgresql import new_database

pytestmark = pytest.mark.thorough

__all__ = ["run", "sink"]
APPS = "tests.integration.handlers.apps"
CELERY = ("celery", "-A", f"{APPS}.tasks_celery", "worker", "--concurrency=1", "--without-mingle")
STOPS = 3
STOP_SECONDS_MAX = 25.0
"""Less than the 30 for which Celery's own processes wait for one another, and more than a machine under load takes."""
WORKERS = {
    "celery": CELERY,
    "rq": (f"{APPS}.working_rq",),
    "arq": ("arq", f"{APPS}.tasks_arq.Worker"),
}


@pytest.fixture
def prefix() -> Iterator[str]:
    prefix = f"midwatch-{uuid.uuid4().hex[:12]}"
    yield prefix
    with redis.Redis.from_url(REDIS) as client:
        for name in client.scan_iter(f"*{prefix}*"):
            client.delete(name)


@pytest.fixture
def store() -> Iterator[str]:
    with new_database() as url:
        address = url.replace("postgresql://", "postgresql+psycopg://")
        engine = create_engine(address)
        SqlStore(engine).create()
        engine.dispose()
        yield address


@pytest.mark.parametrize("library", sorted(WORKERS))
def test_a_task_is_replayed_by_its_worker_with_full_arguments(
    library: str, server: Server, service: str, prefix: str, store: str, run: Run
) -> None:
    """Once: a second message for what is done, as queues deliver them, changes nothing."""
    told = _told(server, service, prefix, store)
    if library == "arq":
        told |= BESIDE
    order = json.dumps({"id": f"o-{service}", "lines": [{"sku": "a", "n": 2}]})
    with redis.Redis.from_url(REDIS) as client, server.api() as api:
        client.set(f"{prefix}:closed", 1)
        worker = run(*WORKERS[library], **told)
        assert run(f"{APPS}.tasks_{library}", order, **told).popen.wait(60) == 0

        def failed() -> list[dict[str, str]]:
            return api.get("/api/v1/handler-runs", params={"service": service}).json()["runs"]  # type: ignore[no-any-return]

        (run_,) = eventually(failed, seconds=60)
        assert (run_["handler"], run_["error_type"]) == ("charge", "ConnectionError"), worker.output()
        client.delete(f"{prefix}:closed")
        made = api.post("/api/v1/handler-replays", json={"ids": [run_["id"]], "reason": "the bank is open"}).json()

        def ended() -> list[dict[str, str]]:
            orders = api.get(f"/api/v1/handler-replays/{made['batch_id']}").json()["orders"]
            return [one for one in orders if one["finished"]]

        (ordered,) = eventually(ended, seconds=60)
        assert (ordered["outcome"], ordered["detail"]) == ("done", ""), worker.output()
        assert run(f"{APPS}.tasks_{library}", order, **told).popen.wait(60) == 0
        eventually(lambda: worker.output().count("handler.skipped") >= 1, seconds=60)
        charged = [json.loads(one) for one in client.lrange(f"{prefix}:charged", 0, -1)]
        assert charged == [[json.loads(order), 1.5, ["window", "2nd floor"]]]


@pytest.mark.parametrize("pool", ["prefork", "solo"])
def test_a_worker_of_celery_that_asks_for_orders_ends_when_it_is_told_to(
    pool: str, server: Server, service: str, prefix: str, store: str, run: Run
) -> None:
    """Nothing of ours holds it up. It is at rest then: Celery's prefork waits for 30 s where a task ends just then."""
    told = _told(server, service, prefix, store)
    with redis.Redis.from_url(REDIS) as client, server.api() as api:
        for number in range(STOPS):
            name = f"{prefix}-{number}@test"
            worker = run(*CELERY, "-P", pool, "-n", name, **told)
            order = json.dumps({"id": f"o-{service}-{number}", "lines": []})
            assert run(f"{APPS}.tasks_celery", order, **told).popen.wait(60) == 0
            eventually(lambda charged=number + 1: client.llen(f"{prefix}:charged") == charged, seconds=60)  # type: ignore[misc]
            eventually(lambda name=name: _is_at_rest(name), seconds=60)  # type: ignore[misc]
            handlers = api.get("/api/v1/handlers").json()["handlers"]
            assert [one["asked"] is not None for one in handlers if one["service"] == service] == [True]
            began = time.monotonic()
            assert worker.stop() == 0, worker.output()
            assert time.monotonic() - began < STOP_SECONDS_MAX, worker.output()


def _is_at_rest(worker: str) -> bool:
    with Celery(broker=REDIS) as app:
        return app.control.inspect([worker], timeout=2.0).active() == {worker: []}


def _told(server: Server, service: str, prefix: str, store: str) -> dict[str, str]:
    """An app that its server knows."""
    told = {"REDIS": REDIS, "PREFIX": prefix, "STORE": store, "SERVICE_NAME": service, "ENVIRONMENT": "test"}
    return told | {"MIDWATCH_DSN": f"http://{KEY}@{urlsplit(server.otlp_http_url).netloc}"}
