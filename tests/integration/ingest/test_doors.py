"""What senders are answered: encodings, clients, lines, browsers, rates, retries, visibility."""

import asyncio
import gzip
import json
import zlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import grpc
import grpc.aio
import httpx
import pytest
from backports import zstd
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from tests import bodies
from tests.integration.ingest.doorway import Doorway, doorway

from midwatch.server.model.errors import RateLimited
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.frames import scan

PROTOBUF = {"content-type": "application/x-protobuf"}
JSON = {"content-type": "application/json"}


def traces(name: str = "GET /things") -> bytes:
    return bodies.traces("shop", [bodies.span(name=name)]).SerializeToString()


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


async def frames(door: Doorway, kind: SegmentKind) -> bytes:
    """The bytes of the segment being filled."""
    segment = await door.segment(kind)
    content = segment.path.read_bytes()
    assert all(span.intact for span in scan(memoryview(content)))
    return content


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda body: gzip.compress(body[:20]) + gzip.compress(body[20:])),
        ("deflate", zlib.compress),
        ("deflate", bare_deflate),
        ("zstd", zstd.compress),
        ("zstd", lambda body: zstd.compress(body[:20]) + zstd.compress(body[20:])),
        ("identity", bytes),
    ],
)
async def test_every_encoding_arrives_as_it_was(door: Doorway, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    """Also in several members or frames, sent in small pieces; the body lies in the log byte by byte."""
    body = traces()
    packed = pack(body)

    async def pieces():  # type: ignore[no-untyped-def]
        for start in range(0, len(packed), 7):
            yield packed[start : start + 7]

    answer = await door.http.post("/v1/traces", content=pieces(), headers={**PROTOBUF, "content-encoding": encoding})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-protobuf"
    assert ExportTraceServiceResponse.FromString(answer.content) == ExportTraceServiceResponse()
    assert body in await frames(door, SegmentKind.OTLP_TRACES)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer good"},
        {"authorization": "Bearer%20good"},
        {"authorization": "bearer good"},
        {"authorization": "", "x-midwatch-key": "good"},
        {"authorization": "Basic " + b64encode(b"good:").decode()},
        {"authorization": "Basic " + b64encode(b"any:good").decode()},
    ],
)
async def test_a_key_is_taken_in_every_way(door: Doorway, headers: dict[str, str]) -> None:
    """Bearer, Basic as user or password, and our own header."""
    assert (await door.http.post("/v1/traces", content=traces(), headers={**PROTOBUF, **headers})).status_code == 200


async def test_json_is_answered_in_json_and_kept_as_protobuf(door: Doorway) -> None:
    """Hex ids, numbers as text, enums by name or number, both spellings, unknown fields: one protobuf body."""
    sent = {
        "resourceSpans": [
            {
                "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "web"}}]},
                "scope_spans": [
                    {
                        "spans": [
                            {
                                "traceId": "0AF7651916CD43DD8448EB211C80319C",
                                "spanId": "b7ad6b7169203331",
                                "name": "click",
                                "kind": "SPAN_KIND_CLIENT",
                                "startTimeUnixNano": "1700000000000000001",
                                "end_time_unix_nano": 1700000000000000002,
                                "status": {"code": 2},
                                "comesLater": {"x": [1]},
                            }
                        ]
                    }
                ],
            }
        ]
    }
    answer = await door.http.post("/v1/traces", json=sent)
    assert (answer.status_code, answer.json()) == (200, {})
    content = await frames(door, SegmentKind.OTLP_TRACES)
    assert bytes.fromhex("0AF7651916CD43DD8448EB211C80319C") in content
    assert (1700000000000000001).to_bytes(8, "little") in content
    assert (1700000000000000002).to_bytes(8, "little") in content


async def test_an_empty_request_is_a_success_and_leaves_nothing(door: Doorway) -> None:
    """A request without telemetry is answered with success (OTLP), and no frame is written for it."""
    assert (await door.http.post("/v1/traces", json={})).status_code == 200
    assert (await door.http.post("/v1/logs", json={"resourceLogs": []})).status_code == 200
    assert door.log.segments_waiting == 0


