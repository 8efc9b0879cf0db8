"""An app that asks the address in ASKED until it succeeds, or has no more patience, and ends.

What is asked at `/busy-…` fails twice; `/down` fails always.
"""

import asyncio
import os
from contextlib import suppress

import aiohttp
import httpx
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

import midwatch

midwatch.init()
for library in (httpx, requests, aiohttp):
    midwatch.instrument(library)
ASKED, NOBODY = os.environ["ASKED"], os.environ["NOBODY"]


def by_urllib3() -> None:
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[503], backoff_factor=0)))
    assert session.get(f"{ASKED}/busy-requests", timeout=20).text == "answered"
    with suppress(requests.exceptions.RetryError):
        session.get(f"{ASKED}/down", timeout=20)
    with suppress(requests.ConnectionError):
        session.get(NOBODY, timeout=20)


def by_hand() -> None:
    with midwatch.retrying() as tries, httpx.Client() as client:
        while client.get(f"{ASKED}/busy-httpx").status_code != 200:
            pass
        client.get(f"{ASKED}/other")
        assert tries.retries == 2
    # Not within one operation: no retry, whatever went before.
    for _ in range(2):
        httpx.get(f"{ASKED}/down")


@midwatch.retrying()
async def in_async() -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.get(f"{ASKED}/busy-aiohttp") as answer:
                assert answer.status == 503


def by_another_client() -> None:
    with midwatch.retrying() as tries:
        for failed in (True, True, False):
            tries.attempt("sms.example", failed=failed, operation="send")


by_urllib3()
by_hand()
asyncio.run(in_async())
by_another_client()
