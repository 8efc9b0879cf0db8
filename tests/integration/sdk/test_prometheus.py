"""A real Prometheus scrapes real servers whose apps expose what the SDK has measured."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import prometheus
from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Process, Run, free_port
from tests.integration.sdk.heard import Heard

REQUESTS = 20
CONFIGURATION = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: shop
    authorization: {{credentials: s3cret}}
    static_configs: [{{targets: ["{target}"]}}]
"""


class Prometheus:
    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def ask(self, path: str, **parameters: Any) -> Any:
        answer = self._client.get(f"/api/v1/{path}", params=parameters).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def value(self, query: str) -> float | None:
        """Of the one series that answers."""
        found = self.ask("query", query=query)["result"]
        assert len(found) <= 1, found
        return float(found[0]["value"][1]) if found else None

    def becomes(self, query: str, value: float) -> None:
        eventually(lambda: self.value(query) == value, seconds=prometheus.START_SECONDS_MAX)


Scrape = Callable[[Process], Prometheus]


@pytest.fixture
def scrape(tmp_path: Path) -> Iterator[Scrape]:
    prometheus.program()  # or no app is started
    with ExitStack() as stack:

        def begin(app: Process) -> Prometheus:
            configuration = CONFIGURATION.format(target=app.url.removeprefix("http://"))
            found = prometheus.running(tmp_path, prometheus.free_address(), configuration, "exemplar-storage")
            client = Prometheus(stack.enter_context(found))
            client.becomes("up", 1)
            return client

        yield begin


def test_uvicorn_is_scraped_with_exemplars(run: Run, heard: Heard, scrape: Scrape) -> None:
    """Counters, histograms and process metrics have their values and types; the exemplars are traces that were sent."""
    port = free_port()
    app = run(
        "uvicorn",
        f"{APPS}.exposing_fast:app",
        "--port",
        str(port),
        listens_at=port,
        MIDWATCH_METRICS_TOKEN="s3cret",
    )
    with httpx.Client(base_url=app.url, timeout=30) as client:
        for number in range(REQUESTS):
            assert client.get(f"/items/{number}").status_code == 200
    scraper = scrape(app)
    labels = '{method="GET",route="/items/{item_id}",status="200"}'
    scraper.becomes('signups_total{method="email"}', REQUESTS)
    scraper.becomes(f"http_requests_total{labels}", REQUESTS)
    scraper.becomes(f"http_request_duration_seconds_count{labels}", REQUESTS)
    scraper.becomes('http_request_duration_seconds_bucket{le="+Inf"}', REQUESTS)
    scraper.becomes('api_latency_bucket{http_route="/items/{item_id}",le="100.0"}', REQUESTS)
    scraper.becomes('api_latency_sum{http_route="/items/{item_id}"}', 42 * REQUESTS)
    scraper.becomes("theirs_total", REQUESTS)
    age = scraper.value("time() - process_start_time_seconds")
    assert age is not None
    assert 0 < age < 300
    types = {name: said[0]["type"] for name, said in scraper.ask("metadata").items()}
    expected = {"http_request_duration_seconds": "histogram", "process_resident_memory_bytes": "gauge"}
    # In OpenMetrics a counter's name is that of its family: which format was read is seen by that.
    expected |= {"http_requests": "counter", "signups": "counter", "event_loop_lag_seconds": "histogram"}
    assert {name: types.get(name) for name in expected} == expected
    now = time.time()
    asked = scraper.ask("query_exemplars", query="http_request_duration_seconds_bucket", start=now - 300, end=now + 60)
    traces = {one["labels"]["trace_id"] for series in asked for one in series["exemplars"]}
    sent = {one.trace_id for one in eventually(lambda: heard.spans("GET /items/{item_id}"))}
    assert traces
    assert traces <= sent
    quantile = scraper.value("histogram_quantile(0.5, http_request_duration_seconds_bucket)")
    assert quantile is not None
    assert 0 < quantile < 10


def test_gunicorn_is_scraped_as_one_and_never_goes_back(run: Run, tmp_path: Path, scrape: Scrape) -> None:
    """Two workers, of which each scrape reaches either: the sum of both, without what looks like a restart."""
    port = free_port()
    app = run(
        "gunicorn",
        "--workers=2",
        f"--bind=127.0.0.1:{port}",
        f"{APPS}.exposing_flask:app",
        listens_at=port,
        PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "metrics"),
        MIDWATCH_METRICS_TOKEN="s3cret",
    )
    scraper = scrape(app)
    served: set[int] = set()
    asked = 0
    with httpx.Client(base_url=app.url, timeout=30, limits=httpx.Limits(max_keepalive_connections=0)) as client:
        while len(served) < 2 or asked < REQUESTS:
            served.add(client.get(f"/items/{asked}").json()["pid"])
            asked += 1
    scraper.becomes('signups_total{method="email"}', asked)
    scraper.becomes("sum(http_requests_total)", asked)
    scraper.becomes('worker_slots{worker="wsgi"}', 2)
    scraper.becomes("watched", 42)
    eventually(lambda: (scraper.value("sum_over_time(up[5m])") or 0) >= 4)
    assert scraper.value('resets(signups_total{method="email"}[5m])') == 0
    assert scraper.value("resets(process_cpu_seconds_total[5m])") == 0
