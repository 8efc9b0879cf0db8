"""RQ: `midwatch.instrument(rq)`, for those who send jobs and for those who do them."""

from functools import wraps
from typing import Any

import rq

from midwatch.sdk.guard import guarded
from midwatch.sdk.messages import ids, received
from midwatch.sdk.setup import METRICS, flush, in_force
from midwatch.sdk.workers import Worker

FLUSH_SECONDS = 2.0
_CARRIED = "midwatch"
_DONE = "_midwatch"

_worker = Worker("rq")


def instrument(_: Any) -> None:
    """Jobs carry the ids in their `meta`, and each is one span under the trace of who sent it."""
    queue: Any = rq.Queue
    job: Any = rq.job.Job
    worker: Any = rq.worker.BaseWorker
    if hasattr(job.perform, _DONE):
        return
    create, perform, work = queue.create_job, job.perform, worker.main_work_horse
    fork = rq.Worker.fork_work_horse

    @wraps(create)
    def create_job(self: Any, *args: Any, **kwargs: Any) -> Any:
        made = create(self, *args, **kwargs)
        _carry(made)
        return made

    @wraps(perform)
    def performed(self: Any) -> Any:
        told = _received(self)
        if told is None:
            return perform(self)
        with told:
            return perform(self)

    @wraps(fork)
    def fork_work_horse(*args: Any, **kwargs: Any) -> Any:
        _expect()
        return fork(*args, **kwargs)

    @wraps(work)
    def main_work_horse(self: Any, *args: Any, **kwargs: Any) -> Any:
        # The process of a job ends without Python's own end, and what it counts is told by the worker.
        _become_one()
        perform_job = self.perform_job

        def performed_and_sent(*args: Any, **kwargs: Any) -> Any:
            try:
                return perform_job(*args, **kwargs)
            finally:
                flush(FLUSH_SECONDS)

        self.perform_job = performed_and_sent
        return work(self, *args, **kwargs)

    setattr(performed, _DONE, True)
    for kind in vars(rq.worker).values():
        # Each kind has its own; one of the app's calls that of its base.
        if isinstance(kind, type) and issubclass(kind, worker) and "execute_job" in vars(kind):
            kind.execute_job = _timed(kind.execute_job)  # type: ignore[attr-defined]
    queue.create_job, job.perform, worker.main_work_horse = create_job, performed, main_work_horse
    rq.Worker.fork_work_horse = fork_work_horse  # type: ignore[method-assign]


def _timed(execute: Any) -> Any:
    @wraps(execute)
    def execute_job(*args: Any, **kwargs: Any) -> Any:
        # In the worker itself, whichever process does the job.
        _busy(begins=True)
        try:
            return execute(*args, **kwargs)
        finally:
            _busy(begins=False)
            _ended()

    return execute_job


@guarded
def _busy(*, begins: bool) -> None:
    if not begins:
        _worker.end()
    elif not _worker.begin():
        _worker.slots(1)


@guarded
def _expect() -> None:
    if in_force() is not None:
        METRICS.children.expect()


@guarded
def _become_one() -> None:
    METRICS.children.become_one(METRICS.registry.collect)


@guarded
def _ended() -> None:
    METRICS.children.ended()


@guarded
def _carry(job: Any) -> None:
    job.meta.setdefault(_CARRIED, ids())


@guarded
def _received(job: Any) -> received:
    attributes = {
        "messaging.system": "rq",
        "messaging.operation.name": "process",
        "messaging.message.id": job.id,
        "messaging.destination.name": job.origin or "",
    }
    return received(job.meta.get(_CARRIED), job.func_name, attributes=attributes, job_id=job.id)
