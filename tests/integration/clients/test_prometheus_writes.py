"""A real Prometheus scrapes, and writes what it has to Midwatch: both have the same samples."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests import prometheus as prometheus_program
from tests.conftest import KEY, Server
from tests.eventually import eventually

SECONDS_MAX = 60.0
CONFIGURATION = """
global: {{scrape_interval: 500ms, scrape_timeout: 500ms, external_labels: {{replica: one}}}}
scrape_configs:
  - job_name: written
    static_configs: [{{targets: ["{target}"]}}]
  - job_name: itself
    static_configs: [{{targets: ["{own}"]}}]
remote_write:
  - url: {url}/prometheus/api/v1/write
    basic_auth: {{username: midwatch, password: {key}}}
    send_exemplars: true
    send_native_histograms: true
    queue_config: {{batch_send_deadline: 100ms, max_shards: 2}}
    metadata_config: {{send: true, send_interval: 1s}}
"""
PAGE = """# HELP written_orders_total Orders\\nof "all" shops.
# TYPE written_orders_total counter
written_orders_total{{shop="ü \\"1\\""}} {count} # {{trace_id="0af7651916cd43dd8448eb211c80319c"}} 1
# TYPE odd gauge
odd{{kind="nan"}} NaN
odd{{kind="inf"}} -Inf
odd{{kind="tiny"}} 4.9e-324
odd{{kind="exact"}} 0.1
{leaving}# EOF
"""


@dataclass
class Target:
    """What is scraped, as OpenMetrics."""

    port: int = 0
    count: int = 0
    leaving: bool = True
    scrapes: list[float] = field(default_factory=list)

    def page(self) -> bytes:
        self.count += 1
        self.scrapes.append(time.time())
        return PAGE.format(count=self.count, leaving="leaving 1\n" if self.leaving else "").encode()


@pytest.fixture
def target() -> Iterator[Target]:
    served = Target()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
            self.end_headers()
            self.wfile.write(served.page())

        def log_message(self, *_: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.port = listening.server_address[1]
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield served
    listening.shutdown()
    listening.server_close()


class Asked:
    """A Prometheus API: Prometheus's own, or Midwatch's."""

    def __init__(self, client: httpx.Client, prefix: str = "") -> None:
        self._client, self._prefix = client, prefix

    def ask(self, path: str, **parameters: Any) -> Any:
        answer = self._client.get(f"{self._prefix}/api/v1/{path}", params=parameters).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def samples(self, query: str, at: float) -> dict[frozenset[tuple[str, str]], list[tuple[float, str]]]:
        """By series without the label that only the writer adds."""
        found = self.ask("query", query=query, time=at)["result"]
        return {
            frozenset((name, value) for name, value in one["metric"].items() if name != "replica"): [
                (float(moment), repr(float(value))) for moment, value in one["values"]
            ]
            for one in found
        }


@pytest.fixture
def prometheus(tmp_path: Path, target: Target, server: Server) -> Iterator[Asked]:
    own = prometheus_program.free_address()
    text = CONFIGURATION.format(target=f"127.0.0.1:{target.port}", own=own, url=server.url, key=KEY)
    with prometheus_program.running(tmp_path, own, text, "exemplar-storage,native-histograms") as client:
        yield Asked(client)


def test_what_prometheus_scrapes_is_in_both(server: Server, prometheus: Asked, target: Target) -> None:
    """Every sample of every series with the same time and value; what left is stale; help and exemplars, too."""
    eventually(lambda: target.count >= 3, seconds=SECONDS_MAX)
    target.leaving, left = False, time.time()
    eventually(lambda: len([at for at in target.scrapes if at > left]) >= 2, seconds=SECONDS_MAX)
    at = time.time()
    midwatch = Asked(server.api(), "/prometheus")
    newest = 'max(timestamp(up{job=~"written|itself"}))'

    def has_come() -> bool:
        found = midwatch.ask("query", query=newest)["result"]
        return bool(found) and float(found[0]["value"][1]) > at + 1

    eventually(has_come, seconds=SECONDS_MAX)
    for query, series_min in (('{job="written"}[1h]', 9), ('{job="itself"}[1h]', 300)):
        theirs, ours = prometheus.samples(query, at), midwatch.samples(query, at)
        assert len(theirs) >= series_min
        assert ours.keys() == theirs.keys()
        assert {series: samples for series, samples in ours.items() if samples != theirs[series]} == {}
    for asked in (prometheus, midwatch):
        assert asked.ask("query", query="leaving", time=at)["result"] == []
        assert len(asked.ask("query", query="leaving", time=left)["result"]) == 1
    described = prometheus.ask("metadata", metric="written_orders_total")
    assert described["written_orders_total"][0]["help"] == 'Orders\nof "all" shops.'
    eventually(lambda: midwatch.ask("metadata", metric="written_orders_total") == described, seconds=SECONDS_MAX)
    exemplars = [
        asked.ask("query_exemplars", query="written_orders_total", start=left - 60, end=at)
        for asked in (prometheus, midwatch)
    ]
    theirs_ours = [[(one["labels"], one["timestamp"]) for one in found[0]["exemplars"]] for found in exemplars]
    assert theirs_ours[0]
    assert theirs_ours[1] == theirs_ours[0]
