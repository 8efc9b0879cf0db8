"""What Redis holds: `job:{id}` of the coding agent, `cluster:{id}` of feedback that says the same."""

import os
import time
import uuid
from typing import Any

import redis

import midwatch

PENDING, RUNNING, SUCCESS, FAILED = "pending", "running", "success", "failed"
JOBS_SECONDS = 7 * 86_400
CLUSTERS_MAX = 500
RUNNING_JOBS = "jobs:running"
CLUSTERS = "clusters"


def connect() -> Any:
    return redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True, socket_timeout=5)


def create(client: Any, cluster_id: str, repository: str) -> str:
    """A job that waits; its id."""
    job_id = uuid.uuid4().hex
    about = {"cluster_id": cluster_id, "repository": repository, "created_at": time.time()}
    client.hset(f"job:{job_id}", mapping={**about, "status": ""})
    client.expire(f"job:{job_id}", JOBS_SECONDS)
    move(client, job_id, PENDING)
    return job_id


def move(client: Any, job_id: str, status: str, **fields: Any) -> None:
    """The job is in this state from now on, and that is told."""
    was = client.hget(f"job:{job_id}", "status") or ""
    client.hset(f"job:{job_id}", mapping={"status": status, "updated_at": time.time(), **fields})
    if status == RUNNING:
        client.zadd(RUNNING_JOBS, {job_id: time.time()})
    else:
        client.zrem(RUNNING_JOBS, job_id)
    midwatch.transition("job", job_id, was, status, job_id=job_id, **fields)


def note(client: Any, job_id: str, **fields: Any) -> None:
    client.hset(f"job:{job_id}", mapping=fields)


def job(client: Any, job_id: str) -> dict[str, str]:
    """Its fields, empty where there is none."""
    found: dict[str, str] = client.hgetall(f"job:{job_id}")
    return found


def longest_running(client: Any, count: int) -> list[str]:
    """Ids of the jobs that began first."""
    found: list[str] = client.zrange(RUNNING_JOBS, 0, count - 1)
    return found


def cluster(client: Any, cluster_id: str) -> dict[str, str]:
    found: dict[str, str] = client.hgetall(f"cluster:{cluster_id}")
    return found


def clusters(client: Any, count: int = 20) -> list[dict[str, str]]:
    """The largest first."""
    ids = client.zrevrange(CLUSTERS, 0, count - 1)
    return [{"id": one, **cluster(client, one)} for one in ids]


def add_to_cluster(client: Any, cluster_id: str, title: str) -> None:
    client.hsetnx(f"cluster:{cluster_id}", "title", title)
    client.hincrby(f"cluster:{cluster_id}", "items", 1)
    client.zincrby(CLUSTERS, 1, cluster_id)
    for smallest in client.zrange(CLUSTERS, 0, -CLUSTERS_MAX - 1):
        dismiss(client, smallest)


def dismiss(client: Any, cluster_id: str) -> None:
    client.delete(f"cluster:{cluster_id}")
    client.zrem(CLUSTERS, cluster_id)
