"""Ids of a wrong length have one outcome, whichever door they came by."""

import json
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests import bodies
from tests.conftest import Server

pytestmark = pytest.mark.thorough

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
Ids = tuple[str, str]
Request = tuple[str, str, bytes]
"""Path, content type and body."""
WRONG: list[tuple[Ids, Ids]] = [
    ((TRACE, SPAN), ("", "")),
    (("", ""), ("", "")),
    (("0" * 32, "0" * 16), ("", "")),
    (("00", "0000"), ("", "")),
    (("0" * 31, "0" * 15), ("", "")),
    (("abcd", SPAN), ("abcd", "")),
    ((TRACE, "abcdef"), ("", "abcdef")),
    ((TRACE[:31], SPAN[:15]), (TRACE[:31], SPAN[:15])),
    ((TRACE[:30], SPAN[:14]), (TRACE[:30], SPAN[:14])),
    ((TRACE + "ab", SPAN + "ab"), (TRACE + "ab", SPAN + "ab")),
    ((TRACE + "a", SPAN + "a"), (TRACE + "a", SPAN + "a")),
    ((TRACE * 2, TRACE), (TRACE * 2, TRACE)),
    ((SPAN, TRACE), (SPAN, TRACE)),
]
"""Ids as digits, and those of them that are wrong: these are kept as attributes, and counted."""


def as_bytes(digits: str) -> bytes:
    """Half a byte cannot be sent; the senders whose ids are of an odd length are those that send the digits."""
    return (
        digits.encode()
        if len(digits) % 2 and digits.strip("0")
        else bytes.fromhex(digits if len(digits) % 2 == 0 else "")
    )


def by_protobuf(service: str, ids: Ids) -> Request:
    record = {"body": "odd", "trace_id": as_bytes(ids[0]), "span_id": as_bytes(ids[1])}
    return "/v1/logs", "application/x-protobuf", bodies.logs(service, [record]).SerializeToString()


def by_json(service: str, ids: Ids) -> Request:
    record = {"body": {"stringValue": "odd"}, "timeUnixNano": "1", "traceId": ids[0], "spanId": ids[1]}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    request = {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": [record]}]}]}
    return "/v1/logs", "application/json", json.dumps(request).encode()


def by_ndjson(service: str, ids: Ids) -> Request:
    line = {"message": "odd", "service": service, "trace_id": ids[0], "span_id": ids[1]}
    return "/ingest/ndjson", "application/x-ndjson", json.dumps(line).encode()


def hits_of(server: Server, signal: str) -> dict[str, tuple[int, str]]:
    """Count and explanation by reason, whichever key it was."""
    with server.api() as api:
        hits: list[dict[str, Any]] = api.get("/api/v1/system/limits").json()["hits"]
    return {hit["reason"]: (hit["count"], hit["explanation"]) for hit in hits if hit["signal"] == signal}


def counted(server: Server, signal: str, before: dict[str, tuple[int, str]]) -> dict[str, int]:
    after = hits_of(server, signal)
    reasons = ("trace_id_invalid", "span_id_invalid")
    return {reason: after.get(reason, (0, ""))[0] - before.get(reason, (0, ""))[0] for reason in reasons}


def send_all(server: Server, requests: Iterable[Request]) -> None:
    """Side by side, since each waits until it is visible."""

    def send(request: Request) -> None:
        path, content_type, body = request
        with server.door(content_type=content_type) as door:
            answer = door.post(path, params={"wait": "visible"}, content=body)
        assert answer.status_code == 200, answer.text

    with ThreadPoolExecutor() as pool:
        list(pool.map(send, requests))


@pytest.mark.parametrize("encode", [by_protobuf, by_json, by_ndjson])
def test_records_with_ids_of_a_wrong_length(server: Server, encode: Callable[[str, Ids], Request]) -> None:
    """Every door: right ids are columns, wrong ones attributes with what was sent, and counted; zeros are none."""
    before = hits_of(server, "logs")
    services = [f"odd-{uuid.uuid4().hex[:8]}" for _ in WRONG]
    send_all(server, (encode(service, sent) for service, (sent, _) in zip(services, WRONG, strict=True)))
    for service, (sent, wrong) in zip(services, WRONG, strict=True):
        with server.api() as api:
            asked = {"query": f"service:{service}", "start": "1970-01-01T00:00:00Z"}
            (row,) = api.get("/api/v1/logs", params=asked).json()["rows"]
        columns = tuple("" if bad or not digits.strip("0") else digits for digits, bad in zip(sent, wrong, strict=True))
        assert (row["trace_id"], row["span_id"]) == columns, sent
        names = ("trace_id", "span_id")
        assert row["attributes"] == {name: bad for name, bad in zip(names, wrong, strict=True) if bad}, sent
        said = [f"{name}_invalid" for name, bad in zip(names, wrong, strict=True) if bad]
        assert [reason for reason in row["adjustments"] if reason.endswith("id_invalid")] == said, sent
    number = [sum(bool(wrong[index]) for _, wrong in WRONG) for index in (0, 1)]
    assert counted(server, "logs", before) == {"trace_id_invalid": number[0], "span_id_invalid": number[1]}
    explanations = hits_of(server, "logs")
    assert "16 bytes" in explanations["trace_id_invalid"][1]
    assert "8 bytes" in explanations["span_id_invalid"][1]


def span_by_protobuf(service: str, ids: Ids) -> Request:
    span = bodies.span(trace_id=as_bytes(ids[0]), span_id=as_bytes(ids[1]))
    return "/v1/traces", "application/x-protobuf", bodies.traces(service, [span]).SerializeToString()


def span_by_json(service: str, ids: Ids) -> Request:
    times = {"startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000000000000001"}
    span = {"traceId": ids[0], "spanId": ids[1], "name": f"span {uuid.uuid4().hex}", **times}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    request = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}
    return "/v1/traces", "application/json", json.dumps(request).encode()


@pytest.mark.parametrize("encode", [span_by_protobuf, span_by_json])
def test_spans_with_ids_of_a_wrong_length(server: Server, encode: Callable[[str, Ids], Request]) -> None:
    """A span without its two ids is no span: it is set aside and counted, by what was wrong first."""
    before, service = hits_of(server, "traces"), f"odd-{uuid.uuid4().hex[:8]}"
    send_all(server, (encode(service, sent) for sent, _ in WRONG))
    with server.api() as api:
        asked = {"query": f"service:{service}", "start": "1970-01-01T00:00:00Z"}
        (only,) = api.get("/api/v1/traces", params=asked).json()["traces"]
    assert (only["trace_id"], only["matched_spans"]) == (TRACE, 1)
    assert counted(server, "traces", before) == {"trace_id_invalid": len(WRONG) - 2, "span_id_invalid": 1}


def test_an_attribute_of_the_name_is_not_replaced(server: Server) -> None:
    """A record that has a `trace_id` among its attributes keeps it, and what was sent as its id beside it."""
    service = f"odd-{uuid.uuid4().hex[:8]}"
    record = {"body": "odd", "trace_id": b"\xab\xcd", "attributes": {"trace_id": "mine", "n": 5}}
    send_all(server, [("/v1/logs", "application/x-protobuf", bodies.logs(service, [record]).SerializeToString())])
    with server.api() as api:
        (row,) = api.get("/api/v1/logs", params={"query": f"service:{service}"}).json()["rows"]
    assert row["attributes"] == {"trace_id": "mine", "n": 5, "midwatch.sent.trace_id": "abcd"}
