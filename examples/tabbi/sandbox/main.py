"""The sandbox service, as the edge asks it for a sandbox for each session."""

import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field
from sandbox import boxes
from sandbox.boxes import Box
from sandbox.calls import SandboxFailed
from sandbox.telemetry import log

import midwatch

CHECK_EVERY_SECONDS = float(os.environ.get("CHECK_EVERY_SECONDS", "10"))


class Wish(BaseModel):
    session_id: str = Field(max_length=100)
    repository: str = Field(pattern=r"^[\w.-]{1,60}/[\w.-]{1,60}$")


def look_after(stopping: threading.Event) -> None:
    """Check each sandbox now and then, from a thread of its own: an agent that died is back before somebody asks."""
    while not stopping.wait(CHECK_EVERY_SECONDS):
        for one in boxes.running():
            with midwatch.work(session_id=one.session_id):
                boxes.checked(one)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    stopping = threading.Event()
    threading.Thread(target=look_after, args=(stopping,), name="checks", daemon=True).start()
    yield
    stopping.set()


app = FastAPI(title="modal", lifespan=lifespan)
midwatch.instrument(app)
midwatch.answer_errors(app)
midwatch.health(app)


def found(sandbox_id: str) -> Box:
    try:
        one = boxes.box(sandbox_id)
    except KeyError:
        raise HTTPException(404, f"there is no sandbox {sandbox_id!r}") from None
    midwatch.bind(session_id=one.session_id, sandbox_id=one.id)
    return one


@app.post("/sandboxes", status_code=201)
def create(wish: Wish) -> dict[str, str]:
    midwatch.bind(session_id=wish.session_id)
    try:
        made = boxes.create(wish.session_id, wish.repository)
    except SandboxFailed as error:
        raise HTTPException(502, str(error)) from None
    return {"sandbox_id": made.id, "agent_id": made.agent_id}


@app.get("/sandboxes/{sandbox_id}/health")
def health(sandbox_id: str) -> dict[str, str]:
    one = found(sandbox_id)
    if not boxes.checked(one):
        raise HTTPException(503, "its agent does not answer, and no new one starts")
    return {"status": "ok", "state": "paused" if one.snapshot else "running", "agent_id": one.agent_id}


@app.post("/sandboxes/{sandbox_id}/snapshot")
def snapshot(sandbox_id: str) -> dict[str, str]:
    try:
        return {"snapshot_id": boxes.snapshot(found(sandbox_id))}
    except SandboxFailed as error:
        log.exception("sandbox.not_snapshotted")
        raise HTTPException(502, str(error)) from None


@app.post("/sandboxes/{sandbox_id}/restore")
def restore(sandbox_id: str) -> dict[str, str]:
    one = found(sandbox_id)
    try:
        boxes.restore(one)
    except SandboxFailed as error:
        log.exception("sandbox.not_restored")
        raise HTTPException(502, str(error)) from None
    return {"sandbox_id": one.id, "agent_id": one.agent_id}


@app.delete("/sandboxes/{sandbox_id}", status_code=204)
def remove(sandbox_id: str) -> None:
    boxes.remove(found(sandbox_id))
