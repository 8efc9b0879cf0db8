"""A client of the chat at URL, in asyncio or in threads by MODE; it stays until it is stopped."""

import asyncio
import os
import threading
from typing import Any

import socketio

import midwatch

midwatch.init()
log = midwatch.get_logger("bot")
URL, SEAT = os.environ["URL"], {"user": "bot", "clientId": "bot-1"}
NAMESPACE = {"namespace": "/chat"}
OFTEN = {"reconnection_delay": 0.05, "reconnection_delay_max": 0.1}


async def in_async() -> None:
    client = socketio.AsyncClient(**OFTEN)
    midwatch.instrument(client, ack_seconds=0.3)

    @client.on("said", **NAMESPACE)  # type: ignore[untyped-decorator]
    async def said(message: dict[str, Any]) -> None:
        log.info("heard", words=message["words"])

    with midwatch.work("bot-story"):
        await client.connect(URL, auth=SEAT, namespaces=["/chat"], wait_timeout=10)
        await client.call("join", **NAMESPACE)
        answer = await client.call("say", {"words": "hello", "ids": midwatch.ids()}, **NAMESPACE)
        log.info("told", answer=answer["ids"]["x-correlation-id"])
        await client.emit("nobody knows", callback=lambda: None, **NAMESPACE)
    await asyncio.Event().wait()


def in_threads() -> None:
    client = socketio.Client(**OFTEN)
    midwatch.instrument(client, ack_seconds=0.3)

    @client.on("said", **NAMESPACE)  # type: ignore[untyped-decorator]
    def said(message: dict[str, Any]) -> None:
        log.info("heard", words=message["words"])

    with midwatch.work("bot-story"):
        client.connect(URL, auth=SEAT, namespaces=["/chat"], wait_timeout=10)
        client.call("join", **NAMESPACE)
        answer = client.call("say", {"words": "hello", "ids": midwatch.ids()}, **NAMESPACE)
        log.info("told", answer=answer["ids"]["x-correlation-id"])
        client.emit("nobody knows", callback=lambda: None, **NAMESPACE)
    threading.Event().wait()


if __name__ == "__main__":
    asyncio.run(in_async()) if os.environ["MODE"] == "asyncio" else in_threads()
