"""The SDK set up for one of the service's processes, and the metrics adapter: what the service counts."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import anthropic
import httpx
import sqlalchemy

import midwatch
from midwatch.sdk.metrics import Histogram

CATEGORIES = (
    midwatch.CategoryRule("sms_outbound", types=("SmsNotSent",)),
    midwatch.CategoryRule("linkup_orchestration", types=("BroadcastInterrupted",)),
    midwatch.CategoryRule("db_schema", types=("IntegrityError", "DataError", "ProgrammingError", "OperationalError")),
    midwatch.CategoryRule("matching_scoring", modules=("matching",)),
    midwatch.CategoryRule("stripe_webhook", modules=("billing",)),
)
MS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
MINUTES = (1, 2, 5, 10, 20, 30, 60, 90, 120)

midwatch.init(
    service=os.environ.get("SERVICE_NAME", "core"),
    environment=os.environ["ENVIRONMENT"],
    version="2.0.0",
    plan=os.environ["PLAN"],  # its privacy rules and its sampling are this process's
    log_level="info",
    log_keys={"timestamp": "ts", "message": "event", "environment": "env"},
    errors=midwatch.ErrorPolicy(categories=CATEGORIES),
)
for library in (anthropic, httpx, sqlalchemy):
    midwatch.instrument(library)
log = midwatch.get_logger("josh")

sms_sent = midwatch.counter("sms_outbound_sent_total", labels=("purpose",))
sms_failed = midwatch.counter("sms_outbound_failed_total", labels=("purpose", "reason"))
llm_calls = midwatch.counter("llm_intent_calls_total")
llm_failures = midwatch.counter("llm_intent_failures_total", labels=("reason",))
clarifiers = midwatch.counter("clarifiers_asked_total", labels=("intent",))
linkups_created = midwatch.counter("linkups_created_total", labels=("region",))
linkups_locked = midwatch.counter("linkups_locked_total", labels=("region",))
linkups_expired = midwatch.counter("linkups_expired_total", labels=("region",))
linkups_canceled = midwatch.counter("linkups_canceled_total", labels=("region", "reason"))
invites_sent = midwatch.counter("invites_sent_total", labels=("region",))
invites_accepted = midwatch.counter("invites_accepted_total", labels=("region",))
invites_declined = midwatch.counter("invites_declined_total", labels=("region",))
invites_expired = midwatch.counter("invites_expired_total", labels=("region",))
safety_incidents = midwatch.counter("safety_incidents_total", labels=("category", "severity"))

db_query_ms = midwatch.histogram("db_query_ms", labels=("query_name",), buckets=MS)
llm_latency_ms = midwatch.histogram("llm_latency_ms", labels=("model",), buckets=MS)
twilio_send_latency_ms = midwatch.histogram("twilio_send_latency_ms", buckets=MS)
time_to_lock_minutes = midwatch.histogram("time_to_lock_minutes", labels=("region",), buckets=MINUTES)
time_to_first_reply_minutes = midwatch.histogram("time_to_first_reply_minutes", buckets=MINUTES)

broadcasting_linkups_active = midwatch.gauge("broadcasting_linkups_active", labels=("region",))
pending_outbound_jobs = midwatch.gauge("pending_outbound_jobs")
pending_admin_safety_queue = midwatch.gauge("pending_admin_safety_queue")
database_connections = midwatch.gauge("database_connections")


@contextmanager
def milliseconds(histogram: Histogram, **labels: str) -> Iterator[None]:
    began = time.perf_counter()
    try:
        yield
    finally:
        histogram.record((time.perf_counter() - began) * 1000, **labels)