async def test_a_wrong_value_in_json_is_named(door: Doorway) -> None:
    """The answer says where it stands and what was expected."""
    spans = [{"resource": {}}, {"scopeSpans": [{"spans": [{"spanId": "b7ad6b7169203331"}, {"traceId": "no hex"}]}]}]
    answer = await door.http.post("/v1/traces", json={"resourceSpans": spans})
    assert "resourceSpans[1].scopeSpans[0].spans[1].traceId='no hex': expected hexadecimal" in answer.json()["message"]
    spans = [{"scopeSpans": [{"spans": [{"startTimeUnixNano": "soon"}]}]}]
    answer = await door.http.post("/v1/traces", json={"resourceSpans": spans})
    assert answer.status_code == 400
    assert "startTimeUnixNano" in answer.json()["message"]


async def test_lines_are_kept_as_they_are(door: Doorway) -> None:
    """JSON lines, text lines, a text line in brackets, and blank ones; the count leaves the blank ones out."""
    lines = b'{"level":30,"time":1700000000000,"msg":"hi"}\n\nplain text\n[info] in brackets\n'
    for body in (lines, lines[::-1].split(b"\n", 1)[1][::-1]):
        answer = await door.http.post("/ingest/ndjson", content=body, headers={"content-type": "text/plain"})
        assert (answer.status_code, answer.json()["accepted"]) in ((200, 3), (200, 2))
    assert lines in await frames(door, SegmentKind.NDJSON_LOGS)


async def test_arrays_become_lines_and_spread_objects_one(door: Doorway) -> None:
    """Vercel's drains send arrays; an object over several lines is one record."""
    answer = await door.http.post("/ingest/ndjson", json=[{"message": "one"}, {"message": "two"}])
    assert answer.json() == {"accepted": 2}
    answer = await door.http.post("/ingest/ndjson", content=json.dumps({"message": "three"}, indent=2), headers=JSON)
    assert answer.json() == {"accepted": 1}
    content = await frames(door, SegmentKind.NDJSON_LOGS)
    assert b'{"message":"one"}\n{"message":"two"}' in content
    assert b'{"message":"three"}' in content


async def test_logpush_and_vercel_are_shown_that_the_address_is_ours(door: Doorway) -> None:
    """Logpush's gzipped test is answered and not kept; Vercel's value comes back in its header."""
    packed = gzip.compress(b'{"content":"tests"}')
    answer = await door.http.post("/ingest/ndjson", content=packed, headers={"content-encoding": "gzip"})
    assert (answer.status_code, answer.json()) == (200, {"accepted": 0})
    assert door.log.segments_waiting == 0
    answer = await door.http.post("/ingest/ndjson?vercel_verify=abc123", json=[{"message": "x"}])
    assert answer.headers["x-vercel-verify"] == "abc123"
    assert (await door.http.get("/ingest/ndjson?vercel_verify=abc123")).headers["x-vercel-verify"] == "abc123"
    assert "x-vercel-verify" not in (await door.http.get("/ingest/ndjson?vercel_verify=a%0Ab")).headers


async def test_browsers_ask_first_and_send_from_their_own_pages(door: Doorway) -> None:
    """A preflight is answered; the key of a page is good from that page, which may read the answer."""
    page = {"origin": "https://shop.example"}
    asked = await door.http.options(
        "/v1/traces", headers={**page, "access-control-request-method": "POST", "access-control-request-headers": "x"}
    )
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == "https://shop.example"
    assert "x-midwatch-key" in asked.headers["access-control-allow-headers"]
    sent = await door.http.post("/v1/traces", json={}, headers={**page, "authorization": "Bearer browser"})
    assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (200, "https://shop.example")
    assert "retry-after" in sent.headers["access-control-expose-headers"], "a page cannot read it otherwise"


async def test_a_refusal_has_details_as_otlp_wants_them(door: Doorway) -> None:
    """`BadRequest` where the data is at fault, `RetryInfo` where it may be sent again, in protobuf and in JSON."""
    damaged = await door.http.post("/v1/traces", content=b"\xff\xff", headers=PROTOBUF)
    status, bad = Status.FromString(damaged.content), BadRequest()
    assert (damaged.status_code, status.code) == (400, 3)
    assert status.details[0].Unpack(bad)
    assert bad.field_violations[0].description == status.message
    body = bodies.traces("shop", [bodies.span() for _ in range(100)]).SerializeToString()
    slow = {"authorization": "Bearer slow"}
    assert (await door.http.post("/v1/traces", content=body, headers={**PROTOBUF, **slow})).status_code == 200
    limited = await door.http.post("/v1/traces", json={}, headers=slow)
    (detail,) = limited.json()["details"]
    assert detail["@type"] == "type.googleapis.com/google.rpc.RetryInfo"
    assert detail["retryDelay"] == f"{limited.headers['retry-after']}s"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("POST", "/", 404), ("POST", "/v1/trace", 404), ("GET", "/v1/logs", 405)]
)
async def test_another_path_says_which_there_are(door: Doorway, method: str, path: str, status: int) -> None:
    """A base address where a signal's was asked for is an everyday mistake; it is answered as OTLP answers."""
    answer = await door.http.request(method, path, content=b"x", headers=PROTOBUF)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/x-protobuf"
    assert "expected POST to one of /v1/traces, /v1/logs, /v1/metrics" in Status.FromString(answer.content).message
    assert answer.headers.get("allow") == (None if status == 404 else "POST")


