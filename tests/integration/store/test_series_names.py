"""What metrics of OpenTelemetry are called as series: the rules, and every metric of the five systems."""

import pytest

from midwatch.server.model.signal import SegmentKind
from midwatch.server.store.client import Store
from midwatch.server.store.otlp_series import names
from midwatch.server.store.otlp_series.ladder import climbed
from tests.integration.store.conftest import Feed
from tests.integration.store.metric_bodies import histogram, metrics, numbers

RULES = {
    # name, unit, kind: family
    ("http.server.request.duration", "s", "histogram"): "http_server_request_duration_seconds",
    ("http.server.active_requests", "{request}", "updown"): "http_server_active_requests",
    ("system.memory.usage", "By", "updown"): "system_memory_usage_bytes",
    ("system.network.io", "By", "counter"): "system_network_io_bytes_total",
    ("system.cpu.utilization", "1", "gauge"): "system_cpu_utilization_ratio",
    ("cache.hit.ratio", "1", "gauge"): "cache_hit_ratio",
    ("requests", "1", "counter"): "requests_total",
    ("rate", "By/s", "gauge"): "rate_bytes_per_second",
    ("packets", "{packet}/s", "gauge"): "packets_per_second",
    ("speed", "m/s", "gauge"): "speed_meters_per_second",
    ("turns", "1/min", "gauge"): "turns_per_minute",
    ("done", "%", "gauge"): "done_percent",
    ("heat", "Cel", "gauge"): "heat_celsius",
    ("flow", "L/h", "gauge"): "flow_L_per_hour",
    ("sizes", "By{payload}", "histogram"): "sizes_bytes",
    ("up.time", "s", "counter"): "up_time_seconds_total",
    ("up_time_seconds_total", "s", "counter"): "up_time_seconds_total",
    ("up.seconds", "s", "gauge"): "up_seconds",
    ("milliseconds", "s", "gauge"): "milliseconds_seconds",
    ("seconds", "s", "gauge"): "seconds",
    ("total", "", "counter"): "total_total",
    ("x.total", "By", "updown"): "x_total_bytes",
    ("x_ms", "ms", "histogram"): "x_ms",
    ("revenue_usd_total", "USD", "counter"): "revenue_usd_total",
    ("a..b__c", "", "gauge"): "a_b_c",
    ("tail.", "s", "gauge"): "tail_seconds",
    ("9lives", "", "gauge"): "_9lives",
    ("a:b", "", "gauge"): "a:b",
    ("größe", "By", "gauge"): "gr_e_bytes",
    ("_hidden", "", "gauge"): "_hidden",
}
JOSH_COUNTERS = [
    "sms_inbound",
    "sms_inbound_duplicates",
    "sms_outbound_sent",
    "sms_outbound_failed",
    "llm_intent_calls",
    "llm_intent_failures",
    "clarifiers_asked",
    "linkups_created",
    "linkups_locked",
    "linkups_expired",
    "linkups_canceled",
    "invites_sent",
    "invites_accepted",
    "invites_declined",
    "invites_expired",
    "stripe_webhooks",
    "stripe_webhook_failures",
    "safety_incidents",
]
SYSTEMS = {
    **{(f"{name}_total", unit, "counter"): f"{name}_total" for name in JOSH_COUNTERS for unit in ("", "1", "{event}")},
    ("api_latency_ms", "ms", "histogram"): "api_latency_ms",
    ("db_query_ms", "ms", "histogram"): "db_query_ms",
    ("llm_latency_ms", "ms", "histogram"): "llm_latency_ms",
    ("twilio_send_latency_ms", "ms", "histogram"): "twilio_send_latency_ms",
    ("time_to_lock_minutes", "min", "histogram"): "time_to_lock_minutes",
    ("time_to_first_reply_minutes", "min", "histogram"): "time_to_first_reply_minutes",
    ("broadcasting_linkups_active", "{linkup}", "gauge"): "broadcasting_linkups_active",
    ("pending_outbound_jobs", "", "gauge"): "pending_outbound_jobs",
    ("pending_admin_safety_queue", "", "gauge"): "pending_admin_safety_queue",
    ("http_request_duration_seconds", "s", "histogram"): "http_request_duration_seconds",
    ("http_requests_total", "", "counter"): "http_requests_total",
    ("http_active_connections", "", "gauge"): "http_active_connections",
    ("job_duration_seconds", "s", "histogram"): "job_duration_seconds",
    ("pipeline_step_duration_seconds", "s", "histogram"): "pipeline_step_duration_seconds",
    ("job_queue_depth", "", "gauge"): "job_queue_depth",
    ("jobs_by_status", "", "gauge"): "jobs_by_status",
    ("credits_used_total", "", "counter"): "credits_used_total",
    ("signups_total", "", "counter"): "signups_total",
    ("api.requests.total", "", "counter"): "api_requests_total",
    ("api.requests.errors", "", "counter"): "api_requests_errors_total",
    ("api.latency", "ms", "histogram"): "api_latency_milliseconds",
    ("api.active_connections", "", "gauge"): "api_active_connections",
    ("session.created", "", "counter"): "session_created_total",
    ("session.create_latency", "ms", "histogram"): "session_create_latency_milliseconds",
    ("session.state_transition", "", "counter"): "session_state_transition_total",
    ("session.auto_paused", "", "counter"): "session_auto_paused_total",
    ("session.resumed", "", "counter"): "session_resumed_total",
    ("sandbox.created", "", "counter"): "sandbox_created_total",
    ("sandbox.boot_time", "ms", "histogram"): "sandbox_boot_time_milliseconds",
    ("sandbox.health_check.success", "", "counter"): "sandbox_health_check_success_total",
    ("sandbox.health_check.failure", "", "counter"): "sandbox_health_check_failure_total",
    ("web.lcp", "ms", "histogram"): "web_lcp_milliseconds",
    ("web.fid", "ms", "histogram"): "web_fid_milliseconds",
    ("web.cls", "1", "histogram"): "web_cls",
    ("web.errors", "", "counter"): "web_errors_total",
}
SOURCE = """SELECT c.1 AS n, c.2 AS u, if(c.3 IN ('counter', 'updown'), 'sum', c.3) AS k, c.3 = 'counter' AS m
    FROM (SELECT arrayJoin({cases:Array(Tuple(String, String, String))}) AS c)"""


