"""Bad input, nothing else harmed: each is a clear 4xx and a counter while a good sender next to it goes on."""

# ruff: noqa: E501 - a table reads by its columns

import asyncio
import gzip
import json
import os
import tracemalloc
import zlib

import httpx
import pytest
from backports import zstd
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from tests.eventually import becomes_true
from tests.integration.ingest.doorway import Doorway

from midwatch.server.model.signal import SegmentKind

PROTOBUF = {"content-type": "application/x-protobuf"}
JSON = {"content-type": "application/json"}
LIMIT = 64 << 20


def traces(name: str = "GET /", spans: int = 1) -> bytes:
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for _ in range(spans):
        scope.spans.add(name=name, trace_id=os.urandom(16), span_id=os.urandom(8), start_time_unix_nano=10**18)
    return request.SerializeToString()


def logs() -> bytes:
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=10**18)
    record.body.string_value = "hello"
    return request.SerializeToString()


def metrics() -> bytes:
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="requests", unit="1")
    metric.sum.data_points.add(time_unix_nano=10**18, as_int=5)
    return request.SerializeToString()


def deep_value(levels: int) -> bytes:
    value = AnyValue(string_value="bottom").SerializeToString()
    for _ in range(levels):
        # An array value of one element, by hand: the official classes refuse to nest so deeply.
        inner = b"\x0a" + varint(len(value)) + value
        value = b"\x2a" + varint(len(inner)) + inner
    for tag in (b"\x12", b"\x0a", b"\x0a", b"\x0a"):
        value = tag + varint(len(value)) + value
    return value


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def bad_utf8() -> bytes:
    return traces("marker").replace(b"marker", b"mark\xff\xfe")


