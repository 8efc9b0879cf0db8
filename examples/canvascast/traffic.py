"""Users over the day: they sign up, some pay, most have videos made and wait for them."""

import asyncio
import os
import random

import httpx
from examples.history.shape import busy

VISITS_A_SECOND = float(os.environ.get("VISITS_PER_SECOND", "0.1"))
VISITS_MAX = 50
USERS_MAX = 500
NICHES = ("travel", "cooking", "history", "finance")
PROMPTS = ("Lisbon in a day", "Bread without kneading", "The fall of Byzantium", "What an index fund is")
users: list[str] = []


async def _user(web: httpx.AsyncClient) -> dict[str, str]:
    """Somebody's headers; one in five is new."""
    if not users or random.random() < 0.2:
        method = random.choice(("email", "email", "google"))
        answer = await web.post("/api/signups", json={"email": "someone@example.com", "method": method})
        users.append(answer.raise_for_status().json()["user_id"])
        del users[:-USERS_MAX]
    return {"authorization": f"Bearer {random.choice(users)}"}


async def visit(web: httpx.AsyncClient) -> None:
    await web.get("/")
    headers = await _user(web)
    if random.random() < 0.1:
        await web.post("/api/subscriptions", json={"usd": 29}, headers=headers)
    niche = random.randrange(len(NICHES))
    body = {"niche": NICHES[niche], "prompt": PROMPTS[niche]}
    answer = await web.post("/api/jobs", json=body, headers=headers)
    if answer.status_code == 402:
        await web.post("/api/purchases", json={"usd": 20, "credits": 100}, headers=headers)
        answer = await web.post("/api/jobs", json=body, headers=headers)
    job = answer.json().get("job_id")
    for _ in range(10 if job else 0):
        await asyncio.sleep(2)
        if (await web.get(f"/api/jobs/{job}", headers=headers)).json().get("status") in ("READY", "FAILED"):
            await web.get(f"/api/jobs/{job}/video", headers=headers)
            break


async def _visited(web: httpx.AsyncClient) -> None:
    try:
        await visit(web)
    except (httpx.HTTPError, ValueError):
        return  # the system may be made to fail: the user goes


async def main() -> None:
    visits: set[asyncio.Task[None]] = set()
    async with httpx.AsyncClient(base_url=os.environ["WEB_URL"], timeout=20) as web:
        while True:
            await asyncio.sleep(random.expovariate(VISITS_A_SECOND * busy()))
            if len(visits) < VISITS_MAX:
                task = asyncio.create_task(_visited(web))
                visits.add(task)
                task.add_done_callback(visits.discard)


if __name__ == "__main__":
    asyncio.run(main())
