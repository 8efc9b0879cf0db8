"""arq: `midwatch.instrument(arq)`, for those who send jobs and for those who do them."""

import dataclasses
import pickle
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any

import arq
import arq.connections
import arq.worker

from midwatch.sdk import event_loop
from midwatch.sdk.guard import guarded
from midwatch.sdk.messages import ids, received
from midwatch.sdk.workers import Worker

_CARRIED = "midwatch"
_DONE = "_midwatch"
_worker = Worker("arq")
_arrived: ContextVar[dict[str, str] | None] = ContextVar("midwatch.arq", default=None)


def instrument(_: Any) -> None:
    """Jobs carry the ids beside their arguments, and each is one span under the trace of who sent it.

    Workers that are not observed do the same jobs: they leave out what they do not know.
    """
    sending: Any = arq.connections
    working: Any = arq.worker
    serialize, deserialize, make = sending.serialize_job, working.deserialize_job_raw, working.Worker.__init__
    if hasattr(make, _DONE):
        return

    @wraps(serialize)
    def serialized(*args: Any, serializer: Any = None, **kwargs: Any) -> Any:
        return serialize(*args, serializer=_carrying(serializer or pickle.dumps), **kwargs)

    @wraps(deserialize)
    def deserialized(data: bytes, *, deserializer: Any = None) -> Any:
        return deserialize(data, deserializer=_arriving(deserializer or pickle.loads))

    @wraps(make)
    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        _observe(self)

    setattr(made, _DONE, True)
    sending.serialize_job, working.deserialize_job_raw, working.Worker.__init__ = serialized, deserialized, made


def _carrying(serialize: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    return lambda job: serialize({**job, _CARRIED: ids()})


def _arriving(deserialize: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def read(data: bytes) -> Any:
        job = deserialize(data)
        # A job is read in the task that does it.
        _arrived.set(job.pop(_CARRIED, None) if isinstance(job, dict) else None)
        return job

    return read


@guarded
def _observe(worker: Any) -> None:
    _worker.slots(worker.max_jobs)
    for name, function in worker.functions.items():
        worker.functions[name] = dataclasses.replace(function, coroutine=_observed(name, function.coroutine))


def _observed(name: str, run: Any) -> Any:
    @wraps(run)
    async def observed(context: Any, *args: Any, **kwargs: Any) -> Any:
        told = _received(name, context)
        if told is None:
            return await run(context, *args, **kwargs)
        later: BaseException | None = None
        event_loop.watch()
        _worker.begin()
        with told:
            try:
                return await run(context, *args, **kwargs)
            except arq.Retry as asked:
                later = asked
            finally:
                _worker.end()
        # To be done again is no failure.
        raise later

    return observed


@guarded
def _received(name: str, context: dict[str, Any]) -> received:
    job_id = context.get("job_id", "")
    attributes = {"messaging.system": "arq", "messaging.operation.name": "process", "messaging.message.id": job_id}
    attributes["arq.try"] = context.get("job_try", 1)
    return received(_arrived.get(), name, attributes=attributes, job_id=job_id)
