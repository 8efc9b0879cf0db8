"""Statements to an engine over plain HTTP."""

import httpx

from midwatch.server.engine.supervisor import EngineSupervisor


def client_of(engine: EngineSupervisor) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=engine.url, auth=(engine.user, engine.password), timeout=60)


async def run(client: httpx.AsyncClient, sql: str, **settings: str) -> str:
    answer = await client.post("/", params=settings, content=sql)
    assert answer.status_code == 200, answer.text
    return answer.text.strip()


async def answers(client: httpx.AsyncClient, sql: str, expected: str) -> bool:
    """Whether the statement has this answer now; an engine that is just away has none."""
    try:
        answer = await client.post("/", content=sql)
    except httpx.TransportError:
        return False
    return answer.status_code == 200 and answer.text.strip() == expected
