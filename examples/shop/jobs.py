"""The queue between `orders` and `worker`: Redis where `REDIS_URL` names one, else a queue inside the orders process.

A job carries the trace context of the request that made it, so the worker's spans join that request's trace.
"""

import asyncio
import json
import os
from typing import Any, Protocol

import httpx
from opentelemetry import propagate, trace

QUEUE = "shop:jobs"
JOBS_MAX = 10_000
tracer = trace.get_tracer("shop.jobs")


class Queue(Protocol):
    async def put(self, text: str) -> None: ...

    async def get(self) -> str | None:
        """The next job, or None when none came within a few seconds."""
        ...


class MemoryQueue:
    """Lives in the orders process, which hands jobs out at `/internal/jobs/next`."""

    def __init__(self) -> None:
        self._jobs: asyncio.Queue[str] = asyncio.Queue(JOBS_MAX)

    async def put(self, text: str) -> None:
        await self._jobs.put(text)

    async def get(self) -> str | None:
        try:
            return await asyncio.wait_for(self._jobs.get(), timeout=5)
        except TimeoutError:
            return None


class RemoteQueue:
    """The worker's end of a MemoryQueue."""

    def __init__(self, orders_url: str) -> None:
        self._client = httpx.AsyncClient(base_url=orders_url, timeout=10)

    async def put(self, text: str) -> None:
        raise RuntimeError("only the orders process puts jobs")

    async def get(self) -> str | None:
        answer = await self._client.get("/internal/jobs/next")
        return answer.text if answer.status_code == 200 else None


class RedisQueue:
    def __init__(self, url: str) -> None:
        import redis.asyncio as redis

        self._redis = redis.from_url(url, decode_responses=True)

    async def put(self, text: str) -> None:
        await self._redis.lpush(QUEUE, text)

    async def get(self) -> str | None:
        found = await self._redis.brpop([QUEUE], timeout=5)
        return found[1] if found else None


def orders_queue() -> Queue:
    return RedisQueue(os.environ["REDIS_URL"]) if os.environ.get("REDIS_URL") else MemoryQueue()


def worker_queue() -> Queue:
    if os.environ.get("REDIS_URL"):
        return RedisQueue(os.environ["REDIS_URL"])
    return RemoteQueue(os.environ["ORDERS_URL"])


async def enqueue(queue: Queue, kind: str, payload: dict[str, Any]) -> None:
    attributes = {
        "messaging.system": "redis" if os.environ.get("REDIS_URL") else "in_process",
        "messaging.destination.name": QUEUE,
        "messaging.operation.type": "send",
    }
    with tracer.start_as_current_span(f"send {QUEUE}", kind=trace.SpanKind.PRODUCER, attributes=attributes):
        carrier: dict[str, str] = {}
        propagate.inject(carrier)
        await queue.put(json.dumps({"kind": kind, "payload": payload, "trace": carrier}))
