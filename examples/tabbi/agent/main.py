"""OpenCode as it answers in a sandbox: prompts come in, events go out as a stream or over a WebSocket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from agent.telemetry import log
from agent.work import Agent
from fastapi import FastAPI, HTTPException, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

import midwatch

PING_SECONDS = 15.0
app = FastAPI(title="opencode")
midwatch.instrument(app)
midwatch.answer_errors(app)
midwatch.health(app)
agents: dict[str, Agent] = {}


class Wish(BaseModel):
    sandbox_id: str = Field(max_length=100)


class Prompt(BaseModel):
    text: str = Field(max_length=20_000)


def found(agent_id: str) -> Agent:
    if agent_id not in agents:
        raise HTTPException(404, f"there is no agent {agent_id!r}")
    midwatch.bind(agent_id=agent_id, sandbox_id=agents[agent_id].sandbox_id)
    return agents[agent_id]


@app.post("/agents", status_code=201)
async def start(wish: Wish) -> dict[str, str]:
    agent = Agent(wish.sandbox_id)
    agents[agent.id] = agent
    log.info("agent.started", agent_id=agent.id, sandbox_id=agent.sandbox_id)
    return {"agent_id": agent.id}


@app.get("/agents/{agent_id}")
async def state(agent_id: str) -> dict[str, Any]:
    agent = found(agent_id)
    return {"agent_id": agent.id, "sandbox_id": agent.sandbox_id, "working": len(agent.prompts)}


@app.delete("/agents/{agent_id}", status_code=204)
async def end(agent_id: str) -> None:
    found(agent_id).end()
    del agents[agent_id]


@app.post("/agents/{agent_id}/prompts", status_code=202)
async def prompt(agent_id: str, wish: Prompt, request: Request) -> dict[str, str]:
    return {"prompt_id": found(agent_id).prompt(wish.text, request.headers.get("x-request-id", ""))}


@app.get("/agents/{agent_id}/events")
async def events(agent_id: str) -> StreamingResponse:
    return StreamingResponse(_frames(found(agent_id)), media_type="text/event-stream")


async def _frames(agent: Agent) -> AsyncIterator[str]:
    queue = agent.listen()
    try:
        yield ": listening\n\n"
        while True:
            try:
                said = await asyncio.wait_for(queue.get(), PING_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if said is None:
                return
            yield midwatch.sse_frame(said.data, event=said.type)
    finally:
        agent.listeners.discard(queue)


@app.websocket("/agents/{agent_id}/ws")
async def talk(socket: WebSocket, agent_id: str) -> None:
    """Prompts as `{"type": "prompt", "text": …, "request_id": …, "ids": …}`, and the same events."""
    if agent_id not in agents:
        await socket.close(4404)
        return
    agent = agents[agent_id]
    await socket.accept()
    queue = agent.listen()
    sending = asyncio.create_task(_send(socket, queue))
    try:
        while True:
            said = await socket.receive_json()
            with midwatch.received(said.get("ids"), "prompt", agent_id=agent_id, sandbox_id=agent.sandbox_id):
                agent.prompt(str(said.get("text", "")), str(said.get("request_id", "")))
    except WebSocketDisconnect:
        log.info("listener.left", agent_id=agent_id)
    finally:
        agent.listeners.discard(queue)
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sending


async def _send(socket: WebSocket, queue: "asyncio.Queue[Any]") -> None:
    while (said := await queue.get()) is not None:
        await socket.send_json(said.data)
    await socket.close()
