"""What was odd about an item is said on the item and in Settings → limits hit."""

import json
import uuid
from typing import Any

import pytest
from tests import bodies
from tests.conftest import Server


def sent_by(kind: str, service: str) -> tuple[str, str, bytes]:
    if kind == "ndjson":
        line = {"message": "odd", "service": service, "trace_id": "req-17", "span_id": "ab"}
        return "/ingest/ndjson", "application/x-ndjson", json.dumps(line).encode()
    request = bodies.logs(service, [{"body": "odd", "trace_id": b"\x01" * 4, "span_id": b"\x02" * 9}])
    return "/v1/logs", "application/x-protobuf", request.SerializeToString()


@pytest.mark.parametrize(("kind", "kept"), [("otlp", "01010101"), ("ndjson", "req-17")])
def test_ids_of_a_wrong_length_are_kept_counted_and_explained(server: Server, kind: str, kept: str) -> None:
    """The record is there with what was sent, names both reasons, and each is a line with a sentence."""
    service = f"odd-{uuid.uuid4().hex[:8]}"
    path, content_type, body = sent_by(kind, service)
    with server.door(content_type=content_type) as door:
        assert door.post(path, params={"wait": "visible"}, content=body).status_code == 200
    with server.api() as api:
        (row,) = api.get("/api/v1/logs", params={"query": f"service:{service}"}).json()["rows"]
        hits: list[dict[str, Any]] = api.get("/api/v1/system/limits").json()["hits"]
    assert {"trace_id_invalid", "span_id_invalid"} <= set(row["adjustments"])
    assert kept in (row["trace_id"], row["attributes"].get("trace_id"))
    said = {hit["reason"]: hit["explanation"] for hit in hits if hit["signal"] == "logs"}
    assert "16 bytes" in said["trace_id_invalid"]
    assert "8 bytes" in said["span_id_invalid"]
