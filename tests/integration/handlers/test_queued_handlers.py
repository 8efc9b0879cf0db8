"""Celery, RQ and arq with real workers: a task that failed is put into its queue again, with all of its arguments."""

import json
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import redis
from sqlalchemy import create_engine

from midwatch.sdk.handlers.sql_store import SqlStore
from tests.beside import BESIDE
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.integration.handlers.conftest import REDIS
from tests.integration.sdk.conftest import Run, run, sink
from tests.postgresql import new_database

__all__ = ["run", "sink"]
APPS = "tests.integration.handlers.apps"
WORKERS = {
    "celery": ("celery", "-A", f"{APPS}.tasks_celery", "worker", "--concurrency=1", "--without-mingle"),
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
    told = {"REDIS": REDIS, "PREFIX": prefix, "STORE": store, "SERVICE_NAME": service, "ENVIRONMENT": "test"}
    told |= {"MIDWATCH_DSN": f"http://{KEY}@{urlsplit(server.otlp_http_url).netloc}"}
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
    worker.stop()
