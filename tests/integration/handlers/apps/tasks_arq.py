"""Jobs of arq that can be replayed: `arq` does them, run as a module this sends one."""

import asyncio
import json
import os
import sys
from typing import Any

import arq
from arq.connections import RedisSettings

import midwatch
from tests.integration.handlers.apps import bank

midwatch.init()
midwatch.instrument(arq)
bank.keep_runs()
SETTINGS = RedisSettings.from_dsn(os.environ["REDIS"])


async def again(*order: Any, **more: Any) -> None:
    pool = await arq.create_pool(SETTINGS)
    await pool.enqueue_job("charge", *order, _queue_name=bank.PREFIX, **more)
    await pool.aclose()


@midwatch.replayable("charge", key=lambda order, *_, **__: order["id"], left_out=("context",), via=again)
async def charge(
    context: dict[str, Any], order: dict[str, Any], tip: float = 0.0, *, notes: list[str] | None = None
) -> None:
    assert context["job_id"]
    bank.take(order, tip, notes)


class Worker:
    functions = (charge,)
    redis_settings = SETTINGS
    queue_name = bank.PREFIX
    poll_delay = 0.05


if __name__ == "__main__":
    asyncio.run(again(json.loads(sys.argv[1]), 1.5, notes=["window", "2nd floor"]))
