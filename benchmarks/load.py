"""Sends bodies over a few connections, flat out or at a steady rate, in a process of its own."""

import asyncio
import multiprocessing
import random
import time
from dataclasses import dataclass, field

import httpx
from tests.conftest import KEY

from benchmarks.bodies import MAKERS, Template, template

CONNECTIONS = 4
TEMPLATES = 40


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent. Items get times that run from `begin_ns` to `end_ns` as the load goes on; now, where that is 0."""

    url: str
    signal: str
    items: int
    items_per_second: float = 0
    """0: as fast as it is taken."""
    begin_ns: int = 0
    end_ns: int = 0


@dataclass(slots=True)
class Sent:
    items: int = 0
    seconds: float = 0.0
    answer_seconds: list[float] = field(default_factory=list)
    refused: int = 0
    """Bodies that were answered 429 or 503 and sent again."""


def send(load: Load) -> Sent:
    """Send it all.

    Raises:
        httpx.HTTPStatusError: an answer other than 200, 429 and 503.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_run, (load,))


def _run(load: Load) -> Sent:
    chance = random.Random(load.signal)
    templates = [template(MAKERS[load.signal](chance)) for _ in range(TEMPLATES)]
    return asyncio.run(_send(load, templates, chance))


async def _send(load: Load, templates: list[Template], chance: random.Random) -> Sent:
    sent = Sent()
    started = time.monotonic()
    numbers = iter(range(-(-load.items // templates[0].items)))
    bodies = -(-load.items // templates[0].items)

    async def sender(client: httpx.AsyncClient) -> None:
        for number in numbers:
            if load.items_per_second:
                due = started + number * templates[0].items / load.items_per_second
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            at_ns = time.time_ns()
            if load.begin_ns:
                at_ns = load.begin_ns + (load.end_ns - load.begin_ns) * number // bodies
            body = templates[number % TEMPLATES].fresh(at_ns, chance)
            await _post(client, load, body, sent)

    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/x-protobuf"}
    async with httpx.AsyncClient(base_url=load.url, headers=headers, timeout=120) as client:
        await asyncio.gather(*(sender(client) for _ in range(CONNECTIONS)))
    sent.seconds = time.monotonic() - started
    sent.items = bodies * templates[0].items
    return sent


async def _post(client: httpx.AsyncClient, load: Load, body: bytes, sent: Sent) -> None:
    while True:
        began = time.perf_counter()
        answer = await client.post(f"/v1/{load.signal}", content=body)
        if answer.status_code not in (429, 503):
            answer.raise_for_status()
            sent.answer_seconds.append(time.perf_counter() - began)
            return
        sent.refused += 1
        await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
