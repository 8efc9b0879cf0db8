"""Customers: browse, search, order; more in some minutes than in others. Not instrumented, like real browsers."""

import asyncio
import math
import os
import random
import time

import httpx


async def visit(client: httpx.AsyncClient) -> None:
    customer = f"customer-{random.randrange(400)}"
    await client.get("/products", params={"search": random.choice(["", "", "", "lamp", "o", "%"])})
    for _ in range(random.randrange(1, 4)):
        await asyncio.sleep(random.uniform(0.05, 0.5))
        await client.get(f"/products/{random.choice([1, 2, 3, 4, 4, 5, 6, 99])}")
    if random.random() < 0.5:
        order = {"product_id": random.choice([1, 2, 3, 4, 4, 5, 6]), "quantity": random.randint(1, 3)}
        await client.post("/orders", json={**order, "customer": customer})


async def main() -> None:
    per_second = float(os.environ.get("VISITS_PER_SECOND", "2"))
    visits: set[asyncio.Task[None]] = set()
    async with httpx.AsyncClient(base_url=os.environ["STOREFRONT_URL"], timeout=10) as client:
        while True:
            wave = 1 + 0.6 * math.sin(time.time() / 240 * 2 * math.pi)
            await asyncio.sleep(random.expovariate(per_second * wave))
            if len(visits) < 200:
                task = asyncio.create_task(visit(client))
                visits.add(task)
                task.add_done_callback(lambda done: (visits.discard(done), done.exception()))


if __name__ == "__main__":
    asyncio.run(main())
