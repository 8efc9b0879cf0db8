"""Jobs of arq: `arq` does them, run as a module this sends some."""

import asyncio
import os
from typing import Any

import arq
from arq.connections import RedisSettings

import midwatch

midwatch.init()
midwatch.instrument(arq)
log = midwatch.get_logger("tasks")
SETTINGS, QUEUE = RedisSettings.from_dsn(os.environ["REDIS"]), os.environ["PREFIX"]


async def charge(context: dict[str, Any], order: int) -> None:
    log.info("charging", order=order)
    await context["redis"].enqueue_job("ship", order, _queue_name=QUEUE)


async def ship(context: dict[str, Any], order: int) -> None:
    if context["job_try"] == 1:
        raise arq.Retry
    log.info("shipping", order=order)


async def fail(_: dict[str, Any]) -> None:
    raise ValueError("the card was refused")


class Worker:
    functions = (charge, ship, fail)
    redis_settings = SETTINGS
    queue_name = QUEUE
    poll_delay = 0.05


async def send() -> None:
    pool = await arq.create_pool(SETTINGS)
    with midwatch.received({"x-correlation-id": "order-77"}, "take order"):
        await pool.enqueue_job("charge", 7, _queue_name=QUEUE)
        await pool.enqueue_job("fail", _queue_name=QUEUE)
    await pool.aclose()


if __name__ == "__main__":
    asyncio.run(send())
