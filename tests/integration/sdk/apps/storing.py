"""An app that uses the Redis at REDIS, sync and async, and a stream between two pieces of work; it ends by itself."""

import asyncio
import contextlib
import os
import subprocess
from functools import partial

import redis
import redis.asyncio

import midwatch
from tests.eventually import eventually

URL, NOBODY, PREFIX = os.environ["REDIS"], os.environ["NOBODY"], os.environ["PREFIX"]
midwatch.init()
midwatch.instrument(redis)
log = midwatch.get_logger("shop")
client = redis.Redis.from_url(URL)
midwatch.instrument(client)
client.ping()
stream, batch = f"{PREFIX}:orders", f"{PREFIX}:batch"

with midwatch.received({"x-correlation-id": "order-77"}, "take orders"):
    client.set(f"{PREFIX}:q1w2e3r4", "q1w2e3r4")
    client.xadd(stream, {"item": "q1w2e3r4"})
    with client.pipeline() as pipeline:
        pipeline.xadd(batch, {"item": "q1w2e3r4"}).get(f"{PREFIX}:q1w2e3r4")
        assert pipeline.execute()[1] == b"q1w2e3r4"
    with contextlib.suppress(redis.ResponseError):
        client.incr(stream)


async def ask_in_async() -> None:
    in_async = redis.asyncio.Redis.from_url(URL)
    with midwatch.received(None, "look up"):
        await in_async.get(f"{PREFIX}:q1w2e3r4")
        async with in_async.pipeline() as pipeline:
            await pipeline.get("a").get("b").execute()
    await in_async.aclose()


def _answers(other: redis.Redis) -> bool:
    with contextlib.suppress(redis.ConnectionError):
        return bool(other.ping())
    return False


asyncio.run(ask_in_async())
for name in (stream, batch):
    for _, entries in client.xread({name: 0}, block=1000):
        for _, fields in entries:
            with midwatch.received(fields, "process order"):
                log.info("processing", stream=name)
other = redis.Redis.from_url(NOBODY)
for _ in range(2):
    with contextlib.suppress(redis.ConnectionError):
        other.ping()
port = NOBODY.rpartition(":")[2]
with subprocess.Popen(["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", ""]) as server:
    eventually(partial(_answers, other))
    server.terminate()
client.delete(stream, batch, f"{PREFIX}:q1w2e3r4")
