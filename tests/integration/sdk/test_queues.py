"""Celery, RQ and arq with real workers on a real Redis: tasks are part of the trace of who sent them."""

import uuid
from collections.abc import Iterator

import pytest
import redis

from tests.beside import BESIDE
from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Run
from tests.integration.sdk.heard import Heard

REDIS = "redis://127.0.0.1:6379/0"
RQ = f"{APPS}.tasks_rq"
WORKERS = {
    "celery": ("celery", "-A", f"{APPS}.tasks_celery", "worker", "--concurrency=1", "--without-mingle"),
    "rq": (f"{APPS}.working_rq",),
    "arq": ("arq", f"{APPS}.tasks_arq.Worker"),
}
NAMES = {"celery": "{}", "rq": RQ + ".{}", "arq": "{}"}
ENVIRONMENT = {"arq": BESIDE}


@pytest.fixture
def prefix() -> Iterator[str]:
    prefix = f"midwatch-{uuid.uuid4().hex[:12]}"
    yield prefix
    with redis.Redis.from_url(REDIS) as client:
        for key in client.scan_iter(f"*{prefix}*"):
            client.delete(key)


@pytest.mark.parametrize("library", sorted(WORKERS))
def test_a_task_is_one_span_under_the_trace_of_its_sender(library: str, prefix: str, run: Run, heard: Heard) -> None:
    """So is the task that it sends in turn; a failure is told; a worker that is stopped has sent all."""
    told = {"REDIS": REDIS, "PREFIX": prefix, **ENVIRONMENT.get(library, {})}
    sender = run(f"{APPS}.tasks_{library}", **told)
    assert sender.popen.wait(60) == 0, sender.output()
    worker = run(*WORKERS[library], **told)
    named = NAMES[library].format
    eventually(lambda: heard.lines("shipping") and heard.spans(named("fail")), seconds=60)
    worker.stop()
    sent = heard.spans("take order")[0]
    charged, failed = heard.spans(named("charge")), heard.spans(named("fail"))
    assert (len(charged), len(failed)) == (1, 1), worker.output()
    shipped = heard.spans(named("ship"))
    assert len(shipped) == (2 if library == "arq" else 1)
    assert {one.kind for one in (*charged, *failed, *shipped)} == {"consumer"}
    assert {one.trace_id for one in (*charged, *failed, *shipped)} == {sent.trace_id}
    assert (charged[0].parent_id, failed[0].parent_id) == (sent.span_id, sent.span_id)
    assert shipped[-1].parent_id == charged[0].span_id
    assert [one.failed for one in (*charged, *failed, *shipped)] == [False, True, *[False] * len(shipped)]
    assert failed[0].events[0]["exception.message"] == "the card was refused"
    lines = [*heard.lines("charging"), *heard.lines("shipping")]
    assert {one.attributes["correlation_id"] for one in lines} == {"order-77"}
    assert lines[0].span_id == charged[0].span_id
    assert lines[0].attributes["job_id"] == charged[0].attributes["messaging.message.id"]
