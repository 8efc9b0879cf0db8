"""Sentry's names for what happened in a span → OpenTelemetry's semantic conventions (1.44)."""

import re
from typing import Any
from urllib.parse import urlsplit

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from midwatch.server.protocols.sentry.attributes import Attributes, put
from midwatch.server.protocols.sentry.reading import count, text

NAMES = {
    "http.method": "http.request.method",
    "method": "http.request.method",
    "http.request_method": "http.request.method",
    "http.status_code": "http.response.status_code",
    "status_code": "http.response.status_code",
    "http.response.status": "http.response.status_code",
    "http.query": "url.query",
    "http.fragment": "url.fragment",
    "http.scheme": "url.scheme",
    "http.url": "url.full",
    "http.user_agent": "user_agent.original",
    "http.flavor": "network.protocol.version",
    "http.response_content_length": "http.response.body.size",
    "http.response_transfer_size": "http.response.size",
    "http.decoded_response_content_length": "http.response.body.decoded_size",
    "net.peer.name": "server.address",
    "net.peer.port": "server.port",
    "url.same_origin": "http.request.same_origin",
    "db.system": "db.system.name",
    "db.name": "db.namespace",
    "db.operation": "db.operation.name",
    "db.statement": "db.query.text",
    "db.sql.table": "db.collection.name",
    "code.filepath": "code.file.path",
    "code.lineno": "code.line.number",
    "code.function": "code.function.name",
    "messaging.operation": "messaging.operation.type",
    "gen_ai.system": "gen_ai.provider.name",
    "lcp.element": "browser.web_vital.lcp.element",
    "lcp.url": "browser.web_vital.lcp.url",
    "lcp.size": "browser.web_vital.lcp.size",
    "lcp.loadTime": "browser.web_vital.lcp.load_time",
    "lcp.renderTime": "browser.web_vital.lcp.render_time",
}
"""Old or own name → the convention's. The value stays what it is."""
_SERVER_OPS = ("http.server", "rpc.server", "grpc.server", "websocket.server", "function.aws", "function.gcp")
_CLIENT_OPS = ("http.client", "rpc.client", "grpc.client", "db", "cache", "gen_ai", "ai.", "graphql.client")
_PRODUCER_OPS = ("queue.publish", "queue.submit")
_CONSUMER_OPS = ("queue.process", "queue.task", "queue.receive")
_PAGE_OPS = ("resource.", "browser.")
"""Parts of a page load, which older SDKs name by an address."""
_KINDS = {
    "internal": Span.SPAN_KIND_INTERNAL,
    "server": Span.SPAN_KIND_SERVER,
    "client": Span.SPAN_KIND_CLIENT,
    "producer": Span.SPAN_KIND_PRODUCER,
    "consumer": Span.SPAN_KIND_CONSUMER,
}
_CALLERS_OWN = frozenset(
    {
        "already_exists",
        "cancelled",
        "failed_precondition",
        "invalid_argument",
        "not_found",
        "out_of_range",
        "permission_denied",
        "resource_exhausted",
        "unauthenticated",
    }
)
"""The caller's mistakes: of a server span, no error (OpenTelemetry's HTTP conventions)."""
_NOT_TOLD = frozenset({"", "unset", "unknown", "unknown_error"})
_TABLE = re.compile(r'\b(?:from|into|update|join|table)\s+((?:["`\[]?[\w.]+["`\]]?){1,3})', re.IGNORECASE)
_STATEMENT_LOOKED_AT = 2000
NAME_CHARACTERS_MAX = 1000


def renamed(attributes: Attributes) -> Attributes:
    """Under the conventions' names; a value that has one already stays as it is."""
    found: Attributes = {}
    for name, value in attributes.items():
        put(found, name if name not in NAMES or NAMES[name] in attributes else NAMES[name], value)
    if isinstance(code := found.get("http.response.status_code"), str) and code.isdecimal():
        found["http.response.status_code"] = count(code)
    _split_address(found)
    return found


