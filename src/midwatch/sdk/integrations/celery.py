"""Celery: `midwatch.instrument(app)` where the app is made, for those who send tasks and for those who do them."""

from typing import Any

from celery import signals

from midwatch.sdk.guard import guarded
from midwatch.sdk.messages import received, stamp
from midwatch.sdk.setup import flush
from midwatch.sdk.workers import Worker

TASKS_MAX = 4096
"""Tasks that one process may be doing at once, with an event loop or threads."""
FLUSH_SECONDS = 2.0
_UID = "midwatch"

_worker = Worker("celery")
_doing: dict[str, received] = {}
_failures: dict[str, BaseException] = {}


def instrument(_: Any) -> None:
    """Tasks carry the ids, and each is one span under the trace of who sent it."""
    for signal, receiver in (
        (signals.before_task_publish, _sent),
        (signals.task_prerun, _begins),
        (signals.task_failure, _failed),
        (signals.task_postrun, _ends),
        (signals.celeryd_after_setup, _set_up),
        (signals.worker_process_init, _process_begins),
        # Pool processes end without Python's own end.
        (signals.worker_process_shutdown, _leaves),
        (signals.worker_shutdown, _leaves),
        # Lines stay with us: Celery would put handlers of its own in our place.
        (signals.setup_logging, _keep_logging),
    ):
        signal.connect(receiver, weak=False, dispatch_uid=f"{_UID}.{receiver.__name__}")


@guarded
def _sent(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None:
        stamp(headers)


@guarded
def _begins(task_id: str = "", task: Any = None, **_: Any) -> None:
    if len(_doing) >= TASKS_MAX:
        return
    request = task.request
    attributes = {
        "messaging.system": "celery",
        "messaging.operation.name": "process",
        "messaging.message.id": task_id,
        "messaging.destination.name": (request.delivery_info or {}).get("routing_key") or "",
        "celery.task": task.name,
        "celery.retries": request.retries or 0,
    }
    carrier = {**vars(request), **(request.headers or {})}
    _doing[task_id] = received(carrier, task.name, attributes=attributes, job_id=task_id).__enter__()
    _worker.begin()


@guarded
def _failed(task_id: str = "", exception: Any = None, **_: Any) -> None:
    if task_id in _doing and isinstance(exception, BaseException):
        _failures[task_id] = exception


@guarded
def _ends(task_id: str = "", **_: Any) -> None:
    doing, error = _doing.pop(task_id, None), _failures.pop(task_id, None)
    if doing is not None:
        _worker.end()
        doing.__exit__(type(error) if error else None, error, None)


@guarded
def _set_up(instance: Any = None, **_: Any) -> None:
    """Of pools in this process; those of processes say it for each."""
    if not instance.pool_cls.__module__.endswith(".prefork"):
        _worker.slots(instance.concurrency)


@guarded
def _process_begins(**_: Any) -> None:
    _worker.slots(1)


@guarded
def _leaves(**_: Any) -> None:
    flush(FLUSH_SECONDS)


def _keep_logging(**_: Any) -> None:
    return
