"""A FastAPI app that exposes its metrics."""

import asyncio
import os
import time

import prometheus_client
from fastapi import FastAPI

import midwatch

midwatch.init()
app = FastAPI()
midwatch.instrument(app)
midwatch.expose(app, os.environ.get("METRICS_PATH", "/metrics"))

signups = midwatch.counter("signups_total", "Users who came", labels=("method",))
latency = midwatch.histogram("api.latency", "Of the API", labels=("http.route",), buckets=(10, 100, 1000), unit="ms")
theirs = prometheus_client.Counter("theirs_total", "Made without Midwatch")


@app.get("/items/{item_id}")
async def item(item_id: str) -> dict[str, object]:
    signups.inc(method="email")
    latency.record(42, **{"http.route": "/items/{item_id}"})
    theirs.inc()
    return {"item": item_id, "pid": os.getpid()}


@app.get("/blocks")
async def blocks() -> dict[str, bool]:
    time.sleep(0.6)
    return {"ok": True}


@app.get("/waits")
async def waits() -> dict[str, bool]:
    await asyncio.sleep(0.6)
    return {"ok": True}
