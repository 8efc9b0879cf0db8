"""A chat over Socket.IO, mounted in a FastAPI app."""

import asyncio
import os
from typing import Any

import socketio
from fastapi import FastAPI
from socketio.exceptions import ConnectionRefusedError, TimeoutError

import midwatch

midwatch.init()
REDIS = os.environ.get("CHAT_REDIS")
manager = socketio.AsyncRedisManager(REDIS, channel=os.environ["CHAT_CHANNEL"]) if REDIS else None
sio = socketio.AsyncServer(
    async_mode="asgi",
    namespaces=["/chat", "/plain"],
    client_manager=manager,
    ping_interval=float(os.environ.get("CHAT_PING_SECONDS", "25")),
)
app = FastAPI()
app.mount("/socket.io", socketio.ASGIApp(sio, socketio_path=None))
midwatch.instrument(app)
midwatch.instrument(sio, ack_seconds=0.4)
midwatch.instrument(sio)
log = midwatch.get_logger("chat")
CHAT = "/chat"


@sio.on("connect", namespace=CHAT)
async def connect(sid: str, environ: dict[str, Any], auth: dict[str, Any]) -> None:
    if auth.get("user") == "banned":
        raise ConnectionRefusedError("you are banned")
    if auth.get("user") == "broken":
        raise ValueError("who is that?")
    midwatch.bind(user_id=auth["user"])
    log.info("welcome")


@sio.on("connect", namespace="/plain")
def connect_plain(sid: str, environ: dict[str, Any]) -> None:
    """Without `auth`, as older apps have it."""


@sio.on("say", namespace=CHAT)
async def say(sid: str, said: dict[str, Any]) -> dict[str, Any]:
    log.info("said", words=said["words"])
    await sio.emit("said", {"words": said["words"], "ids": midwatch.ids()}, room="hall", namespace=CHAT)
    return {"ids": midwatch.ids()}


@sio.on("join", namespace=CHAT)
async def join(sid: str) -> None:
    await sio.enter_room(sid, "hall", namespace=CHAT)


@sio.on("fail", namespace=CHAT)
async def fail(sid: str) -> None:
    raise ValueError("cannot say that")


@sio.on("ask", namespace=CHAT)
async def ask(sid: str, event: str) -> None:
    """The client acknowledges some events and others not."""
    await ask_of(sid, sid, event)


@sio.on("ask of", namespace=CHAT)
async def ask_of(sid: str, to: str, event: str) -> None:
    async def answered(answer: str) -> None:
        log.info("answered", answer=answer)

    await sio.emit(event, "are you there?", to=to, namespace=CHAT, callback=answered)


@sio.on("call", namespace=CHAT)
async def call(sid: str, event: str) -> str:
    try:
        return str(await sio.call(event, "are you there?", to=sid, namespace=CHAT, timeout=0.2))
    except TimeoutError:
        return "no answer"


@sio.on("kick", namespace=CHAT)
async def kick(sid: str) -> None:
    await sio.disconnect(sid, namespace=CHAT)


@sio.on("whisper", namespace=CHAT)
async def whisper(sid: str, to: str) -> None:
    await sio.emit("whispered", "psst", to=to, namespace=CHAT)


@sio.on("ponder", namespace=CHAT)
async def ponder(sid: str) -> None:
    await asyncio.sleep(1.05)
