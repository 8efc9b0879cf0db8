"""Who may call what, written down: every route of every port has a line here, and a route without one fails a test."""

from typing import NamedTuple

from midwatch.server.model.actor import Role, Scope


class Needs(NamedTuple):
    """A user of at least this role, or a token of theirs that has the scope."""

    role: Role
    scope: Scope


OPEN = "anybody"
KEY = "an ingest key"
DSN = "a DSN's key, which is an ingest key"
VIEWER = Needs(Role.VIEWER, Scope.READ)
EDITOR = Needs(Role.EDITOR, Scope.READ)
EDITOR_CHANGES = Needs(Role.EDITOR, Scope.WRITE)
ENGINEER = Needs(Role.ENGINEER, Scope.READ)
ENGINEER_CHANGES = Needs(Role.ENGINEER, Scope.WRITE)
ADMIN = Needs(Role.ADMIN, Scope.READ)
ADMIN_CHANGES = Needs(Role.ADMIN, Scope.ADMIN)

OTLP_HTTP: dict[str, Needs | str] = {
    "POST /v1/traces": KEY,
    "OPTIONS /v1/traces": OPEN,
    "POST /v1/logs": KEY,
    "OPTIONS /v1/logs": OPEN,
    "POST /v1/metrics": KEY,
    "OPTIONS /v1/metrics": OPEN,
}

OTLP_GRPC: dict[str, Needs | str] = {
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export": KEY,
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export": KEY,
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": KEY,
}

WEBSOCKETS = {"WS /loki/api/v1/tail": "a token of a viewer; tests/integration/loki"}

