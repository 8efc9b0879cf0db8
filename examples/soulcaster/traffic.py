"""Users of the dashboard over the day: they look at clusters, some ask for a fix and wait for it, a few write feedback.

There is no browser here, so that what the page's PostHog SDK would tell, PostHog's Python SDK tells.
"""

import asyncio
import os
import random
import uuid

import httpx
from examples.history.shape import busy
from posthog import Posthog

VISITS_A_SECOND = float(os.environ.get("VISITS_PER_SECOND", "0.2"))
USERS = 300
VISITS_MAX = 50
SAYINGS = (
    "I cannot reset my password",
    "Please add an API",
    "The invoice has the wrong address",
    "Love the new editor",
)
posthog = Posthog(os.environ["MIDWATCH_KEY"], host=os.environ["MIDWATCH_URL"])


async def visit(dashboard: httpx.AsyncClient, backend: httpx.AsyncClient) -> None:
    person, session = f"user-{random.randrange(USERS)}", str(uuid.uuid4())
    about = {"$session_id": session, "$current_url": "https://soulcaster.example/"}
    posthog.capture("$pageview", distinct_id=person, properties=about)
    clusters = (await dashboard.get("/api/clusters")).json()
    await asyncio.sleep(random.uniform(1, 20))
    if random.random() < 0.1:
        item = {"id": uuid.uuid4().hex, "title": random.choice(SAYINGS)}
        await backend.post("/ingest/manual", json={"items": [item]})
    if clusters and random.random() < 0.3:
        cluster = random.choice(clusters)
        posthog.capture("generate fix", distinct_id=person, properties={**about, "cluster_id": cluster["id"]})
        answer = await dashboard.post(f"/api/clusters/{cluster['id']}/fix", headers={"x-distinct-id": person})
        job = answer.json().get("job_id")
        for _ in range(10 if job else 0):
            await asyncio.sleep(2)
            if (await dashboard.get(f"/api/jobs/{job}")).json().get("status") in ("success", "failed"):
                break


async def main() -> None:
    visits: set[asyncio.Task[None]] = set()
    async with (
        httpx.AsyncClient(base_url=os.environ["DASHBOARD_URL"], timeout=20) as dashboard,
        httpx.AsyncClient(base_url=os.environ["BACKEND_URL"], timeout=20) as backend,
    ):
        while True:
            await asyncio.sleep(random.expovariate(VISITS_A_SECOND * busy()))
            if len(visits) < VISITS_MAX:
                task = asyncio.create_task(visit(dashboard, backend))
                visits.add(task)
                task.add_done_callback(lambda done: (visits.discard(done), done.exception()))


if __name__ == "__main__":
    asyncio.run(main())
