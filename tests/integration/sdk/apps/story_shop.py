"""A story in three processes: the shop takes an order, Celery's worker charges it, a desk pushes it to who looks on."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import redis
import redis.asyncio
from celery import Celery
from fastapi import FastAPI, WebSocket

import midwatch

REDIS, PREFIX = os.environ["REDIS"], os.environ["PREFIX"]
ORDERS = f"{PREFIX}-orders"

midwatch.init()
midwatch.instrument(redis)
log = midwatch.get_logger("story")

tasks = Celery("story", broker=REDIS)
tasks.conf.update(task_default_queue=PREFIX, broker_connection_retry_on_startup=True)
midwatch.instrument(tasks)

shop = FastAPI()
midwatch.instrument(shop)


@shop.post("/orders/{order}")
async def take(order: str) -> dict[str, str]:
    log.info("taken", order=order)
    midwatch.event("order.taken", entity=("order", order))
    await asyncio.to_thread(charge.delay, order)
    return {"order": order}


@tasks.task(name="charge")  # type: ignore[untyped-decorator]
def charge(order: str) -> None:
    with midwatch.step("charge card", order=order):
        log.info("charged", order=order)
        midwatch.event("order.charged", entity=("order", order))
    with redis.Redis.from_url(REDIS) as client:
        client.xadd(ORDERS, {"order": order})


looking_on: set[WebSocket] = set()


@asynccontextmanager
async def pushing(_: FastAPI) -> AsyncIterator[None]:
    task = asyncio.create_task(push())
    yield
    task.cancel()


desk = FastAPI(lifespan=pushing)
midwatch.instrument(desk)


async def push() -> None:
    """The consumer of the stream."""
    client, last = redis.asyncio.Redis.from_url(REDIS), b"0"
    while True:
        for _, entries in await client.xread({ORDERS: last}, block=1000):
            for entry, fields in entries:
                last = entry
                with midwatch.received(fields, "push order"):
                    await tell(fields)


async def tell(fields: dict[bytes, Any]) -> None:
    order = fields[b"order"].decode()
    log.info("pushing", order=order)
    midwatch.event("order.pushed", entity=("order", order))
    for socket in looking_on:
        await socket.send_json({"order": order, "ids": midwatch.ids()})


@desk.websocket("/orders")
async def orders(socket: WebSocket) -> None:
    await socket.accept()
    looking_on.add(socket)
    try:
        await socket.receive_text()
    finally:
        looking_on.discard(socket)
