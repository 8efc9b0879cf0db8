"""Two services of a team: `front` takes a message and asks `back` to handle it, with the ids or, by a bare client,
without."""

import asyncio
import os
import urllib.request

import httpx
from fastapi import FastAPI

import midwatch

BACK = os.environ.get("BACK", "")
DROPPING = os.environ.get("DROPPING") == "1"

midwatch.init()
log = midwatch.get_logger("relaying")

front = FastAPI()
midwatch.instrument(front)
midwatch.instrument(httpx)


@front.post("/messages")
async def take() -> dict[str, bool]:
    log.info("message.received")
    if DROPPING:
        request = urllib.request.Request(f"{BACK}/handle", method="POST")
        await asyncio.to_thread(lambda: urllib.request.urlopen(request).read())
    else:
        async with httpx.AsyncClient() as client:
            await client.post(f"{BACK}/handle")
    return {"taken": True}


back = FastAPI()
midwatch.instrument(back)


@back.post("/handle")
async def handle() -> dict[str, bool]:
    log.info("message.handled")
    midwatch.event("message.stored", entity=("message", 7))
    return {"handled": True}
