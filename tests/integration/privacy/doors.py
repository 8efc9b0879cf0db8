"""The other ways in: gRPC, DogStatsD, domain events over HTTP and from a team's table, bodies that no store reads."""

import json
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import psycopg
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from midwatch.contract.event_table import POSTGRESQL, ddl
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.frames import FrameHeader, encode_frame
from tests import bodies
from tests.conftest import KEY, Server
from tests.integration.privacy.canaries import Canaries

VISIBLE = {"wait": "visible"}
TOLD = "order:42"
"""An entity by whose plain name its story is asked for."""
POISONED = (SegmentKind.OTLP_TRACES, SegmentKind.OTLP_LOGS, SegmentKind.OTLP_METRICS, SegmentKind.LOKI_LOGS)


def over_grpc(server: Server, canaries: Canaries) -> None:
    at = canaries.text
    span = bodies.span(name=at("gRPC span"), attributes={"note": at("gRPC value"), "token": canaries.secret("gRPC")})
    records = [{"body": at("gRPC body"), "attributes": {"note": at("gRPC attribute")}}]
    gauge = bodies.gauge(at("gRPC service"), "grpc_gauge", 1.0)
    gauge.resource_metrics[0].scope_metrics[0].metrics[0].description = at("gRPC description")
    metadata = (("authorization", f"Bearer {KEY}"),)
    with grpc.insecure_channel(urlsplit(server.otlp_grpc_url).netloc) as channel:
        for stub, request in (
            (TraceServiceStub, bodies.traces("grpc", [span])),
            (LogsServiceStub, bodies.logs("grpc", records)),
            (MetricsServiceStub, gauge),
        ):
            stub(channel).Export(request, metadata=metadata)


def over_statsd(server: Server, canaries: Canaries) -> None:
    """A tag ends at a comma, which no canary has; an event's text says how long it is."""
    one = canaries.email
    title, text, message = one("DogStatsD title"), canaries.text("DogStatsD event"), canaries.text("DogStatsD check")
    tags = f"who:{one('DogStatsD tag')},{one('DogStatsD tag alone')},password:{canaries.secret('DogStatsD')}"
    lines = [
        f"statsd_total:1|c|#{tags}",
        f"statsd_ms:3|h|#note:{one('DogStatsD histogram')}",
        f"_e{{{len(title)},{len(text)}}}:{title}|{text}|h:{one('DogStatsD host')}|#who:{one('DogStatsD event tag')}",
        f"_sc|check|1|h:{one('DogStatsD check host')}|#who:{one('DogStatsD check tag')}|m:{message}",
    ]
    place = urlsplit(server.statsd_url)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        for line in lines:
            door.sendto(line.encode(), (str(place.hostname), int(place.port or 0)))


def domain_events(server: Server, canaries: Canaries) -> None:
    at = canaries.text
    objects = {
        name: {"note": at(f"{name} value"), "password": canaries.secret(name), "deep": {"list": [at(f"{name} list")]}}
        for name in ("before", "after", "metadata")
    }
    event = {"id": canaries.email("event id"), "type": canaries.email("event type"), **objects}
    event |= {"entity": {"type": "person", "id": canaries.email("entity")}, "actor": f"user:{canaries.email('actor')}"}
    event |= {
        "from": canaries.email("state from"),
        "to": canaries.email("state to"),
        "service": canaries.email("events"),
    }
    event |= {"correlation_id": canaries.email("correlation"), "environment": canaries.email("events environment")}
    told = {"id": "told", "type": f"paid by {canaries.email('told')}", "entity": TOLD}
    with server.door(content_type="application/json") as door:
        answer = door.post("/ingest/events", params=VISIBLE, json=[event, told])
    assert answer.json().get("accepted") == 2, answer.text


def make_outbox(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(ddl(POSTGRESQL))
        connection.execute(
            "CREATE TABLE entries (id text, action text, at timestamptz DEFAULT now(), who text, load jsonb)"
        )


SOURCES = """event_sources:
  - name: app
    url_file: app-url
    table: entries
    every: 1s
    overlap: 1s
    columns: {position: at, id: id, type: action, time: at, actor_id: who, metadata: load}
"""


def polled(url: str, canaries: Canaries) -> None:
    load = json.dumps({"note": canaries.text("polled"), "deep": {"token": canaries.secret("polled")}})
    row = (canaries.email("polled id"), canaries.email("polled type"), canaries.email("polled actor"), load)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO entries (id, action, who, load) VALUES (%s, %s, %s, %s)", row)


def poison(data: Path, canaries: Canaries) -> None:
    """Segments, as an earlier run left them, of bodies that cannot be read."""
    for number, kind in enumerate(POISONED):
        body = b"\x0a\xff\xff\xff\xff\x0f " + canaries.text(f"poison {kind}").encode()
        frames = b"".join(bytes(one) for one in encode_frame(kind, FrameHeader(1, "k1", "", time.time_ns(), b""), body))
        (data / "wal" / f"{time.time_ns() // 10**6:012x}{number:020x}.{kind}.wal").write_bytes(frames)
