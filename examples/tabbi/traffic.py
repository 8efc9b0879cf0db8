"""People over the day: they sign in, start a session, talk to its agent, pause and come back, and end it.

There is no browser here, so that what the page's PostHog SDK would tell, PostHog's Python SDK tells.
"""

import asyncio
import json
import os
import random
import uuid
from contextlib import suppress
from typing import Any

import httpx
from examples.history.shape import busy
from posthog import Posthog
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

VISITS_A_SECOND = float(os.environ.get("VISITS_PER_SECOND", "0.08"))
USERS = 200
VISITS_MAX = 12
"""At once: the provider has 20 machines for us."""
REPOSITORIES = ("tabbi/app", "acme/shop", "acme/site", "kit/tools")
PROMPTS = ("Fix the failing tests", "Add a dark mode", "Why is the build slow?", "Rename the module")
RUNNING_SECONDS = 90
posthog = Posthog(os.environ["MIDWATCH_KEY"], host=os.environ["MIDWATCH_URL"])


async def visit(edge: httpx.AsyncClient) -> None:
    person, about = f"user-{random.randrange(USERS)}", {"$session_id": str(uuid.uuid4()), "$lib": "web"}

    def did(event: str) -> None:
        posthog.capture(event, distinct_id=person, properties=about)

    did("visited")
    await asyncio.sleep(random.uniform(1, 10))
    if random.random() < 0.25:
        return
    answer = await edge.post("/signin", json={"user_id": person})
    if answer.is_error:
        return
    did("signed in")
    edge.headers["authorization"] = f"Bearer {answer.json()['token']}"
    made = await edge.post("/sessions", json={"repository": random.choice(REPOSITORIES)})
    if made.is_error:
        return
    did("session started")
    session_id = made.json()["session_id"]
    try:
        if await _runs(edge, session_id):
            did("session running")
            await _talk(edge, session_id, did)
    finally:
        await edge.delete(f"/sessions/{session_id}")


async def _runs(edge: httpx.AsyncClient, session_id: str) -> bool:
    for _ in range(RUNNING_SECONDS):
        state = (await edge.get(f"/sessions/{session_id}")).json().get("state")
        if state in ("running", "error"):
            return bool(state == "running")
        await asyncio.sleep(1)
    return False


async def _talk(edge: httpx.AsyncClient, session_id: str, did: Any) -> None:
    address = f"{str(edge.base_url).rstrip('/').replace('http', 'ws', 1)}/sessions/{session_id}/ws"
    for number in range(random.randrange(4)):
        request_id = str(uuid.uuid4())
        with suppress(WebSocketException, OSError, TimeoutError):
            async with asyncio.timeout(30), connect(f"{address}?request_id={request_id}") as socket:
                said = {"type": "prompt", "text": random.choice(PROMPTS), "request_id": request_id}
                await socket.send(json.dumps(said))
                if number == 0:
                    did("first prompt")
                async for message in socket:
                    if json.loads(message)["type"] in ("message.completed", "message.failed", "failed"):
                        break
        await asyncio.sleep(random.uniform(1, 15))
    if random.random() < 0.3:
        await edge.post(f"/sessions/{session_id}/pause")
        await asyncio.sleep(random.uniform(2, 20))
        await edge.post(f"/sessions/{session_id}/resume")


async def _visited(base_url: str) -> None:
    async with httpx.AsyncClient(base_url=base_url, timeout=150) as edge:
        await visit(edge)


async def main() -> None:
    visits: set[asyncio.Task[None]] = set()
    while True:
        await asyncio.sleep(random.expovariate(VISITS_A_SECOND * busy()))
        if len(visits) < VISITS_MAX:
            task = asyncio.create_task(_visited(os.environ["EDGE_URL"]))
            visits.add(task)
            task.add_done_callback(lambda done: (visits.discard(done), done.exception()))


if __name__ == "__main__":
    asyncio.run(main())
