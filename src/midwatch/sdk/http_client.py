"""What is told of each HTTP request that the app makes: a span, a line, metrics, and what the API says is left.

Requests of an operation that is told as a whole, such as a call of a language model, have no span and no line of their
own: they are measured, and are attempts of that operation.
"""

import time
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass

from opentelemetry import trace
from opentelemetry.trace import SpanKind

from midwatch.sdk import calls, rate_limits, retries
from midwatch.sdk.guard import guarded
from midwatch.sdk.log_lines import type_name
from midwatch.sdk.propagation import TRACEPARENT, inject
from midwatch.sdk.setup import METRICS, in_force

LOGGER = "midwatch.http"
TOO_MANY = 429

_tracer = trace.get_tracer(LOGGER)
_labels = ("method", "host", "status")
_durations = METRICS.histogram("http_client_request_duration_seconds", "Duration of HTTP requests made", _labels)
_rejected = METRICS.counter("api_rate_limited_total", "Requests that an API refused as too many", ("host",))
_of_limit = ("host", "resource")
_NEWEST = "livemostrecent"
_limit = METRICS.gauge("api_rate_limit_limit", "Calls that an API allows in its window", _of_limit, mode=_NEWEST)
_remaining = METRICS.gauge(
    "api_rate_limit_remaining", "Calls that an API still allows in its window", _of_limit, mode=_NEWEST
)
_reset = METRICS.gauge(
    "api_rate_limit_reset_seconds", "Seconds until an API's window begins anew", _of_limit, mode=_NEWEST
)


@dataclass(slots=True)
class Outgoing:
    """A request that is being made."""

    call: calls.Call | None
    """None within an operation that is told as a whole."""
    method: str
    host: str
    path: str
    started: float
    attempts: retries.Attempts | None
    """Of the operation that it belongs to."""


@guarded
def begin(method: str, url: str, host: str, port: int | None, path: str, headers: MutableMapping[str, str]) -> Outgoing:
    """Put the ids into `headers`, as far as the app has not set them itself."""
    attempts = retries.at_hand()
    if attempts is not None and attempts.told_at == host != "":
        _send_along(headers)
        return Outgoing(None, method, host, path, time.perf_counter(), attempts)
    attributes = {"http.request.method": method, "server.address": host, "url.full": url}
    if port:
        attributes["server.port"] = port  # type: ignore[assignment]
    call = calls.begin(_tracer, method, SpanKind.CLIENT, attributes)
    try:
        _send_along(headers)
    except BaseException:
        calls.end(call)
        raise
    return Outgoing(call, method, host, path, call.started, attempts)


def _send_along(headers: MutableMapping[str, str]) -> None:
    ids: dict[str, str] = {}
    inject(ids)
    for name, value in ids.items():
        # The parent is this request's own span, also where a redirect has the headers of the request before.
        if name == TRACEPARENT or name not in headers:
            headers[name] = value


@guarded
def answered(outgoing: Outgoing, status: int, headers: Iterable[tuple[str, str]], *, resent: int = 0) -> None:
    """`headers`: those of the answer that name a limit (`says_limit`), in small letters.

    `resent`: how often the client has sent it again by itself.
    """
    call = outgoing.call
    if call is not None:
        call.span.set_attribute("http.response.status_code", status)
        if status >= 400:
            call.span.set_attribute("error.type", str(status))
            call.span.set_status(calls.FAILED)
    _told(outgoing, None, str(status), resent, refused=status >= 400, failed=status >= 500 or status == TOO_MANY)
    host = outgoing.host
    if status == TOO_MANY:
        _rejected.inc(host=host)
    for resource, limit in rate_limits.read(headers, time.time()).items():
        if limit.limit is not None:
            _limit.set(limit.limit, host=host, resource=resource)
        if limit.remaining is not None:
            _remaining.set(limit.remaining, host=host, resource=resource)
        if limit.reset_seconds is not None:
            _reset.set(limit.reset_seconds, host=host, resource=resource)


@guarded
def failed(outgoing: Outgoing, error: BaseException, *, resent: int = 0) -> None:
    """No answer came."""
    _told(outgoing, error, type_name(error), resent, refused=True, failed=True)


def says_limit(name: str) -> bool:
    """Whether a header is one of those that `answered` reads."""
    return "ratelimit" in name


def _told(
    outgoing: Outgoing, error: BaseException | None, status: str, resent: int, *, refused: bool, failed: bool
) -> None:
    method, host, path, call = outgoing.method, outgoing.host, outgoing.path, outgoing.call
    if call is not None:
        if resent:
            call.span.set_attribute("http.request.resend_count", resent)
        seconds = calls.end(call, error)
    else:
        seconds = time.perf_counter() - outgoing.started
    _durations.observe(seconds, method=method, host=host, status=status)
    if resent:
        retries.count(host, resent, failed=refused)
    if outgoing.attempts is not None:
        outgoing.attempts.ended((host, method, path), status, seconds, failed=refused)
    running = in_force()
    if running is not None and call is not None:
        fields = {"method": method, "host": host, "path": path, "status": status}
        fields["duration_ms"] = round(seconds * 1000, 3)  # type: ignore[assignment]
        if resent:
            fields["retries"] = resent  # type: ignore[assignment]
        level = "warning" if failed else "info"
        running.logs.emit(level, "external call", fields, logger=LOGGER)
