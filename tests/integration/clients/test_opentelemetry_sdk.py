"""The official OpenTelemetry Python SDK sends, over HTTP and gRPC; what it sent is found."""

import logging
import uuid
from collections.abc import Iterator

import pytest
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpanExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpanExporter
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Tracer
from tests.conftest import KEY, Server
from tests.eventually import eventually


@pytest.fixture(params=["http", "grpc"])
def exporters(request: pytest.FixtureRequest, server: Server) -> Iterator[tuple[SpanExporter, LogRecordExporter]]:
    headers = {"authorization": f"Bearer {KEY}"}
    if request.param == "http":
        yield (
            HttpSpanExporter(f"{server.otlp_http_url}/v1/traces", headers=headers, compression=Compression.Gzip),
            HttpLogExporter(f"{server.otlp_http_url}/v1/logs", headers=headers),
        )
    else:
        grpc_headers = tuple(headers.items())
        yield (
            GrpcSpanExporter(server.otlp_grpc_url, insecure=True, headers=grpc_headers),
            GrpcLogExporter(server.otlp_grpc_url, insecure=True, headers=grpc_headers),
        )


def boot_and_fail(tracer: Tracer) -> None:
    with tracer.start_as_current_span("boot") as child:
        child.set_attributes({"attempt": 2, "warm": False, "ratio": 0.5, "tags": ["a", "b"]})
        raise ValueError("no room left")


def test_spans_and_logs_of_the_sdk_are_found(server: Server, exporters: tuple[SpanExporter, LogRecordExporter]) -> None:
    """A span tree with an exception, and the log line inside of it, arrive with their types and belong together."""
    service = f"sdk-{uuid.uuid4().hex[:8]}"
    resource = Resource.create({"service.name": service, "deployment.environment.name": "staging"})
    tracing = TracerProvider(resource=resource)
    tracing.add_span_processor(BatchSpanProcessor(exporters[0]))
    logs = LoggerProvider(resource=resource)
    logs.add_log_record_processor(BatchLogRecordProcessor(exporters[1]))
    logger = logging.getLogger(service)
    logger.addHandler(LoggingHandler(logger_provider=logs))
    tracer = tracing.get_tracer("tests")
    with tracer.start_as_current_span("create session") as parent:
        with pytest.raises(ValueError, match="no room"):
            boot_and_fail(tracer)
        logger.error("session failed", extra={"session.id": "s-1"})
        trace_id = f"{parent.get_span_context().trace_id:032x}"
    tracing.shutdown()
    logs.shutdown()

    with server.api() as api:

        def whole() -> dict[str, object] | None:
            answer = api.get(f"/api/v1/traces/{trace_id}")
            return answer.json() if answer.status_code == 200 else None

        trace = eventually(whole)
        assert {span["name"] for span in trace["spans"]} == {"create session", "boot"}
        assert trace["environment"] == "staging"
        assert trace["missing_parents"] == []
        boot = next(span for span in trace["spans"] if span["name"] == "boot")
        assert boot["status"] == "error"
        assert boot["has_exception"]
        detail = api.get(f"/api/v1/traces/{trace_id}/spans/{boot['span_id']}").json()
        sent = {"attempt": 2, "warm": False, "ratio": 0.5, "tags": ["a", "b"]}
        assert {key: detail["attributes"][key] for key in sent} == sent
        assert detail["events"][0]["attributes"]["exception.type"] == "ValueError"
        lines = eventually(lambda: api.get("/api/v1/logs", params={"query": f"trace_id:{trace_id}"}).json()["rows"])
        assert lines[0]["body"] == "session failed"
        assert lines[0]["level"] == "error"
        assert lines[0]["attributes"]["session.id"] == "s-1"