async def test_a_key_over_its_rate_waits_and_others_do_not(door: Doorway) -> None:
    """429 with Retry-After before the body is read; another key is not concerned."""
    body = bodies.traces("shop", [bodies.span() for _ in range(100)]).SerializeToString()
    slow = {**PROTOBUF, "authorization": "Bearer slow"}
    assert (await door.http.post("/v1/traces", content=body, headers=slow)).status_code == 200
    refused = await door.http.post("/v1/traces", content=traces(), headers=slow)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 10
    assert "10 items a second" in Status.FromString(refused.content).message
    assert door.refused("rate_limited") == 1
    assert (await door.http.post("/v1/traces", content=traces(), headers=PROTOBUF)).status_code == 200


async def test_a_full_log_is_429_and_a_full_disk_503(tmp_path: Path) -> None:
    """Both with Retry-After, both in the request's encoding, both counted."""
    async with doorway(tmp_path / "a", bytes_max=500) as door:
        answers = [await door.http.post("/v1/traces", content=traces(str(n)), headers=PROTOBUF) for n in range(9)]
        assert {answer.status_code for answer in answers} == {200, 429}
        assert "retry-after" in answers[-1].headers
        assert door.refused("wal_full") > 0
    async with doorway(tmp_path / "b", disk_reserve_bytes=1 << 62) as door:
        answer = await door.http.post("/v1/logs", content=json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [{}]}]}]}), headers=JSON)  # noqa: E501  # fmt: skip
        assert (answer.status_code, answer.json()["code"], door.refused("disk_full")) == (503, 14, 1)
        assert answer.headers["retry-after"] == "30"


async def test_a_body_sent_again_is_acknowledged_and_stored_once(door: Doorway) -> None:
    """Per key and kind, also at once; lines without a time of their own are two events."""
    body = traces()
    answers = await asyncio.gather(
        *(door.http.post("/v1/traces", content=body, headers=PROTOBUF) for _ in range(5)),
        door.http.post("/v1/traces", content=body, headers={**PROTOBUF, "authorization": "Bearer other"}),
    )
    assert {answer.status_code for answer in answers} == {200}
    assert (await frames(door, SegmentKind.OTLP_TRACES)).count(body) == 2
    assert door.measure("midwatch_ingest_retries_total") == 4
    for line in (b'{"msg":"no time"}\n', b'{"msg":"a time","time":1700000000000}\n'):
        for _ in range(2):
            await door.http.post("/ingest/ndjson", content=line)
    content = await frames(door, SegmentKind.NDJSON_LOGS)
    assert (content.count(b"no time"), content.count(b"a time")) == (2, 1)


async def test_waiting_for_visibility_ends_with_the_store(door: Doorway) -> None:
    """`?wait=visible` answers when the segment is done and not before."""
    waiting = asyncio.create_task(door.http.post("/v1/traces?wait=visible", content=traces(), headers=PROTOBUF))
    segment = await door.segment(SegmentKind.OTLP_TRACES)
    assert not waiting.done()
    await door.log.done(segment)
    assert (await waiting).status_code == 200


async def test_waiting_for_visibility_is_bounded(tmp_path: Path) -> None:
    """202 says that the data is durable and not visible yet; it is success to OTLP clients, so none sends again."""
    async with doorway(tmp_path, visible_seconds_max=0.05) as door:
        answer = await door.http.post("/v1/traces?wait=visible", content=traces(), headers=PROTOBUF)
        assert answer.status_code == 202
        assert "durable" in ExportTraceServiceResponse.FromString(answer.content).partial_success.error_message
        answer = await door.http.post("/ingest/ndjson?wait=visible", content=b"text")
        assert (answer.status_code, answer.json()["visible"]) == (202, False)


def export(channel: grpc.aio.Channel, signal: str = "trace.v1.TraceService"):  # type: ignore[no-untyped-def]
    return channel.unary_unary(f"/opentelemetry.proto.collector.{signal}/Export")