def kind_of(op: str, attributes: Attributes) -> "Span.SpanKind.ValueType":
    """As the SDK says it, else by what kind of operation it is."""
    told = text(attributes.pop("otel.kind", "") or attributes.pop("sentry.kind", "")).lower()
    if told in _KINDS:
        return _KINDS[told]
    for ops, kind in (
        (_SERVER_OPS, Span.SPAN_KIND_SERVER),
        (_CLIENT_OPS, Span.SPAN_KIND_CLIENT),
        (_PRODUCER_OPS, Span.SPAN_KIND_PRODUCER),
        (_CONSUMER_OPS, Span.SPAN_KIND_CONSUMER),
    ):
        if op.startswith(ops):
            return kind
    return Span.SPAN_KIND_INTERNAL


def put_status(span: Span, told: Any, attributes: Attributes) -> None:
    """Of a status by name. What the caller got wrong is no error of a server."""
    status = text(told)
    if status in _NOT_TOLD:
        return
    put(attributes, "sentry.status", status)
    if status == "ok":
        span.status.code = Status.STATUS_CODE_OK
    elif not (span.kind == Span.SPAN_KIND_SERVER and status in _CALLERS_OWN):
        span.status.code = Status.STATUS_CODE_ERROR
        span.status.message = status
        put(attributes, "error.type", attributes.get("http.response.status_code") or status)
        attributes["error.type"] = str(attributes["error.type"])


def name_of(op: str, description: str, kind: "Span.SpanKind.ValueType", attributes: Attributes) -> str:
    """A name that many spans share; what it was made of goes into attributes."""
    if op.startswith("db") and description and "redis" not in op:
        put(attributes, "db.query.text", description)
        return summary_of(description)[:NAME_CHARACTERS_MAX]
    if kind == Span.SPAN_KIND_CLIENT and op.startswith("http"):
        return _client_name(description, attributes)[:NAME_CHARACTERS_MAX]
    if op.startswith(_PAGE_OPS):
        _put_what(description, attributes)
        return op
    method = text(attributes.get("http.request.method"))
    if kind == Span.SPAN_KIND_SERVER and description.startswith("/") and method:
        return f"{method} {description}"[:NAME_CHARACTERS_MAX]
    return (description or op or "span")[:NAME_CHARACTERS_MAX]


def put_address(attributes: Attributes, address: str) -> None:
    """A page's or request's address as `url.full` and its parts."""
    put(attributes, "url.full", address)
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    put(attributes, "url.path", parts.path)
    put(attributes, "url.query", parts.query)


def summary_of(statement: str) -> str:
    """What a statement does with which table, as `db.query.summary` has it; a word alone where no table is found."""
    looked_at = statement[:_STATEMENT_LOOKED_AT]
    verb = looked_at.split(None, 1)[0] if looked_at.strip() else "query"
    table = _TABLE.search(looked_at)
    return f"{verb} {re.sub('[^A-Za-z0-9_.]', '', table[1])}" if table else verb


def _client_name(description: str, attributes: Attributes) -> str:
    """`GET example.com`: paths have ids in them."""
    method, _, address = description.partition(" ")
    if address and "url.full" not in attributes:
        put(attributes, "url.full", address)
    put(attributes, "http.request.method", method if method.isupper() else "")
    try:
        host = urlsplit(text(attributes.get("url.full"))).hostname or ""
    except ValueError:
        host = ""
    put(attributes, "server.address", host)
    told = text(attributes.get("server.address"))
    return f"{attributes.get('http.request.method') or 'HTTP'} {told}".strip()


def _put_what(description: str, attributes: Attributes) -> None:
    if "://" in description:
        put_address(attributes, description)
    elif description.startswith("/"):
        put(attributes, "url.path", description.partition("?")[0])
    else:
        put(attributes, "sentry.description", description)


def _split_address(attributes: Attributes) -> None:
    host, _, port = text(attributes.get("server.address")).rpartition(":")
    if host and port.isdecimal() and len(port) <= 5 and ":" not in host:
        attributes["server.address"] = host
        attributes.setdefault("server.port", int(port))
