"""A server that watches: a site that answers and a port that nobody listens on, heartbeats, objectives, schedules."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import remote_write
from tests.browser.conftest import own_server, write_series
from tests.conftest import Server
from tests.eventually import eventually

HOUR = 3600
BUDGETS = {"availability": 0.42, "search": -0.5}
"""What is left of each objective's budget, as the rules recorded it over two days."""
SLOTH = """version: prometheus/v1
service: shop
slos:
"""
SLO = """  - name: {name}
    objective: 99
    window: 7d
    description: Orders are taken.
    sli:
      events:
        error_query: sum(rate(orders_total{{status="500"}}[{{{{.window}}}}]))
        total_query: sum(rate(orders_total[{{{{.window}}}}]))
    alerting: {{name: {name}Fails, annotations: {{runbook_url: "https://example.test/orders"}}}}
"""


class _Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def _plan(site: str) -> dict[str, object]:
    quick = {"interval": "10s", "timeout": "2s", "retries": 0}
    return {
        "probes": [
            {"name": "shop", "http": {"url": site}, "labels": {"team": "web"}, **quick},
            {"name": "database", "tcp": {"address": "127.0.0.1:1"}, **quick},
        ],
        "heartbeats": [
            {"name": "nightly-invoices", "schedule": "0 3 * * *", "description": "Sends the day's invoices"},
            {"name": "backup", "every": "6h"},
        ],
        "on_call": {
            "people": {
                "ana": {"name": "Ana Ortiz", "receiver": "phones"},
                "bo": {"name": "Bo Lind", "receiver": "phones"},
            },
            "schedules": {
                "primary": {"layers": [{"people": ["ana"], "turn": "7d", "starts": "2026-01-05 09:00"}]},
                "second": {"layers": [{"people": ["bo", "ana"], "turn": "1d", "starts": "2026-01-05 09:00"}]},
            },
            "escalations": {
                "page": {"repeat": 2, "steps": [{"schedules": ["primary"]}, {"after": "10m", "people": ["bo"]}]}
            },
        },
    }


@contextmanager
def watched_server(directory: Path) -> Iterator[Server]:
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    server = own_server(directory, options=("--private-networks", "127.0.0.0/8", "--retention", "metrics=0"))
    try:
        url = f"http://127.0.0.1:{site.server_port}/"
        phones = {"name": "phones", "webhook_configs": [{"url": url}]}
        with server.api() as api:
            files = {
                "midwatch.yml": json.dumps(_plan(url)),
                "slos/shop.yml": SLOTH + "".join(SLO.format(name=name) for name in BUDGETS),
                "alertmanager.yml": json.dumps({"route": {"receiver": "phones"}, "receivers": [phones]}),
            }
            applied = api.post("/api/v1/plan/apply", json={"files": files}).json()
            assert applied["ok"], applied

            def states() -> dict[str, str]:
                return {one["name"]: one["state"] for one in api.get("/api/v1/probes").json()["probes"]}

            eventually(lambda: states() == {"shop": "up", "database": "down"}, seconds=60)
        _write_budgets(server)
        yield server
    finally:
        server.stop()
        site.shutdown()


def _write_budgets(server: Server) -> None:
    """Ends before now: what the rules themselves record comes after it."""
    now = int(time.time()) - HOUR

    def series(name: str, left: float) -> dict[str, object]:
        labels = {"sloth_id": f"shop-{name}", "sloth_service": "shop", "sloth_slo": name}
        samples = [
            {"value": left + (1 - left) * hours / 48, "timestamp": (now - hours * HOUR) * 1000}
            for hours in range(48, -1, -1)
        ]
        return remote_write.series_1({"__name__": "slo:period_error_budget_remaining:ratio", **labels}, samples=samples)

    write_series(server, *(series(name, left) for name, left in BUDGETS.items()))
