"""Apps that tell their progress by server-sent events: FastAPI (`app`), and Flask (`flasked`)."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from flask import Flask, Response

import midwatch

midwatch.init()
app = FastAPI()
flasked = Flask(__name__)
midwatch.instrument(app)
midwatch.instrument(flasked)
log = midwatch.get_logger("shop")


@app.get("/progress/{job_id}")
async def progress(job_id: str, steps: int = 3, pause: float = 0.0, fail: bool = False) -> StreamingResponse:
    async def events() -> AsyncIterator[str]:
        for step in range(steps):
            await asyncio.sleep(pause)
            log.info("telling", step=step)
            yield midwatch.sse_frame({"job": job_id, "step": step}, event="progress", event_id=str(step))
        if fail:
            raise ValueError("the job is lost")

    return StreamingResponse(events(), media_type="text/event-stream")


@flasked.get("/progress/<job_id>")
def progress_in_flask(job_id: str) -> Response:
    def events() -> Iterator[str]:
        for step in range(3):
            time.sleep(0.4)
            log.info("telling", step=step)
            yield midwatch.sse_frame({"job": job_id, "step": step}, event="progress")

    return Response(events(), content_type="text/event-stream; charset=utf-8")
