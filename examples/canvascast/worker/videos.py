"""The queue in Redis: `videos:waiting`, what is at work in `videos:active`, what failed in `videos:failed`."""

import json
import os
from typing import Any

import redis

WAITING, ACTIVE, FAILED = "videos:waiting", "videos:active", "videos:failed"
FAILED_MAX = 1000
WAIT_SECONDS = 2
client = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True, socket_timeout=10)


def take() -> str | None:
    """The oldest that waits, which is active from now on; None where none came."""
    return client.blmove(WAITING, ACTIVE, WAIT_SECONDS, "RIGHT", "LEFT")


def move(job_id: str, status: str, **fields: str) -> None:
    client.hset(f"job:{job_id}", mapping={"status": status, **fields})


def done(message: str, *, failed: bool) -> None:
    with client.pipeline() as pipeline:
        pipeline.lrem(ACTIVE, 1, message)
        if failed:
            pipeline.lpush(FAILED, message).ltrim(FAILED, 0, FAILED_MAX - 1)
        pipeline.execute()


def counts() -> dict[str, int]:
    return {"waiting": client.llen(WAITING), "active": client.llen(ACTIVE), "failed": client.llen(FAILED)}


def put_back() -> None:
    """What a worker that was killed had at hand waits again."""
    while client.lmove(ACTIVE, WAITING, "RIGHT", "RIGHT"):
        pass


def read(message: str) -> dict[str, Any]:
    job: dict[str, Any] = json.loads(message)
    return job
