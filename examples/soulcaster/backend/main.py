"""The API: feedback comes in and is clustered, and clusters become jobs of the coding agent."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import jobs
import redis
from agent.queue import FIX
from agent.queue import app as queue
from backend.sentry_client import init_sentry
from backend.storage import Vectors, embedded, watch_storage
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

import midwatch

init_sentry()
# Sentry's SDK tells of exceptions: told twice, each would be two issues.
midwatch.init(service="backend", plan=os.environ.get("PLAN"), errors=midwatch.ErrorPolicy(sample_rates={"error": 0.0}))
midwatch.instrument(httpx)
midwatch.instrument(redis)
midwatch.instrument(queue)
log = midwatch.get_logger("backend")
ingested = midwatch.counter("feedback_ingested_total", "Feedback that came in", labels=("source",))
client, vectors = jobs.connect(), Vectors()


class Item(BaseModel):
    id: str
    title: str | None
    text: str = ""


class Batch(BaseModel):
    items: list[Item]


class Wish(BaseModel):
    cluster_id: str
    repository: str = "soulcaster/app"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    for source in ("reddit", "manual"):
        ingested.inc(0, source=source)
    watch_storage(client, vectors)
    yield


app = FastAPI(title="backend", lifespan=lifespan)
midwatch.instrument(app)
midwatch.health(app, {"redis": client})


@app.post("/ingest/{source}", status_code=202)
def ingest(source: str, batch: Batch) -> dict[str, int]:
    if source not in ("reddit", "manual"):
        raise HTTPException(404, f"there is no source {source!r}: reddit, manual")
    for item in batch.items:
        vector = embedded(f"{item.title} {item.text}")
        cluster_id = vectors.nearest(vector)
        if cluster_id is None:
            cluster_id = uuid.uuid4().hex[:12]
            vectors.add(cluster_id, vector)
        jobs.add_to_cluster(client, cluster_id, item.title or "")
        log.info("feedback.ingested", source=source, item_id=item.id, cluster_id=cluster_id)
        ingested.inc(source=source)
    return {"taken": len(batch.items)}


@app.get("/clusters")
def clusters() -> list[dict[str, str | None]]:
    return [{**one, "title": one["title"] or None} for one in jobs.clusters(client)]


@app.delete("/clusters/{cluster_id}", status_code=204)
def dismiss(cluster_id: str) -> None:
    jobs.dismiss(client, cluster_id)


@app.post("/cluster-jobs", status_code=202)
def create_job(wish: Wish) -> dict[str, str]:
    cluster = jobs.cluster(client, wish.cluster_id)
    if not cluster:
        raise HTTPException(404, f"there is no cluster {wish.cluster_id!r}")
    job_id = jobs.create(client, wish.cluster_id, wish.repository)
    queue.send_task(FIX, (job_id, wish.repository, cluster), task_id=job_id)
    return {"job_id": job_id}


@app.get("/cluster-jobs/{job_id}")
def job(job_id: str) -> dict[str, Any]:
    found = jobs.job(client, job_id)
    if not found:
        raise HTTPException(404, f"there is no job {job_id!r}")
    return {"id": job_id, **found}
