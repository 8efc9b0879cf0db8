"""A real HTTP server on loopback that takes OTLP and keeps it, read with the classes of opentelemetry-proto."""

import gzip
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class OtlpSink:
    """What was sent, in the order in which it came."""

    def __init__(self, port: int) -> None:
        self.dsn = f"http://key@127.0.0.1:{port}"
        self.status = 200
        """What is answered; anything but 200 takes nothing."""
        self.check: Callable[[bytes], int] = lambda _: self.status
        """Answers each body; `status` unless a test says otherwise."""
        self.also: dict[str, str] = {}
        """Headers that are answered beside."""
        self.asked_at: list[float] = []
        """`time.monotonic()` of each request, also of those that were not taken."""
        self.bodies: list[tuple[str, bytes]] = []
        self.headers: list[tuple[str, str]] = []
        """Of the newest body that was taken."""

    def of(self, signal: str) -> list[bytes]:
        return [body for path, body in self.bodies if path == f"/v1/{signal}"]

    @property
    def logs(self) -> list[LogRecord]:
        sent = [ExportLogsServiceRequest.FromString(body) for body in self.of("logs")]
        return [one for body in sent for r in body.resource_logs for scope in r.scope_logs for one in scope.log_records]

    @property
    def spans(self) -> list[Span]:
        sent = [ExportTraceServiceRequest.FromString(body) for body in self.of("traces")]
        return [one for body in sent for r in body.resource_spans for scope in r.scope_spans for one in scope.spans]

    @property
    def metrics(self) -> list[Metric]:
        """Of the newest body."""
        sent = [ExportMetricsServiceRequest.FromString(body) for body in self.of("metrics")[-1:]]
        return [
            one for body in sent for r in body.resource_metrics for scope in r.scope_metrics for one in scope.metrics
        ]

    def events(self, name: str) -> list[tuple[LogRecord, dict[str, Any]]]:
        """The records of that event, each with its attributes."""
        return [(one, plain(one.attributes)) for one in self.logs if one.event_name == name]

    def series(self, name: str) -> dict[tuple[tuple[str, str], ...], float]:
        """The newest values of a metric by its labels; of a histogram how often it was measured."""
        found = {}
        for metric in self.metrics:
            if metric.name == name:
                points: Any = getattr(metric, metric.WhichOneof("data")).data_points
                for point in points:
                    labels = tuple(sorted((str(k), str(v)) for k, v in plain(point.attributes).items()))
                    found[labels] = point.as_double if metric.WhichOneof("data") != "histogram" else point.count
        return found


def plain(pairs: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs if isinstance(pair, KeyValue)}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "kvlist_value":
        return plain(value.kvlist_value.values)
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind) if kind else None


@contextmanager
def running_sink(context: ssl.SSLContext | None = None) -> Iterator[OtlpSink]:
    """It speaks TLS where it is given a context."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            sink.asked_at.append(time.monotonic())
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            status = sink.check(body)
            if status == 200:
                sink.bodies.append((self.path, body))
                sink.headers = list(self.headers.items())
            self.send_response(status)
            for name, value in {"Content-Length": "0", **sink.also}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    sink = OtlpSink(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