@pytest.mark.parametrize("table", [RULES, SYSTEMS], ids=["rules", "systems"])
async def test_names(store: Store, table: dict[tuple[str, str, str], str]) -> None:
    """Units in words, `_total` and `_ratio`, and what a name already ends in is not added."""
    sql = climbed(SOURCE, names.ladder(name="n", unit="u", kind="k", monotonic="m"))
    answer = await store.table(
        f"SELECT n, u, c.3, family FROM ({sql.replace('c.1 AS n', 'c, c.1 AS n')})", {"cases": list(table)}
    )
    assert {(name, unit, kind): family for name, unit, kind, family in answer.rows} == table


async def test_other_names_lead_to_the_stored_ones(feed: Feed) -> None:
    """A dotted name is found as it was sent, with its suffixes, and underscored without those of its unit and type."""
    await feed.send(
        SegmentKind.OTLP_METRICS,
        metrics(
            numbers("session.created", [(1, {})], monotonic=True),
            histogram("api.latency", [1, 2], [5.0], unit="ms"),
            numbers("up", [(1, {})]),
        ),
    )
    found = await feed.store.table("SELECT Alias, MetricName FROM metric_names FINAL ORDER BY ALL")
    assert dict(found.rows) == {
        "session.created": "session_created_total",
        "session.created_total": "session_created_total",
        "session_created": "session_created_total",
        **{
            f"{name}_{part}": f"api_latency_milliseconds_{part}"
            for name in ("api.latency", "api_latency", "api.latency_milliseconds")
            for part in ("bucket", "sum", "count")
        },
    }
