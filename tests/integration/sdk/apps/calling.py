"""An app that calls the address in ASKED with each of the HTTP clients, in one piece of work, and ends."""

import asyncio
import contextlib
import os

import aiohttp
import httpx
import httpx2
import requests

import midwatch

midwatch.instrument(requests)
midwatch.init()
for library in (httpx, httpx2, aiohttp, httpx, httpx2):
    midwatch.instrument(library)
ASKED, NOBODY = os.environ["ASKED"], os.environ["NOBODY"]


async def ask_in_async() -> None:
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{ASKED}/httpx-async?api_key=q1w2e3r4")).status_code == 200
    async with httpx2.AsyncClient() as successor:
        assert (await successor.get(f"{ASKED}/httpx2-async?api_key=q1w2e3r4")).status_code == 200
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{ASKED}/aiohttp?api_key=q1w2e3r4") as answer:
            assert await answer.text() == "answered"
        with contextlib.suppress(aiohttp.ClientError):
            await session.get(NOBODY)


with midwatch.work(correlation_id="order-77"):
    with httpx.Client(follow_redirects=True) as client:
        assert client.get(f"{ASKED}/httpx?api_key=q1w2e3r4").text == "answered"
        assert client.get(f"{ASKED}/moved").text == "answered"
        assert client.get(f"{ASKED}/refused").status_code == 429
        client.get(f"{ASKED}/own", headers={"x-request-id": "own-1"})
    with contextlib.suppress(httpx.ConnectError):
        httpx.get(NOBODY)
    assert httpx2.get(f"{ASKED}/httpx2?api_key=q1w2e3r4").text == "answered"
    with contextlib.suppress(httpx2.ConnectError):
        httpx2.get(NOBODY)
    assert requests.get(f"{ASKED}/requests?api_key=q1w2e3r4", timeout=10).text == "answered"
    with contextlib.suppress(requests.ConnectionError):
        requests.get(NOBODY, timeout=10)
    asyncio.run(ask_in_async())