MAIN: dict[str, Needs | str] = {
    **OTLP_HTTP,
    "POST /ingest/ndjson": KEY,
    "OPTIONS /ingest/ndjson": OPEN,
    "GET /ingest/ndjson": OPEN,
    "POST /loki/api/v1/push": KEY,
    "POST /loki/otlp/v1/logs": KEY,
    "POST /prometheus/api/v1/write": KEY,
    # Unlike other doors these read whatever content type an SDK sends.
    "POST /api/{project:int}/envelope": DSN,
    "POST /api/{project:int}/envelope/": DSN,
    "OPTIONS /api/{project:int}/envelope": OPEN,
    "OPTIONS /api/{project:int}/envelope/": OPEN,
    **{
        f"{method} /api/{{project:int}}/cron/{{slug}}{rest}": DSN if rest in ("/", "") else OPEN
        for method in ("GET", "POST")
        for rest in ("/{key}/", "/{key}", "/", "")
    },
    **{
        f"{method} /ping/{path}": OPEN
        for method in ("GET", "POST")
        for path in ("{first}", "{first}/{second}", "{first}/{second}/{third}")
    },
    "POST /prometheus/api/v1/otlp/v1/metrics": KEY,
    "GET /health": OPEN,
    "GET /ready": OPEN,
    "GET /metrics": OPEN,
    "GET /{path:path}": OPEN,
    "GET /api/v1/openapi.json": OPEN,
    "POST /api/v1/auth/login": OPEN,
    "POST /api/v1/auth/link": OPEN,
    "GET /api/v1/auth/me": VIEWER,
    "POST /api/v1/auth/password": VIEWER,
    "GET /api/v1/users": ADMIN,
    "POST /api/v1/users": ADMIN_CHANGES,
    "PATCH /api/v1/users/{user_id}": ADMIN_CHANGES,
    "DELETE /api/v1/users/{user_id}": ADMIN_CHANGES,
    "POST /api/v1/users/{user_id}/link": ADMIN_CHANGES,
    "GET /api/v1/keys": EDITOR,
    "POST /api/v1/keys": ADMIN_CHANGES,
    "DELETE /api/v1/keys/{key_id}": ADMIN_CHANGES,
    "GET /api/v1/tokens": ADMIN,
    "POST /api/v1/tokens": ENGINEER_CHANGES,
    "DELETE /api/v1/tokens/{token_id}": ADMIN_CHANGES,
    "GET /api/v1/audit": ADMIN,
    "GET /api/v1/system/status": VIEWER,
    "GET /api/v1/system/limits": VIEWER,
    "GET /api/v1/system/retention": VIEWER,
    "PUT /api/v1/system/retention": ADMIN_CHANGES,
    "POST /api/v1/system/backups": ADMIN_CHANGES,
    "GET /api/v1/onboarding": VIEWER,
    "GET /api/v1/dead-letters": VIEWER,
    "GET /api/v1/dead-letters/{letter_id}": ENGINEER_CHANGES,
    "POST /api/v1/dead-letters/{letter_id}/retry": ENGINEER_CHANGES,
    "DELETE /api/v1/dead-letters/{letter_id}": ENGINEER_CHANGES,
    "GET /api/v1/dashboards": VIEWER,
    "POST /api/v1/dashboards": EDITOR_CHANGES,
    "POST /api/v1/dashboard-import": EDITOR_CHANGES,
    "POST /api/v1/dashboard-check": VIEWER,
    "GET /api/v1/dashboards/{uid}": VIEWER,
    "PUT /api/v1/dashboards/{uid}": EDITOR_CHANGES,
    "DELETE /api/v1/dashboards/{uid}": EDITOR_CHANGES,
    "GET /api/v1/dashboards/{uid}/export": VIEWER,
    "GET /api/v1/dashboards/{uid}/versions": VIEWER,
    "GET /api/v1/dashboards/{uid}/versions/{version}": VIEWER,
    "POST /api/v1/dashboards/{uid}/versions/{version}/restore": EDITOR_CHANGES,
    "GET /api/v1/plan": VIEWER,
    "POST /api/v1/plan/check": VIEWER,
    "POST /api/v1/plan/apply": ENGINEER_CHANGES,
    "GET /api/v1/plan/schema": VIEWER,
    "GET /api/v1/rules": VIEWER,
    "GET /api/v1/rules/{rule_id}": VIEWER,
    "GET /api/v1/rule-history": VIEWER,
    "GET /api/v1/forward": VIEWER,
    "GET /api/v1/targets": VIEWER,
    "GET /api/v1/probes": VIEWER,
    "GET /api/v1/heartbeats": VIEWER,
    "POST /api/v1/heartbeats": EDITOR_CHANGES,
    "GET /api/v1/heartbeats/{heartbeat_id}": VIEWER,
    "PUT /api/v1/heartbeats/{heartbeat_id}": EDITOR_CHANGES,
    "DELETE /api/v1/heartbeats/{heartbeat_id}": EDITOR_CHANGES,
    "GET /api/v1/probes/{name:path}": VIEWER,
    "POST /api/v1/probe-attempts": EDITOR_CHANGES,
    "GET /api/v1/probe-locations/{location}/probes": ENGINEER_CHANGES,
    "POST /api/v1/probe-locations/{location}/reports": ENGINEER_CHANGES,
    "GET /api/v1/metrics/cardinality": VIEWER,
    "GET /api/v1/logs": VIEWER,
    "GET /api/v1/logs/histogram": VIEWER,
    "GET /api/v1/logs/facets": VIEWER,
    "GET /api/v1/logs/tail": VIEWER,
    "GET /api/v1/logs/export": VIEWER,
    "GET /api/v1/logs/{line_id}": VIEWER,
    "GET /api/v1/logs/{line_id}/context": VIEWER,
    "GET /api/v1/traces": VIEWER,
    "GET /api/v1/traces/histogram": VIEWER,
    "GET /api/v1/traces/facets": VIEWER,
    "GET /api/v1/traces/{trace_id}": VIEWER,
    "GET /api/v1/traces/{trace_id}/spans/{span_id}": VIEWER,
    "GET /api/v1/services": VIEWER,
    "GET /api/v1/services/{name:path}": VIEWER,
    "GET /api/v1/service-map": VIEWER,
    "GET /api/v1/environments": VIEWER,
    "GET /api/v1/fields": VIEWER,
    "POST /api/v1/sql": ENGINEER,
    "GET /loki/ready": OPEN,
    "GET /loki/api/v1/query_range": VIEWER,
    "GET /loki/api/v1/query": VIEWER,
    "GET /loki/api/v1/labels": VIEWER,
    "GET /loki/api/v1/label": VIEWER,
    "GET /loki/api/v1/label/{name}/values": VIEWER,
    "GET /loki/api/v1/series": VIEWER,
    "GET /loki/api/v1/index/stats": VIEWER,
    "GET /loki/api/v1/index/volume": VIEWER,
    "GET /loki/api/v1/detected_labels": VIEWER,
    "GET /loki/api/v1/detected_fields": VIEWER,
    "GET /loki/api/v1/detected_field/{name}/values": VIEWER,
    "POST /loki/api/v1/query_range": VIEWER,
    "POST /loki/api/v1/query": VIEWER,
    "POST /loki/api/v1/labels": VIEWER,
    "POST /loki/api/v1/label": VIEWER,
    "POST /loki/api/v1/label/{name}/values": VIEWER,
    "POST /loki/api/v1/series": VIEWER,
    "POST /loki/api/v1/index/stats": VIEWER,
    "POST /loki/api/v1/index/volume": VIEWER,
    "POST /loki/api/v1/detected_labels": VIEWER,
    "POST /loki/api/v1/detected_fields": VIEWER,
    "POST /loki/api/v1/detected_field/{name}/values": VIEWER,
    "GET /loki/api/v1/status/buildinfo": VIEWER,
    "GET /jaeger/api/services": VIEWER,
    "GET /jaeger/api/services/{service:path}/operations": VIEWER,
    "GET /jaeger/api/operations": VIEWER,
    "GET /jaeger/api/traces": VIEWER,
    "GET /jaeger/api/traces/{trace_id}": VIEWER,
    "GET /jaeger/api/dependencies": VIEWER,
    "GET /jaeger/api/v3/services": VIEWER,
    "GET /jaeger/api/v3/operations": VIEWER,
    "GET /jaeger/api/v3/traces": VIEWER,
    "GET /jaeger/api/v3/traces/{trace_id}": VIEWER,
    "GET /prometheus/api/v1/query": VIEWER,
    "POST /prometheus/api/v1/query": VIEWER,
    "GET /prometheus/api/v1/query_range": VIEWER,
    "POST /prometheus/api/v1/query_range": VIEWER,
    "GET /prometheus/api/v1/query_exemplars": VIEWER,
    "POST /prometheus/api/v1/query_exemplars": VIEWER,
    "GET /prometheus/api/v1/format_query": VIEWER,
    "POST /prometheus/api/v1/format_query": VIEWER,
    "GET /prometheus/api/v1/parse_query": VIEWER,
    "POST /prometheus/api/v1/parse_query": VIEWER,
    "GET /prometheus/api/v1/series": VIEWER,
    "POST /prometheus/api/v1/series": VIEWER,
    "GET /prometheus/api/v1/labels": VIEWER,
    "POST /prometheus/api/v1/labels": VIEWER,
    "GET /prometheus/api/v1/label/{name}/values": VIEWER,
    "GET /prometheus/api/v1/metadata": VIEWER,
    "GET /prometheus/api/v1/status/buildinfo": VIEWER,
    "GET /prometheus/api/v1/status/runtimeinfo": VIEWER,
    "GET /prometheus/api/v1/status/tsdb": VIEWER,
    "GET /prometheus/api/v1/targets": VIEWER,
    "GET /prometheus/api/v1/rules": VIEWER,
    "GET /prometheus/api/v1/alerts": VIEWER,
    "POST /prometheus/api/v1/admin/tsdb/delete_series": ADMIN_CHANGES,
    "PUT /prometheus/api/v1/admin/tsdb/delete_series": ADMIN_CHANGES,
    # Last, since it ends the sessions of those who ask.
    "POST /api/v1/auth/logout": OPEN,
}
