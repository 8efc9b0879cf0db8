"""The SDK set up for this process, and what the document wants counted of sandboxes."""

import os

import httpx
from opentelemetry import trace

import midwatch

midwatch.init(service="modal", plan=os.environ.get("PLAN"), version="1.4.0")
midwatch.instrument(httpx)
log = midwatch.get_logger("sandbox")
tracer = trace.get_tracer("tabbi-sandbox")
created = midwatch.counter("sandbox.created", "Sandboxes that were asked for, by how that ended", labels=("outcome",))
boot_time = midwatch.histogram(
    "sandbox.boot_time",
    "From the request to a sandbox whose agent answers",
    unit="ms",
    buckets=(500, 1000, 2500, 5000, 10_000, 15_000, 20_000, 30_000, 45_000, 60_000, 90_000, 120_000),
)
healthy = midwatch.counter("sandbox.health_check.success", "Health checks that a sandbox passed")
unhealthy = midwatch.counter("sandbox.health_check.failure", "Health checks that a sandbox failed")
for outcome in ("success", "error"):
    created.inc(0, outcome=outcome)
healthy.inc(0)
unhealthy.inc(0)