async def refusal(channel: grpc.aio.Channel, body: bytes, key: str) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await export(channel)(body, metadata=(("authorization", f"Bearer {key}"),))
    return caught.value


async def test_grpc_takes_and_refuses_as_http_does(door: Doorway) -> None:
    """Codes of OTLP, with RetryInfo where the sender shall try again; gzip and 10 MB are taken."""
    key = (("authorization", "Bearer good"),)
    options = [("grpc.max_send_message_length", -1)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{door.grpc_port}", options=options) as channel:
        assert await export(channel)(traces(), metadata=key) == b""
        assert await export(channel)(traces("x" * (10 << 20)), metadata=key, compression=grpc.Compression.Gzip) == b""
        assert await export(channel)(b"", metadata=key) == b""
        assert (await refusal(channel, traces(), "nobody")).code() is grpc.StatusCode.UNAUTHENTICATED
        damaged = await refusal(channel, b"\xff\xff", "good")
        assert damaged.code() is grpc.StatusCode.INVALID_ARGUMENT
        told, bad = dict(damaged.trailing_metadata() or ())["grpc-status-details-bin"], BadRequest()
        assert Status.FromString(told).details[0].Unpack(bad)
        assert (await refusal(channel, traces(), "browser")).code() is grpc.StatusCode.PERMISSION_DENIED
        body = bodies.traces("shop", [bodies.span() for _ in range(100)]).SerializeToString()
        await export(channel)(body, metadata=(("authorization", "Bearer slow"),))
        limited = await refusal(channel, traces(), "slow")
        assert limited.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        details = dict(limited.trailing_metadata() or ())["grpc-status-details-bin"]
        retry = RetryInfo()
        assert Status.FromString(details).details[0].Unpack(retry)
        assert retry.retry_delay.seconds >= 1
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await export(channel)(b"\0" * ((64 << 20) + 1), metadata=key)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "over 64 MiB" in (caught.value.details() or "")
        assert door.refused("body_too_large") == 1


async def test_grpc_waits_for_visibility_by_metadata(door: Doorway) -> None:
    """`x-midwatch-wait: visible`."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{door.grpc_port}") as channel:
        metadata = (("x-midwatch-key", "good"), ("x-midwatch-wait", "visible"))
        waiting = asyncio.ensure_future(export(channel)(traces(), metadata=metadata))
        segment = await door.segment(SegmentKind.OTLP_TRACES)
        assert not waiting.done()
        await door.log.done(segment)
        assert await waiting == b""


async def test_the_official_sdk_sends_over_http_and_grpc(door: Doorway) -> None:
    """OpenTelemetry Python: spans over both transports, compressed over HTTP, with the key as a header."""

    def send() -> list[object]:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
        from opentelemetry.exporter.otlp.proto.http import Compression
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        memory = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(memory))
        with provider.get_tracer("test").start_as_current_span("work"):
            pass
        spans = memory.get_finished_spans()
        headers = {"authorization": "Bearer good"}
        http = HttpSpans(f"{door.url}/v1/traces", headers=headers, compression=Compression.Gzip)
        over_grpc = GrpcSpans(f"http://127.0.0.1:{door.grpc_port}", insecure=True, headers=headers, timeout=10)
        return [http.export(spans), over_grpc.export(spans)]

    results = await asyncio.to_thread(send)
    assert [str(result) for result in results] == ["SpanExportResult.SUCCESS"] * 2
    assert b"work" in await frames(door, SegmentKind.OTLP_TRACES)


async def test_too_many_bodies_at_once_wait_their_turn(door: Doorway) -> None:
    """Over the budget of bodies in memory: 429, and what was read of it is given back."""
    door.ingest._budget._bytes_max = 1000
    answer = await door.http.post("/v1/traces", content=traces("x" * 2000), headers=PROTOBUF)
    assert (answer.status_code, door.refused("too_many_bodies")) == (429, 1)
    assert (await door.http.post("/v1/traces", content=traces(), headers=PROTOBUF)).status_code == 200
    assert door.measure("midwatch_ingest_reading_bytes") == 0


def test_the_rates_error_names_its_wait() -> None:
    """The door's Retry-After is whole seconds, at least one."""
    from midwatch.server.ingest.doors import retry_after

    assert retry_after(RateLimited("slow down", retry_after_seconds=0.2)) == {"retry-after": "1"}
    assert httpx.Headers(retry_after(RateLimited("slow down", retry_after_seconds=2.1)))["retry-after"] == "3"
