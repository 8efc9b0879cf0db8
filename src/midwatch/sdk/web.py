"""What is told of each HTTP request that is served: a span, two lines, and metrics. ASGI and WSGI share it."""

from collections.abc import Callable, Mapping
from contextvars import Token
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context

from midwatch.sdk import context
from midwatch.sdk.guard import guarded
from midwatch.sdk.logging import LogPipe
from midwatch.sdk.metrics import LABEL_SETS_MAX, Metrics
from midwatch.sdk.propagation import Arrived, extract
from midwatch.sdk.request_lines import COMPLETED, LOGGER, STARTED, RequestLines, Shared
from midwatch.sdk.sse_streams import Stream, Streams

SLOW_SECONDS = 1.0
HEALTH_PATHS = frozenset(("/health", "/healthz", "/ready", "/readyz", "/live", "/livez", "/api/health", "/metrics"))
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"))
_OTHER = "_OTHER"
_SERVER_ERROR = Status(StatusCode.ERROR)


class WebMetrics:
    """`http_request_duration_seconds`, `http_requests_total`, `http_active_connections`."""

    def __init__(self, metrics: Metrics) -> None:
        labels = ("method", "route", "status")
        self._durations = metrics.histogram("http_request_duration_seconds", "Duration of HTTP requests", labels)
        self._requests = metrics.counter("http_requests_total", "HTTP requests answered", labels)
        self.active = metrics.gauge("http_active_connections", "HTTP requests that are being served").labels()
        self.streams = Streams(metrics)
        self._known: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        known = self._known.get((method, route, status))
        if known is None:
            series = {"method": method, "route": route, "status": status}
            known = self._durations.labels(**series), self._requests.labels(**series)
            if len(self._known) < LABEL_SETS_MAX:
                self._known[method, route, status] = known
        known[0].observe(seconds)
        known[1].inc()


@dataclass(slots=True)
class Exchange:
    """One request that is being served."""

    method: str
    path: str
    started: float
    span: Span
    arrived: Arrived
    span_token: Token[otel_context.Context]
    work_token: context.Entered
    shared: Shared | None
    stream: Stream | None = None


class WebServer:
    """Begins and finishes what is told of a request; never raises what the app did not."""

    def __init__(
        self,
        tracer: Tracer,
        logs: LogPipe,
        metrics: WebMetrics,
        *,
        quiet: frozenset[str] = HEALTH_PATHS,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        """Nothing is told of the paths in `quiet`; `clock` tells seconds since whenever."""
        self._tracer = tracer
        self._logs = logs
        self._lines = RequestLines(logs)
        self._metrics = metrics
        self.quiet = quiet
        self._clock = clock

    @guarded
    def begin(self, method: str, path: str, carrier: Mapping[str, str], attributes: dict[str, Any]) -> Exchange:
        """`carrier` has the headers of `propagation.NAMES`; `attributes` are the span's, by the HTTP conventions."""
        shown = method if method in _METHODS else _OTHER
        attributes["http.request.method"] = shown
        attributes["url.path"] = path
        if shown is _OTHER:
            attributes["http.request.method_original"] = method
        arrived = extract(carrier)
        attributes["correlation_id"] = arrived.context.correlation_id
        attributes["request_id"] = arrived.context.request_id
        span = self._tracer.start_span(shown, arrived.parent, SpanKind.SERVER, attributes)
        span_token = otel_context.attach(set_span_in_context(span, arrived.parent))
        work_token = context.enter(arrived.context)
        self._metrics.active.inc()
        shared = self._lines.started(method, path, arrived.context, span) if shown is method else None
        if shared is None:
            self._logs.emit("info", STARTED, {"method": method, "path": path}, logger=LOGGER)
        return Exchange(shown, path, self._clock(), span, arrived, span_token, work_token, shared)

    @guarded
    def stream(self, exchange: Exchange, status: int, route: str) -> None:
        """The head of a stream of events has gone out: the request is told here, and `finish` tells of the stream."""
        self._metrics.active.dec()
        self._metrics.observe(exchange.method, route, status, self._clock() - exchange.started)
        _end_span(exchange, status, route, None)
        exchange.stream = self._metrics.streams.open(self._tracer, exchange.method, route)
        fields = {"method": exchange.method, "path": exchange.path, "route": route, "status": status}
        self._logs.emit("info", "stream opened", fields, logger=LOGGER)

    @guarded
    def finish(
        self, exchange: Exchange, status: int, route: str, error: BaseException | None, *, client_gone: bool = False
    ) -> None:
        """With the last byte. `route` is the template (`/items/{id}`), empty where none matched; `error` is what the
        app raised; `client_gone`: the client left before it had all."""
        if exchange.stream is not None:
            self._finish_stream(exchange, exchange.stream, error, client_gone=client_gone)
            return
        seconds = self._clock() - exchange.started
        self._metrics.active.dec()
        self._metrics.observe(exchange.method, route, status, seconds)
        shared, bound = exchange.shared, exchange.arrived.context.bound
        usual = error is None and status < 500 and seconds < SLOW_SECONDS and not (client_gone or bound)
        if not usual or shared is None or not self._lines.completed(shared, route, status, seconds):
            self._tell_completed(exchange, status, route, seconds, error, client_gone=client_gone)
        _end_span(exchange, status, route, error)

    def _tell_completed(
        self,
        exchange: Exchange,
        status: int,
        route: str,
        seconds: float,
        error: BaseException | None,
        *,
        client_gone: bool,
    ) -> None:
        slow = seconds >= SLOW_SECONDS
        fields = {
            **exchange.arrived.context.bound,
            "method": exchange.method,
            "path": exchange.path,
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 3),
        }
        if slow:
            fields["slow"] = True
        if client_gone:
            fields["client_gone"] = True
        level = "error" if status >= 500 else "warning" if slow else "info"
        self._logs.emit(level, COMPLETED, fields, logger=LOGGER, error=error)

    def _finish_stream(
        self, exchange: Exchange, stream: Stream, error: BaseException | None, *, client_gone: bool
    ) -> None:
        told = self._metrics.streams.close(stream, error, client_gone=client_gone)
        fields = {**exchange.arrived.context.bound, "method": exchange.method, "path": exchange.path}
        fields |= {"route": stream.route, **told}
        self._logs.emit("error" if error else "info", "stream ended", fields, logger=LOGGER, error=error)
        stream.span.end()

    @guarded
    def leave(self, exchange: Exchange, error: BaseException | None = None) -> None:
        """When the app has returned; `error` is of what it still did after the last byte."""
        if error is not None:
            fields = {"method": exchange.method, "path": exchange.path}
            self._logs.emit("error", "failed after the answer", fields, logger=LOGGER, error=error)
        if context.leave(exchange.work_token):
            context.reset(exchange.span_token)


def _end_span(exchange: Exchange, status: int, route: str, error: BaseException | None) -> None:
    span = exchange.span
    if not span.is_recording():
        return
    if route:
        span.update_name(f"{exchange.method} {route}")
        span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        span.set_attribute("error.type", type(error).__qualname__ if error else str(status))
        span.set_status(_SERVER_ERROR)
        if error is not None:
            span.record_exception(error)
    span.end()
