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

KEY_OR_EDITOR = "an ingest key, or an editor who changes"

SENTRY_API: dict[str, Needs | str] = {
    "GET /api/0/": VIEWER,
    "GET /api/0/organizations/": VIEWER,
    **{
        f"GET /api/0/organizations/{{organization}}/{rest}": VIEWER for rest in ("", "projects/", "repos/", "releases/")
    },
    "GET /api/0/projects/{organization}/{project}/": VIEWER,
    **{
        f"GET /api/0/organizations/{{organization}}/releases/{{version}}/{rest}": VIEWER
        for rest in ("", "commits/", "deploys/", "files/", "previous-with-commits/")
    },
    **{
        f"{method} /api/0/organizations/{{organization}}/releases/{rest}": EDITOR_CHANGES
        for method, rest in (
            ("POST", ""),
            ("PUT", "{version}/"),
            ("DELETE", "{version}/"),
            ("POST", "{version}/deploys/"),
            ("POST", "{version}/files/"),
            ("POST", "{version}/assemble/"),
        )
    },
    "GET /api/0/organizations/{organization}/chunk-upload/": EDITOR_CHANGES,
    "POST /api/0/organizations/{organization}/chunk-upload/": EDITOR_CHANGES,
    "POST /api/0/organizations/{organization}/artifactbundle/assemble/": EDITOR_CHANGES,
    **{
        f"GET /api/0/projects/{{organization}}/{{project}}/releases/{rest}": VIEWER
        for rest in ("", "{version}/", "{version}/files/")
    },
    **{
        f"{method} /api/0/projects/{{organization}}/{{project}}/{rest}": EDITOR_CHANGES
        for method, rest in (
            ("POST", "releases/"),
            ("PUT", "releases/{version}/"),
            ("DELETE", "releases/{version}/"),
            ("POST", "releases/{version}/files/"),
            ("DELETE", "files/source-maps/"),
        )
    },
}

_POSTHOG = [
    f"{path}{slash}"
    for path in ("/capture", "/batch", "/e", "/i/v0/e", "/i/v0/ai/batch", "/track", "/engage")
    for slash in ("", "/")
] + ["/i/v1/analytics/events"]
_POSTHOG_ASKS = ["/flags", "/flags/", "/decide", "/decide/"]
_POSTHOG_OPEN = [
    *(f"{method} {path}" for path in _POSTHOG_ASKS for method in ("GET", "POST", "OPTIONS")),
    *(
        f"{method} {path}"
        for path in ("/flags/definitions", "/array/{key}/config", "/array/{key}/config.js")
        for method in ("GET", "OPTIONS")
    ),
    *(f"{method} {path}" for path in ("/s", "/s/") for method in ("POST", "OPTIONS")),
]
POSTHOG: dict[str, Needs | str] = {
    # The key may stand in the body, which is read whatever its content type says.
    **{f"POST {path}": DSN for path in _POSTHOG},
    **{f"OPTIONS {path}": OPEN for path in _POSTHOG},
    # Answered alike to everybody: that there are no flags, and that recordings are off.
    **dict.fromkeys(_POSTHOG_OPEN, OPEN),
}
ANALYTICS: dict[str, Needs | str] = {
    **{
        f"GET /api/v1/analytics/{path}": VIEWER
        for path in (
            *("events", "names", "properties", "values", "trends", "retention", "flags", "features", "sessions"),
            *("sessions/list", "people", "people/{person:path}", "funnels"),
        )
    },
    **{
        f"GET /api/v1/costs{path}": VIEWER
        for path in (
            *("", "/forecast", "/budgets", "/units", "/unpriced", "/storage"),
            *("/invoices", "/invoices/{id}"),
        )
    },
    "POST /api/v1/costs/invoices": EDITOR_CHANGES,
    "DELETE /api/v1/costs/invoices/{id}": EDITOR_CHANGES,
    "POST /api/v1/analytics/funnel": VIEWER,
    "POST /api/v1/analytics/funnel/people": VIEWER,
    "POST /api/v1/analytics/funnels": EDITOR_CHANGES,
    "PUT /api/v1/analytics/funnels/{id}": EDITOR_CHANGES,
    "DELETE /api/v1/analytics/funnels/{id}": EDITOR_CHANGES,
}
EVENTS: dict[str, Needs | str] = {
    **{
        f"GET /api/v1/events{rest}": VIEWER
        for rest in ("", "/facets", "/export", "/chain", "/verify", "/sources", "/{event_id:path}")
    },
    **{f"GET /api/v1/entities{rest}": VIEWER for rest in ("", "/{kind}", "/{kind}/{entity_id:path}")},
}

