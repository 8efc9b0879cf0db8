"""From OTLP's door to PromQL's answer."""

import time
import uuid

from tests.conftest import Server
from tests.integration.store import metric_bodies as make


def test_metrics_sent_as_otlp_are_asked_for_as_promql(server: Server) -> None:
    """A counter, a bucket and what is known of the resource answer under their Prometheus names and labels."""
    service, at = f"shop-{uuid.uuid4().hex[:8]}", {"time_unix_nano": time.time_ns() - 10**9}
    body = make.metrics(
        make.numbers("session.created", [(3, {"plan": "free"})], monotonic=True, **at),
        make.histogram("api.latency", [1, 2], [250.0], unit="ms", **at),
        resource={"service.name": service, "service.instance.id": "one", "host.name": "h"},
    )
    with server.door() as door:
        assert door.post("/v1/metrics?wait=visible", content=body).status_code == 200
    found = {}
    with server.api() as api:
        for query in ("session_created_total", 'api_latency_milliseconds_bucket{le="250"}', "target_info"):
            selector = query[:-1] + "," if query.endswith("}") else query + "{"
            answer = api.get("/prometheus/api/v1/query", params={"query": f'{selector}job="{service}"}}'})
            assert answer.status_code == 200, answer.text
            found |= {
                (r["metric"]["__name__"], r["metric"]["instance"]): r["value"][1]
                for r in answer.json()["data"]["result"]
            }
    assert found == {
        ("session_created_total", "one"): "3",
        ("api_latency_milliseconds_bucket", "one"): "1",
        ("target_info", "one"): "1",
    }
