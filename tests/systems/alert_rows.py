"""The alerts of the five systems' plans: what their series do in calm and in an incident, and when they fire."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    system: str
    alert: str
    series: tuple[str, ...]
    """`name{labels} kind calm incident`, `-` where there is none."""
    fires: tuple[float, float]
    """Minutes after the incident began."""
    history_minutes: int = 30
    shorter: float | None = None
    """Minutes of an incident that must not fire; None: any length fires."""


HTTP = "http_requests_total"
SESSIONS_BAND = "3acfc4da5ec246b9"
"""Of the rule SessionsUnusual as it stands in Tabbi's plan."""
TABBI = {
    "T19 ApiDown": Row(
        "tabbi",
        "ApiDown",
        (
            'api_requests_total{env="production"} counter 10 10',
            'api_requests_errors_total{env="production", status="503"} counter 0 9',
        ),
        (2, 3.5),
        shorter=1.5,
    ),
    "T19 DatabaseUnavailable": Row(
        "tabbi",
        "DatabaseUnavailable",
        ('convex_calls_total{outcome="success"} counter 20 10', 'convex_calls_total{outcome="error"} counter 0 5'),
        (2, 3.5),
        shorter=1.5,
    ),
    "T19 SandboxCreationFailing": Row(
        "tabbi",
        "SandboxCreationFailing",
        (
            'sandbox_created_total{outcome="success"} counter 1 0.1',
            'sandbox_created_total{outcome="error"} counter 0 1',
        ),
        (5, 7.5),
        shorter=4,
    ),
    "T20 HighErrorRate": Row(
        "tabbi",
        "HighErrorRate",
        ("api_requests_total counter 100 100", 'api_requests_errors_total{status="500"} counter 0 10'),
        (5, 6.5),
        shorter=4.5,
    ),
    "T20 HighLatency": Row(
        "tabbi",
        "HighLatency",
        (
            'api_latency_milliseconds_bucket{le="1000"} counter 10 1',
            'api_latency_milliseconds_bucket{le="+Inf"} counter 10 10',
            'api_latency_milliseconds_bucket{le="5000"} counter 10 10',
        ),
        (5, 8),
        shorter=4,
    ),
    "T20 SandboxBootSlow": Row(
        "tabbi",
        "SandboxBootSlow",
        (
            'sandbox_boot_time_milliseconds_bucket{le="30000"} counter 1 0',
            'sandbox_boot_time_milliseconds_bucket{le="120000"} counter 1 1',
            'sandbox_boot_time_milliseconds_bucket{le="+Inf"} counter 1 1',
        ),
        (10, 13),
        shorter=7.5,
    ),
    "T21 ElevatedErrors": Row(
        "tabbi",
        "ElevatedErrors",
        ("api_requests_total counter 100 100", 'api_requests_errors_total{status="500"} counter 0 2'),
        (30, 32.5),
        shorter=28,
    ),
    "T21 ElevatedLatency": Row(
        "tabbi",
        "ElevatedLatency",
        (
            'api_latency_milliseconds_bucket{le="1000"} counter 10 1',
            'api_latency_milliseconds_bucket{le="+Inf"} counter 10 10',
            'api_latency_milliseconds_bucket{le="1500"} counter 10 10',
        ),
        (30, 33),
        shorter=28,
    ),
    "T21 LowSessions": Row(
        "tabbi", "LowSessions", ("session_created_total counter 0.01 0",), (45, 66), history_minutes=90, shorter=30
    ),
    "T22 GitHubLimitLow": Row(
        "tabbi",
        "GitHubLimitLow",
        (
            'api_rate_limit_limit{job="modal"} gauge 5000 5000',
            'api_rate_limit_remaining{job="modal"} gauge 4000 100',
        ),
        (0, 2),
    ),
    "T36 SessionsUnusual": Row(
        "tabbi",
        "SessionsUnusual",
        (
            "session_created_total counter 0.02 0.2",
            f'midwatch_anomaly_upper{{anomaly_band="{SESSIONS_BAND}"}} gauge 0.05 0.05',
            f'midwatch_anomaly_lower{{anomaly_band="{SESSIONS_BAND}"}} gauge 0.005 0.005',
        ),
        (15, 20),
        shorter=1,
    ),
    "T35 ApiBudgetBurns": Row(
        "tabbi",
        "ApiBudgetBurns",
        ("api_requests_total counter 100 100", 'api_requests_errors_total{status="500"} counter 0 5'),
        (15, 25),
        history_minutes=400,
        shorter=5,
    ),
}
CANVASCAST = {
    "C12 HighErrorRate": Row(
        "canvascast", "HighErrorRate", (f'{HTTP}{{status="500"}} counter 0 1',), (5, 7), shorter=0.5
    ),
    "C12 QueueBacklog": Row("canvascast", "QueueBacklog", ("job_queue_depth gauge 3 150",), (10, 12), shorter=9),
    "C12 HighJobFailureRate": Row(
        "canvascast",
        "HighJobFailureRate",
        (
            'job_duration_seconds_count{status="READY"} counter 0.1 0',
            'job_duration_seconds_count{status="FAILED"} counter 0 0.1',
        ),
        (21, 25),
        history_minutes=120,
        shorter=5,
    ),
    "C12 SlowResponses": Row(
        "canvascast",
        "SlowResponses",
        (
            'http_request_duration_seconds_bucket{le="5"} counter 10 1',
            'http_request_duration_seconds_bucket{le="10"} counter 10 10',
            'http_request_duration_seconds_bucket{le="+Inf"} counter 10 10',
        ),
        (5, 8),
        shorter=0.2,
    ),
}
INBOUND = "http_server_request_duration_seconds_count"
JOSH = {
    "J16 InboundFailing": Row(
        "josh",
        "InboundFailing",
        (
            f'{INBOUND}{{env="prod", http_route="/api/twilio/inbound", http_response_status_code="200"}} counter 10 9',
            f'{INBOUND}{{env="prod", http_route="/api/twilio/inbound", http_response_status_code="502"}} counter 0 1',
        ),
        (0.5, 3),
    ),
    "J16 PaymentWebhookFailing": Row(
        "josh",
        "PaymentWebhookFailing",
        (
            f'{INBOUND}{{env="prod", http_route="/api/stripe/webhook", http_response_status_code="200"}} counter 1 1',
            f'{INBOUND}{{env="prod", http_route="/api/stripe/webhook", http_response_status_code="502"}} counter 0 0.1',
        ),
        (0.4, 2.5),
    ),
    "J16 SendFailures": Row(
        "josh",
        "SendFailures",
        ('sms_outbound_sent_total{env="prod"} counter 10 8', 'sms_outbound_failed_total{env="prod"} counter 0 2'),
        (3, 6),
        shorter=2,
    ),
    "J17 InvalidJson": Row(
        "josh",
        "InvalidJson",
        (
            'llm_intent_calls_total{env="prod"} counter 1 1',
            'llm_intent_failures_total{env="prod", reason="invalid_json"} counter 0 0.1',
        ),
        (2.5, 5.5),
        history_minutes=60,
        shorter=1,
    ),
    "J17 LockRateDropped": Row(
        "josh",
        "LockRateDropped",
        ('linkups_created_total{env="prod"} counter 0.1 0.1', 'linkups_locked_total{env="prod"} counter 0.08 0.02'),
        (2.5 * 1440, 3.5 * 1440),
        history_minutes=15 * 1440,
        shorter=1440,
    ),
    "J17 SafetySpike": Row(
        "josh",
        "SafetySpike",
        ('safety_incidents_total{env="prod"} counter 0.01 0.1',),
        (10, 25),
        history_minutes=30 * 1440,
        shorter=3,
    ),
    "J18 ClarifierRateHigh": Row(
        "josh",
        "ClarifierRateHigh",
        ('sms_inbound_total{env="prod"} counter 1 1', 'clarifiers_asked_total{env="prod"} counter 0.1 0.5'),
        (5.5 * 60, 7 * 60),
        history_minutes=2 * 1440,
        shorter=60,
    ),
    "J18 AcceptRateLow": Row(
        "josh",
        "AcceptRateLow",
        ('invites_sent_total{env="prod"} counter 1 1', 'invites_accepted_total{env="prod"} counter 0.5 0'),
        (9 * 60, 11 * 60),
        history_minutes=2 * 1440,
        shorter=60,
    ),
}
CHAT = {
    "M03 ErrorSpike": Row(
        "chat", "ErrorSpike", ('log_records_total{level="error"} counter 0.01 1',), (0.1, 2), history_minutes=120
    ),
    "M08 DatabaseErrors": Row(
        "chat",
        "DatabaseErrors",
        ('db_client_operation_duration_seconds_count{error_type="timeout"} counter 0 1',),
        (1, 2.5),
    ),
    "M08 DatabaseUnreachable": Row(
        "chat", "DatabaseUnreachable", ('probe_success{probe="database"} gauge 1 0',), (1, 2), shorter=0.75
    ),
    "M09 RedisGone": Row("chat", "RedisGone", ('probe_success{probe="redis"} gauge 1 0',), (0.5, 1.5), shorter=0.25),
    "M07 MessagesUndelivered": Row(
        "chat", "MessagesUndelivered", ("websocket_delivery_failures_total counter 0 0.1",), (0.5, 2.5)
    ),
    "M10 AssistantFailing": Row(
        "chat",
        "AssistantFailing",
        (
            "gen_ai_client_operation_duration_seconds_count counter 1 0.5",
            'gen_ai_client_operation_duration_seconds_count{error_type="timeout"} counter 0 0.5',
        ),
        (5, 8.5),
        shorter=1.5,
    ),
    "M16 SummariesWait": Row(
        "chat", "SummariesWait", ('job_queue_depth{queue="summaries"} gauge 0 30',), (5, 6.5), shorter=4.5
    ),
}
SOULCASTER = {
    "S05 BackendDown": Row(
        "soulcaster", "BackendDown", ('probe_success{probe="backend-health"} gauge 1 0',), (2, 3), shorter=1.5
    ),
    "S05 HighErrorRate": Row(
        "soulcaster",
        "HighErrorRate",
        (f'{HTTP}{{job="backend", status="200"}} counter 10 9', f'{HTTP}{{job="backend", status="500"}} counter 0 1'),
        (5, 6.5),
        shorter=4.5,
    ),
    "S05 AgentFailureSpike": Row(
        "soulcaster",
        "AgentFailureSpike",
        ('agent_jobs_total{outcome="success"} counter 0.1 0', 'agent_jobs_total{outcome="failed"} counter 0 0.1'),
        (7, 9.5),
        shorter=5,
    ),
    "S05 RedisLost": Row(
        "soulcaster", "RedisLost", ("redis_connection_errors_total counter 0 1",), (1, 2), shorter=0.2
    ),
    "S06 HighLatency": Row(
        "soulcaster",
        "HighLatency",
        (
            'http_request_duration_seconds_bucket{le="2"} counter 10 1',
            'http_request_duration_seconds_bucket{le="5"} counter 10 10',
            'http_request_duration_seconds_bucket{le="+Inf"} counter 10 10',
        ),
        (15, 18),
        shorter=9,
    ),
    "S06 NothingIngested": Row(
        "soulcaster",
        "NothingIngested",
        ("feedback_ingested_total counter 0.1 0",),
        (119, 123),
        history_minutes=180,
        shorter=110,
    ),
    "S06 SandboxQuota": Row(
        "soulcaster", "SandboxQuota", ("sandbox_hours_limit gauge 100 100", "sandbox_hours_used gauge 50 85"), (0, 2)
    ),
    "S06 JobTooLong": Row(
        "soulcaster", "JobTooLong", ('entity_stuck{entity="job", state="running"} gauge 0 1',), (0, 2)
    ),
}
ROWS = TABBI | CANVASCAST | JOSH | CHAT | SOULCASTER
