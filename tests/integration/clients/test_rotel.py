"""A Collector in between: rotel takes OTLP from the Python SDK and forwards it to our doors."""

import os
import socket
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpanExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from tests.conftest import KEY, Server
from tests.eventually import eventually

START_SECONDS_MAX = 120


@dataclass(frozen=True)
class Collector:
    http_url: str
    grpc_url: str


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    def listens() -> bool:
        assert process.poll() is None, log.read_text()
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", port)) == 0

    eventually(listens, seconds=START_SECONDS_MAX)


@pytest.fixture(params=["http", "grpc"])
def collector(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Iterator[Collector]:
    """rotel forwarding by this protocol, with a key and gzip."""
    found = find_spec("rotel")
    assert found is not None
    assert found.submodule_search_locations
    ports = free_port(), free_port()
    environment = {
        "ROTEL_OTLP_HTTP_ENDPOINT": f"127.0.0.1:{ports[0]}",
        "ROTEL_OTLP_GRPC_ENDPOINT": f"127.0.0.1:{ports[1]}",
        "ROTEL_EXPORTER": "otlp",
        "ROTEL_OTLP_EXPORTER_ENDPOINT": server.otlp_http_url if request.param == "http" else server.otlp_grpc_url,
        "ROTEL_OTLP_EXPORTER_PROTOCOL": request.param,
        "ROTEL_OTLP_EXPORTER_CUSTOM_HEADERS": f"authorization=Bearer {KEY}",
        "ROTEL_OTLP_EXPORTER_COMPRESSION": "gzip",
    }
    log = tmp_path / "rotel.log"
    process = subprocess.Popen(
        [str(Path(found.submodule_search_locations[0]) / "rotel-agent"), "start"],
        env={**os.environ, **environment},
        stdout=log.open("wb"),
        stderr=subprocess.STDOUT,
    )
    try:
        for port in ports:
            wait_for(port, process, log)
        yield Collector(*(f"http://127.0.0.1:{port}" for port in ports))
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_what_a_collector_forwards_arrives(server: Server, collector: Collector, protocol: str) -> None:
    """A span sent to the Collector by either protocol, forwarded by either, is here with its attributes and times."""
    service = f"rotel-{uuid.uuid4().hex[:8]}"
    exporter = (
        HttpSpanExporter(f"{collector.http_url}/v1/traces")
        if protocol == "http"
        else GrpcSpanExporter(collector.grpc_url, insecure=True)
    )
    tracing = TracerProvider(resource=Resource.create({"service.name": service}))
    tracing.add_span_processor(SimpleSpanProcessor(exporter))
    with tracing.get_tracer("tests").start_as_current_span("forwarded") as span:
        span.set_attributes({"n": 1, "tags": ["a"]})
    tracing.shutdown()
    context = span.get_span_context()
    trace_id, span_id = f"{context.trace_id:032x}", f"{context.span_id:016x}"
    with server.api() as api:

        def detail() -> dict[str, object] | None:
            answer = api.get(f"/api/v1/traces/{trace_id}/spans/{span_id}")
            return answer.json() if answer.status_code == 200 else None

        found = eventually(detail)
    assert (found["service"], found["name"], found["attributes"]) == (service, "forwarded", {"n": 1, "tags": ["a"]})
    assert found["duration_ns"] == (span.end_time or 0) - (span.start_time or 0)
