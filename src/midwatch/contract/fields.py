"""Names of fields: the OpenTelemetry semantic conventions (1.40), and what teams call the same things.

The names that teams use are mapped, not lost. An attribute keeps the name that it was sent with, and a search finds it
under the convention's name and every other; service, environment, trace id and span id are columns.
"""

from types import MappingProxyType

SERVICE_NAME = "service.name"
SERVICE_VERSION = "service.version"
DEPLOYMENT_ENVIRONMENT = "deployment.environment.name"
SESSION_ID = "session.id"
USER_ID = "user.id"
EVENT_NAME = "event.name"
CORRELATION_ID = "correlation.id"
REQUEST_ID = "http.request.header.x-request-id"
JOB_ID = "job.id"
MESSAGE_ID = "message.id"
"""Of a message to a person, as whoever delivers it calls it; a queue's own is `messaging.message.id`."""
TRACE_ID = "trace_id"
SPAN_ID = "span_id"
HTTP_ROUTE = "http.route"
HTTP_METHOD = "http.request.method"
HTTP_STATUS = "http.response.status_code"
PROBE = "midwatch.probe"
"""On all that a request of `midwatch verify --wire` makes happen; carried in baggage."""
EXCEPTION_TYPE = "exception.type"
EXCEPTION_MESSAGE = "exception.message"
EXCEPTION_STACKTRACE = "exception.stacktrace"

ALIASES = MappingProxyType(
    {
        SERVICE_NAME: ("service", "serviceName", "service_name"),
        SERVICE_VERSION: ("release", "version", "serviceVersion"),
        DEPLOYMENT_ENVIRONMENT: ("env", "environment", "deployment.environment", "NODE_ENV"),
        SESSION_ID: ("sessionId", "session_id"),
        USER_ID: ("userId", "user_id", "enduser.id"),
        EVENT_NAME: ("event", "eventName"),
        CORRELATION_ID: ("correlation_id", "correlationId", "x-correlation-id"),
        REQUEST_ID: ("requestId", "request_id", "x-request-id", "req_id"),
        JOB_ID: ("job_id", "jobId"),
        MESSAGE_ID: ("message_id", "messageId", "message_sid", "messageSid", "MessageSid", "twilio_message_sid"),
        TRACE_ID: ("traceId", "trace.id", "x-trace-id", "otelTraceID"),
        SPAN_ID: ("spanId", "span.id", "otelSpanID"),
        HTTP_ROUTE: ("route",),
        HTTP_METHOD: ("http.method", "method"),
        HTTP_STATUS: ("http.status_code", "statusCode", "status_code"),
    }
)
"""Convention's name → what teams call it."""

CANONICAL = MappingProxyType({alias: name for name, aliases in ALIASES.items() for alias in aliases})
"""What teams call it → convention's name."""


def canonical(name: str) -> str:
    """The convention's name of a field; a name that is none of ours is its own."""
    return CANONICAL.get(name, name)


def names_of(name: str) -> tuple[str, ...]:
    """Every name of the field that this is a name of, the convention's first."""
    convention = canonical(name)
    return (convention, *ALIASES.get(convention, ()))
