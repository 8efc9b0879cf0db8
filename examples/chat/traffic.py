"""People in rooms over the day: they come over Socket.IO, talk, leave or are cut off, and some open tickets."""

import asyncio
import os
import random

import httpx
import socketio
from examples.history.shape import busy

VISITS_A_SECOND = float(os.environ.get("VISITS_PER_SECOND", "0.1"))
VISITS_MAX = 60
USERS = 200
ROOMS = ("general", "support", "random")
INSTANCES = (os.environ["CHAT_A_URL"], os.environ["CHAT_B_URL"])
SAYINGS = ("Hello", "Has anybody seen the new release?", "It works for me", "Thank you!", "Lunch?")
TIMEOUT = httpx.Timeout(40)
LATE = 10


async def visit(api: httpx.AsyncClient) -> None:
    user, room = f"user-{random.randrange(USERS)}", random.choice(ROOMS)
    headers = {"x-user-id": user}
    at = random.choice(INSTANCES)
    client = socketio.AsyncClient(reconnection=False)
    client.on("message", lambda message: None)  # which acknowledges it
    try:
        await client.connect(at, auth={"userId": user})
        await client.call("join", {"room": room}, timeout=LATE)
        await api.get(f"{at}/api/chat/rooms/{room}/messages", headers=headers)
        for _ in range(random.randrange(1, 8)):
            await asyncio.sleep(random.uniform(1, 15))
            await client.call("say", {"room": room, "text": random.choice(SAYINGS)}, timeout=LATE)
        if random.random() < 0.1:
            await _ticket(api, at, headers)
        if random.random() < 0.05:
            await api.post(f"{at}/api/chat/rooms/{room}/summary", headers=headers)
        if random.random() < 0.02:
            told = {"target": f"user-{random.randrange(USERS)}", "reason": "off topic"}
            await api.post(f"{at}/api/admin/member.remove", json=told, headers={"x-user-id": "admin-1"})
    finally:
        await client.disconnect()


async def _ticket(api: httpx.AsyncClient, at: str, headers: dict[str, str]) -> None:
    told = {"title": "I cannot sign in", "text": "The link in the mail has expired."}
    answer = await api.post(f"{at}/api/tickets", json=told, headers=headers)
    if answer.is_success:
        asked = {"ticketId": answer.json()["data"]["id"]}
        await api.post(f"{at}/api/ai/ticket-assistant", json=asked, headers=headers)


async def main() -> None:
    visits: set[asyncio.Task[None]] = set()
    async with httpx.AsyncClient(timeout=TIMEOUT) as api:
        while True:
            await asyncio.sleep(random.expovariate(VISITS_A_SECOND * busy()))
            if len(visits) < VISITS_MAX:
                task = asyncio.create_task(visit(api))
                visits.add(task)
                # What fails here is the servers' to tell.
                task.add_done_callback(lambda done: (visits.discard(done), done.exception()))


if __name__ == "__main__":
    asyncio.run(main())
