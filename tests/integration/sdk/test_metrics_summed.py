"""Workers that push to a Midwatch server: each is an instance, and their series can be summed there."""

import concurrent.futures
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.integration.sdk.conftest import Run
from tests.integration.sdk.test_exposition_processes import CLIENT, ask, start

pytestmark = pytest.mark.thorough

REQUESTS = 20
SUMMED = """
SELECT sum(last), count() FROM (
    SELECT ResourceAttributes['service.instance.id'] AS instance, max(Value) AS last
    FROM metric_points WHERE ServiceName = '{service}' AND MetricName = 'signups_total' GROUP BY instance
)
"""


@pytest.mark.parametrize("how", ["gunicorn", "gunicorn, preloaded", "uvicorn"])
def test_what_workers_push_adds_up(run: Run, server: Server, how: str) -> None:
    """Also where the environment gives all of them the same instance id: what one counts takes no other's place."""
    service = f"summed-{how.replace(', ', '-')}"
    app = start(
        run,
        how,
        MIDWATCH_DSN=f"http://{KEY}@{urlsplit(server.otlp_http_url).netloc}",
        OTEL_SERVICE_NAME=service,
        OTEL_RESOURCE_ATTRIBUTES="service.instance.id=pod-1",
    )
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        seen = Counter(threads.map(lambda _: ask(app), range(REQUESTS)))

    def other() -> bool:
        seen[ask(app)] += 1
        return len(seen) == 2

    eventually(other)

    def summed(api: httpx.Client) -> Any:
        answer = api.post("/api/v1/sql", json={"query": SUMMED.format(service=service)})
        assert answer.status_code == 200, answer.text
        rows = answer.json()["rows"]
        return [int(float(one)) for one in rows[0]] == [sum(seen.values()), 2]

    with server.api() as api:
        eventually(lambda: summed(api), seconds=60)
    assert CLIENT.get(f"{app.url}/items/1").status_code == 200
