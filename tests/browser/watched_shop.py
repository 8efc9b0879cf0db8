"""A plan with rules, routes and runbooks, and the queues that its rules look at."""

import time

from tests import bodies, remote_write
from tests.conftest import Server
from tests.eventually import eventually

MINUTES = 24 * 60
_RULES = """groups:
  - name: queues
    interval: 5s
    rules:
      - alert: QueueLong
        expr: queue_length > 100
        labels: {severity: critical, team: shop}
        annotations:
          summary: "Queue {{ $labels.queue }} holds {{ $value }} messages"
          description: Its worker is slower than what comes in.
          runbook: queues
      - alert: QueueFilling
        expr: queue_length > 60
        for: 1m
        labels: {severity: warning, team: shop}
        annotations: {summary: "{{ $labels.queue }} fills", runbook: queues}
      - alert: QueueGone
        expr: absent(queue_length{queue="invoices"})
        for: 5m
        labels: {severity: critical, team: shop}
        annotations: {summary: No invoices are queued, runbook: queues}
      - record: queue:length:max
        expr: max(queue_length)
"""
_ROUTES = """route:
  receiver: chat
  group_by: [alertname]
  group_wait: 1s
  group_interval: 5s
  routes:
    - matchers: [severity="critical"]
      receiver: on-call
      routes:
        - matchers: [team="billing"]
          receiver: billing
    - matchers: [severity="info"]
      receiver: nobody
      mute_time_intervals: [nights]
receivers:
  - name: on-call
    webhook_configs: [{url: "http://127.0.0.1:9/page"}]
  - name: billing
    webhook_configs: [{url: "http://127.0.0.1:9/billing"}]
  - name: chat
    webhook_configs: [{url: "http://127.0.0.1:9/chat"}]
  - name: nobody
inhibit_rules:
  - source_matchers: [alertname="QueueLong"]
    target_matchers: [alertname="QueueFilling"]
    equal: [queue]
time_intervals:
  - name: nights
    time_intervals: [{times: [{start_time: "00:00", end_time: "24:00"}]}]
"""
_RUNBOOK = """# A long queue

Something sends faster than its worker takes.

```promql title="Length of the queue" range=2h
queue_length{queue="{{ $labels.queue }}"}
```

## What to do

- [ ] Look at what the worker says
- [ ] Stop the **senders**

```logs title="Errors of orders" range=1h
service:orders level:error
```

```traces title="Slow traces" range=1h
service:orders
```

```sql title="Lines by level" range=1h
SELECT Level, count() AS lines FROM logs GROUP BY Level ORDER BY lines DESC
```
"""
PLAN = {
    "midwatch.yml": "retention: {metrics: 30d}\n",
    "rules/queues.yml": _RULES,
    "alertmanager.yml": _ROUTES,
    "runbooks/queues.md": _RUNBOOK,
}
LENGTHS = {"mail": 150.0, "orders": 130.0, "thumbnails": 80.0, "invoices": 12.0}


def send_queues(server: Server, minutes: int = MINUTES) -> None:
    """Lengths up to now, one a minute: short, but for the last ten minutes and half an hour before."""
    now = time.time_ns() // 1_000_000
    series = []
    for queue, length in LENGTHS.items():
        samples = [
            {
                "value": length - at % 7 if at < 10 or 300 <= at < 330 else length / 5 + at % 11,
                "timestamp": now - at * 60_000,
            }
            for at in range(minutes, -1, -1)
        ]
        series.append(remote_write.series_1({"__name__": "queue_length", "queue": queue}, samples=samples))
    metadata = [{"type": 2, "metric_family_name": "queue_length", "help": "", "unit": ""}]
    with server.door() as door:
        packed = remote_write.packed(remote_write.version_1(*series, metadata=metadata))
        assert door.post(remote_write.PATH, content=packed, headers=remote_write.HEADERS_1).status_code in (200, 204)
    with server.api() as api:
        found = {"query": "count(queue_length)"}
        eventually(lambda: api.get("/prometheus/api/v1/query", params=found).json()["data"]["result"])


def send_order(server: Server, error: str) -> None:
    """A trace of `orders`, and a line that says what went wrong with it."""
    line = {"body": error, "severity_number": 17, "severity_text": "ERROR"}
    with server.door() as door:
        for path, body in (
            ("/v1/traces", bodies.traces("orders", [bodies.span(name="POST /orders")])),
            ("/v1/logs", bodies.logs("orders", [line])),
        ):
            assert door.post(path, content=body.SerializeToString()).status_code == 200
    with server.api() as api:
        eventually(lambda: api.get("/api/v1/logs", params={"query": "service:orders"}).json()["rows"])
        eventually(lambda: api.get("/api/v1/traces", params={"query": "service:orders"}).json()["traces"])