HANDLER_DOORS: dict[str, Needs | str] = dict.fromkeys(
    (f"POST /ingest/handlers/{path}" for path in ("runs", "orders", "outcomes")), KEY
)
"""Keys for browsers are refused: tests/integration/handlers."""
HANDLERS: dict[str, Needs | str] = {
    "GET /api/v1/handlers": VIEWER,
    "GET /api/v1/handler-runs": VIEWER,
    "GET /api/v1/handler-runs/{run}": VIEWER,
    "GET /api/v1/handler-runs/{run}/payload": ENGINEER_CHANGES,
    "GET /api/v1/handler-replays": VIEWER,
    "POST /api/v1/handler-replays": ENGINEER_CHANGES,
    "GET /api/v1/handler-replays/{batch}": VIEWER,
    "DELETE /api/v1/handler-replays/{batch}": ENGINEER_CHANGES,
}

OTLP_HTTP: dict[str, Needs | str] = {
    **HANDLER_DOORS,
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

ISSUES: dict[str, Needs | str] = {
    **{
        f"GET /api/v1/{path}": VIEWER
        for path in (
            *("issues", "errors/over-time", "errors/dropped", "errors/events/{event_id}", "errors/trace/{trace_id}"),
            *("errors/attachments/{event_id}/{place}", "errors/trackers"),
            *(
                f"issues/{{issue_id:int}}{rest}"
                for rest in ("", "/trend", "/tags", "/similar", "/events", "/events/{which}")
            ),
        )
    },
    "GET /api/v1/errors/grouping": ENGINEER,
    **{
        f"POST /api/v1/issues/{path}": EDITOR_CHANGES
        for path in ("changes", "merges", *(f"{{issue_id:int}}/{act}" for act in ("splits", "comments", "links")))
    },
    "DELETE /api/v1/issues/{issue_id:int}/links/{link_id}": EDITOR_CHANGES,
}

SENTRY_DOORS: dict[str, Needs | str] = {
    f"{method} {path}{slash}": DSN if method == "POST" else OPEN
    for path in (
        *(f"/api/{{project:int}}/{name}" for name in ("envelope", "store", "security", "csp-report")),
        "/tunnel",
    )
    for slash in ("", "/")
    for method in ("POST", "OPTIONS")
} | {f"{method} /api/{{project:int}}/minidump{slash}": OPEN for method in ("POST", "OPTIONS") for slash in ("", "/")}

MAIN: dict[str, Needs | str] = {
    **OTLP_HTTP,
    **ISSUES,
    **HANDLERS,
    **SENTRY_DOORS,
    **POSTHOG,
    **ANALYTICS,
    "POST /ingest/ndjson": KEY,
    "OPTIONS /ingest/ndjson": OPEN,
    "GET /ingest/ndjson": OPEN,
    "POST /ingest/events": KEY,
    "OPTIONS /ingest/events": OPEN,
    "POST /loki/api/v1/push": KEY,
    "POST /loki/otlp/v1/logs": KEY,
    "POST /prometheus/api/v1/write": KEY,
    "GET /ack": OPEN,
    "POST /ack": OPEN,
    "POST /api/v1/slack/interactions": OPEN,
    "GET /api/v1/notifications": VIEWER,
    "GET /api/v1/notifications/{id}": VIEWER,
    "POST /api/v1/notifications/{id}/resend": EDITOR_CHANGES,
    "GET /api/v1/receivers": VIEWER,
    "POST /api/v1/receivers/{name:path}/test": EDITOR_CHANGES,
    # Unlike other doors these read whatever content type an SDK sends.
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
    **{f"GET /docs{path}": OPEN for path in ("", "/", "/style.css", "/{name:path}")},
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
    "GET /api/v1/audit/export": ADMIN,
    **EVENTS,
    "GET /api/v1/story": VIEWER,
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
    "GET /api/v1/releases": VIEWER,
    "POST /api/v1/releases": EDITOR_CHANGES,
    "GET /api/v1/releases/{version}": VIEWER,
    "GET /api/v1/deploys": VIEWER,
    "POST /api/v1/deploys": KEY_OR_EDITOR,
    **SENTRY_API,
    "GET /api/v1/plan": VIEWER,
    "POST /api/v1/plan/check": VIEWER,
    "POST /api/v1/plan/apply": ENGINEER_CHANGES,
    "PUT /api/v1/plan/files/{name:path}": ENGINEER_CHANGES,
    "GET /api/v1/plan/schema": VIEWER,
    "GET /api/v1/verify": VIEWER,
    "GET /api/v1/verify/correlation": VIEWER,
    "GET /api/v1/verify/draft": VIEWER,
    "GET /api/v1/alerts": VIEWER,
    "GET /api/v1/alert-groups": VIEWER,
    "GET /api/v1/alerts/{fingerprint}": VIEWER,
    "GET /api/v1/alert-marks": VIEWER,
    "POST /api/v1/alert-marks": EDITOR_CHANGES,
    "DELETE /api/v1/alert-marks/{mark_id}": EDITOR_CHANGES,
    "GET /api/v1/silences": VIEWER,
    "POST /api/v1/silences": EDITOR_CHANGES,
    "GET /api/v1/silences/{silence_id}": VIEWER,
    "PUT /api/v1/silences/{silence_id}": EDITOR_CHANGES,
    "DELETE /api/v1/silences/{silence_id}": EDITOR_CHANGES,
    "POST /api/v1/silence-preview": VIEWER,
    "GET /api/v1/alert-routing": VIEWER,
    "POST /api/v1/alert-routing": VIEWER,
    "GET /api/v1/alert-history": VIEWER,
    "GET /api/v1/alert-noise": VIEWER,
    "GET /api/v1/runbooks": VIEWER,
    "GET /api/v1/runbooks/{name:path}": VIEWER,
    "POST /api/v1/runbook-ticks": EDITOR_CHANGES,
    "GET /api/v1/on-call": VIEWER,
    "GET /api/v1/on-call/{schedule}/shifts": VIEWER,
    "GET /api/v1/on-call/{schedule}/calendar.ics": VIEWER,
    "POST /api/v1/on-call/{schedule}/overrides": EDITOR_CHANGES,
    "DELETE /api/v1/on-call-overrides/{override_id}": EDITOR_CHANGES,
    "GET /api/v1/anomalies/{rule_id}": VIEWER,
    "GET /api/v1/slos": VIEWER,
    "GET /api/v1/slos/{slo_id}": VIEWER,
    "GET /api/v1/drills": VIEWER,
    "POST /api/v1/drills": EDITOR_CHANGES,
    "POST /api/v1/backtests": VIEWER,
    "GET /api/v1/rules": VIEWER,
    "GET /api/v1/rules/{rule_id}": VIEWER,
    "GET /api/v1/rule-history": VIEWER,
    "GET /api/v1/forward": VIEWER,
    "GET /api/v1/targets": VIEWER,
    "GET /status": OPEN,
    "GET /status/": OPEN,
    "GET /status/feed.atom": OPEN,
    "GET /status/feed.rss": OPEN,
    "GET /status/summary.json": OPEN,
    "GET /status/{rest:path}": OPEN,
    "POST /status/subscribe": OPEN,
    **{f"{method} /status/{act}": OPEN for method in ("GET", "POST") for act in ("confirm", "unsubscribe")},
    "GET /api/v1/status-page": VIEWER,
    "PUT /api/v1/status-page": EDITOR_CHANGES,
    "POST /api/v1/status-page/notices": EDITOR_CHANGES,
    "POST /api/v1/status-page/notices/{notice_id}/updates": EDITOR_CHANGES,
    "DELETE /api/v1/status-page/notices/{notice_id}": EDITOR_CHANGES,
    "GET /api/v1/status-page/subscribers": ADMIN,
    "DELETE /api/v1/status-page/subscribers/{subscriber_id}": ADMIN_CHANGES,
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
    "GET /api/v1/privacy/leaks": VIEWER,
    "POST /api/v1/privacy/erasures": ADMIN_CHANGES,
    "GET /api/v1/replays": VIEWER,
    "DELETE /api/v1/replays": ENGINEER_CHANGES,
    "GET /api/v1/replay-usage": VIEWER,
    "GET /api/v1/replays/{replay_id}": VIEWER,
    "DELETE /api/v1/replays/{replay_id}": ENGINEER_CHANGES,
    "POST /api/v1/replays/{replay_id}/watch": VIEWER,
    "GET /api/v1/replays/{replay_id}/segments/{segment}": VIEWER,
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
    "GET /api/v1/vitals": VIEWER,
    "GET /api/v1/vitals/samples": VIEWER,
    "GET /api/v1/vitals/page-loads": VIEWER,
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
    "GET /alertmanager/api/v2/status": VIEWER,
    "GET /alertmanager/api/v2/receivers": VIEWER,
    "GET /alertmanager/api/v2/alerts": VIEWER,
    "POST /alertmanager/api/v2/alerts": EDITOR_CHANGES,
    "GET /alertmanager/api/v2/alerts/groups": VIEWER,
    "GET /alertmanager/api/v2/silences": VIEWER,
    "POST /alertmanager/api/v2/silences": EDITOR_CHANGES,
    "GET /alertmanager/api/v2/silence/{silence_id}": VIEWER,
    "DELETE /alertmanager/api/v2/silence/{silence_id}": EDITOR_CHANGES,
    "GET /prometheus/api/v1/rules": VIEWER,
    "GET /prometheus/api/v1/alerts": VIEWER,
    "POST /prometheus/api/v1/admin/tsdb/delete_series": ADMIN_CHANGES,
    "PUT /prometheus/api/v1/admin/tsdb/delete_series": ADMIN_CHANGES,
    # Last, since it ends the sessions of those who ask.
    "POST /api/v1/auth/logout": OPEN,
}
