"""A service in the middle: it asks the address in NEXT, and answers what that answers."""

import os

import httpx
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

import midwatch

midwatch.init()
app = FastAPI()
midwatch.instrument(app)
midwatch.instrument(httpx)


@app.get("/relay", response_class=PlainTextResponse)
async def relay() -> str:
    midwatch.get_logger().info("relayed")
    async with httpx.AsyncClient() as client:
        return (await client.get(os.environ["NEXT"])).text