BOMB = gzip.compress(b"\0" * (LIMIT + 1))
TABLE = [
    ("truncated gzip", "/v1/traces", {**PROTOBUF, "content-encoding": "gzip"}, gzip.compress(traces())[:-9], 400, "bad_encoding"),
    ("no gzip", "/v1/traces", {**PROTOBUF, "content-encoding": "gzip"}, traces(), 400, "bad_encoding"),
    ("no zstd", "/v1/traces", {**PROTOBUF, "content-encoding": "zstd"}, traces(), 400, "bad_encoding"),
    ("truncated zstd", "/v1/traces", {**PROTOBUF, "content-encoding": "zstd"}, zstd.compress(traces())[:-3], 400, "bad_encoding"),
    ("no deflate", "/v1/logs", {**PROTOBUF, "content-encoding": "deflate"}, b"\xff" * 50, 400, "bad_encoding"),
    ("unknown encoding", "/v1/traces", {**PROTOBUF, "content-encoding": "compress"}, traces(), 415, "unsupported_media_type"),
    ("gzip bomb", "/v1/traces", {**PROTOBUF, "content-encoding": "gzip"}, BOMB, 413, "body_too_large"),
    ("zstd bomb", "/v1/logs", {**PROTOBUF, "content-encoding": "zstd"}, zstd.compress(b"\0" * (LIMIT + 1)), 413, "body_too_large"),
    ("bomb of lines", "/ingest/ndjson", {"content-encoding": "gzip"}, BOMB, 413, "body_too_large"),
    ("wrong type", "/v1/traces", {"content-type": "text/html"}, traces(), 415, "unsupported_media_type"),
    ("no type", "/v1/traces", {}, traces(), 415, "unsupported_media_type"),
    ("form", "/ingest/ndjson", {"content-type": "multipart/form-data"}, b"{}", 415, "unsupported_media_type"),
    ("random bytes", "/v1/traces", PROTOBUF, b"\xde\xad\xbe\xef" * 100, 400, "bad_body"),
    ("random bytes for logs", "/v1/logs", PROTOBUF, bytes(range(256)), 400, "bad_body"),
    ("logs as traces", "/v1/traces", PROTOBUF, logs(), 400, "bad_body"),
    ("metrics as traces", "/v1/traces", PROTOBUF, metrics(), 400, "bad_body"),
    ("traces as logs", "/v1/logs", PROTOBUF, traces(), 400, "bad_body"),
    ("metrics as logs", "/v1/logs", PROTOBUF, metrics(), 400, "bad_body"),
    ("logs as metrics", "/v1/metrics", PROTOBUF, logs(), 400, "bad_body"),
    ("traces as metrics", "/v1/metrics", PROTOBUF, traces(), 400, "bad_body"),
    ("another message", "/v1/traces", PROTOBUF, Status(code=3, message="x").SerializeToString(), 400, "bad_body"),
    ("JSON as protobuf", "/v1/traces", PROTOBUF, b'{"resourceSpans": []}', 400, "bad_body"),
    ("protobuf as JSON", "/v1/traces", JSON, traces(), 400, "bad_body"),
    ("invalid UTF-8", "/v1/traces", PROTOBUF, bad_utf8(), 400, "bad_body"),
    ("invalid UTF-8 in JSON", "/v1/traces", JSON, b'{"x": "\xff"}', 400, "bad_body"),
    ("invalid UTF-8 in lines", "/ingest/ndjson", {}, b'{"message": "\xff"}\n', 400, "bad_body"),
    ("empty protobuf", "/v1/traces", PROTOBUF, b"", 400, "empty_body"),
    ("empty JSON", "/v1/logs", JSON, b"", 400, "empty_body"),
    ("empty lines", "/ingest/ndjson", {}, b"", 400, "empty_body"),
    ("blank lines", "/ingest/ndjson", {}, b"\n \n", 400, "bad_body"),
    ("deep AnyValue", "/v1/traces", PROTOBUF, deep_value(200), 400, "bad_body"),
    ("very deep AnyValue", "/v1/metrics", PROTOBUF, deep_value(20_000), 400, "bad_body"),
    ("deep JSON", "/v1/traces", JSON, b'{"a":' * 200 + b"1" + b"}" * 200, 400, "bad_body"),
    ("very deep JSON", "/v1/traces", JSON, b"[" * 100_000, 400, "bad_body"),
    ("deep array of lines", "/ingest/ndjson", JSON, b"[" * 10_000, 400, "bad_body"),
    ("JSON list", "/v1/traces", JSON, b"[]", 400, "bad_body"),
    ("bad id", "/v1/traces", JSON, json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]}).encode(), 400, "bad_body"),
    ("bad type in JSON", "/v1/traces", JSON, b'{"resourceSpans": {"scopeSpans": 5}}', 400, "bad_body"),
    ("over the limit", "/v1/traces", PROTOBUF, b"\0" * (LIMIT + 1), 413, "body_too_large"),
    ("wrong key", "/v1/traces", {**PROTOBUF, "authorization": "Bearer nobody"}, traces(), 401, "unauthorized"),
    ("very long key", "/v1/traces", {**PROTOBUF, "authorization": "Bearer " + "x" * 5000}, traces(), 401, "unauthorized"),
    ("API token", "/v1/traces", {**PROTOBUF, "authorization": "Bearer mwt_reads"}, traces(), 401, "unauthorized"),
    ("no key", "/ingest/ndjson", {"authorization": ""}, b"{}", 401, "unauthorized"),
    ("bad basic", "/v1/logs", {**PROTOBUF, "authorization": "Basic ???"}, logs(), 401, "unauthorized"),
    ("browser key without a page", "/v1/logs", {**PROTOBUF, "authorization": "Bearer browser"}, logs(), 403, "origin_not_allowed"),
    ("page not on the list", "/v1/traces", {**PROTOBUF, "authorization": "Bearer browser", "origin": "https://evil.example"}, traces(), 403, "origin_not_allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "headers", "body", "status", "reason"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])  # fmt: skip
async def test_bad_input_is_a_clear_4xx_and_a_counter(
    door: Doorway, path: str, headers: dict[str, str], body: bytes, status: int, reason: str
) -> None:
    """Its status, a message, its reason counted, nothing of it in the log; a good body next to it is taken."""
    answer, good = await asyncio.gather(
        door.http.post(path, content=body, headers=headers),
        door.http.post("/v1/traces", content=traces(), headers=PROTOBUF),
    )
    assert answer.status_code == status, answer.text
    assert door.refused(reason) == 1, door.ingest.refused
    assert good.status_code == 200
    assert door.measure("midwatch_ingest_bodies_total") == 1
    assert door.measure("midwatch_ingest_reading_bytes") == 0
    if path != "/ingest/ndjson":
        if headers.get("content-type") == "application/json":
            assert answer.json()["message"]
        else:
            assert Status.FromString(answer.content).message
    else:
        assert answer.json()["code"]


async def test_a_good_sender_is_undisturbed_by_a_crowd_of_bad_ones(door: Doorway) -> None:
    """While every bad body of the table is sent twice, sixty good ones are all acknowledged, none slower than 2 s."""

    async def good() -> float:
        slowest = 0.0
        for _ in range(60):
            began = asyncio.get_running_loop().time()
            answer = await door.http.post(
                "/v1/traces", content=traces(spans=50), headers={**PROTOBUF, "authorization": "Bearer other"}
            )
            assert answer.status_code == 200, answer.text
            slowest = max(slowest, asyncio.get_running_loop().time() - began)
        return slowest

    async def bad() -> None:
        for _, path, headers, body, status, _ in TABLE * 2:
            answer = await door.http.post(path, content=body, headers=headers)
            assert answer.status_code == status

    slowest, _ = await asyncio.gather(good(), bad())
    assert door.measure("midwatch_ingest_bodies_total") == 60
    assert slowest < 2.0


async def test_bombs_cost_bounded_memory(door: Doorway) -> None:
    """Bombs of a gigabyte are given up at the limit: a few copies of 64 MiB at the most, none afterwards."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\0" * (1 << 24)) for _ in range(64)) + packer.flush()
    tracemalloc.start()
    answer = await door.http.post("/v1/traces", content=bomb, headers={**PROTOBUF, "content-encoding": "gzip"})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 413
    assert peak < 3 * LIMIT


async def test_a_sender_that_goes_away_in_the_middle_harms_nobody(door: Doorway) -> None:
    """Half a body and a closed connection: counted, nothing kept, the next one is served."""
    _, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(door.url).port)
    writer.write(
        b"POST /v1/traces HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\n"
        b"content-type: application/x-protobuf\r\ncontent-length: 1000\r\n\r\nhalf"
    )
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await door.http.post("/v1/traces", content=traces(), headers=PROTOBUF)).status_code == 200
    await becomes_true(lambda: door.refused("sender_gone"))
    assert door.measure("midwatch_ingest_reading_bytes") == 0


@pytest.mark.parametrize("size", [10 << 20, LIMIT - 4096])
async def test_large_bodies_are_taken_and_do_not_hold_up_small_ones(door: Doorway, size: int) -> None:
    """One value of 10 MB, and a body just under the limit, are whole in the log; small ones pass meanwhile."""
    large = traces("x" * size)
    sending = asyncio.create_task(door.http.post("/v1/traces", content=large, headers=PROTOBUF))
    while not sending.done():
        assert (await door.http.post("/v1/logs", content=logs(), headers=PROTOBUF)).status_code == 200
    assert (await sending).status_code == 200
    segment = await door.segment(SegmentKind.OTLP_TRACES)
    assert segment.size_bytes > size


async def test_a_bad_large_body_is_refused_like_a_small_one(door: Doorway) -> None:
    """The checking process's refusal is the same 400."""
    answer = await door.http.post("/v1/traces", content=b"\xff" * (2 << 20), headers=PROTOBUF)
    assert (answer.status_code, door.refused("bad_body")) == (400, 1)
    broken = b'{"resourceSpans": [' + b" " * (1 << 20)
    answer = await door.http.post("/v1/traces", content=broken, headers=JSON)
    assert (answer.status_code, door.refused("bad_body")) == (400, 2)
