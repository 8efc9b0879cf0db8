"""OTLP/JSON → protobuf, by tables and by round trips."""

import contextlib
import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from midwatch.server.protocols.otlp.json import BadJson, to_message
from midwatch.server.protocols.otlp.messages import KINDS, BadMessage, count_items


def span_of(fields: dict[str, Any]) -> Any:
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [fields]}]}]}).encode()
    encoded = to_message(body, ExportTraceServiceRequest())
    return ExportTraceServiceRequest.FromString(encoded).resource_spans[0].scope_spans[0].spans[0]


@pytest.mark.parametrize(
    ("sent", "field", "value"),
    [
        ({"traceId": "00" * 15 + "ff"}, "trace_id", b"\0" * 15 + b"\xff"),
        ({"trace_id": "AB"}, "trace_id", b"\xab"),
        ({"traceId": "aBc"}, "trace_id", b"aBc"),
        ({"traceId": "0" * 31}, "trace_id", b""),
        ({"parentSpanId": ""}, "parent_span_id", b""),
        ({"parentSpanId": None}, "parent_span_id", b""),
        ({"kind": 3}, "kind", 3),
        ({"kind": "SPAN_KIND_CLIENT"}, "kind", 3),
        ({"startTimeUnixNano": "18446744073709551615"}, "start_time_unix_nano", 2**64 - 1),
        ({"startTimeUnixNano": 5}, "start_time_unix_nano", 5),
        ({"start_time_unix_nano": "5"}, "start_time_unix_nano", 5),
        ({"name": "é", "unheardOf": {"traceId": 5}}, "name", "é"),
        ({"droppedAttributesCount": 7}, "dropped_attributes_count", 7),
    ],
)
def test_values_are_read_as_the_specification_says(sent: dict[str, Any], field: str, value: Any) -> None:
    """Hex ids, both spellings, numbers as text, null as absent, unknown fields ignored."""
    assert getattr(span_of(sent), field) == value


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"traceId": "xyz"}, "resourceSpans[0].scopeSpans[0].spans[0].traceId='xyz'"),
        ({"traceId": "abcg"}, "expected hexadecimal"),
        ({"traceId": 5}, "traceId"),
        ({"startTimeUnixNano": "soon"}, "startTimeUnixNano"),
        ({"startTimeUnixNano": -1}, "startTimeUnixNano"),
        ({"startTimeUnixNano": 2**64}, "startTimeUnixNano"),
        ({"name": 5}, "name"),
        ({"name": "\ud800"}, ""),
        ({"attributes": {"a": 1}}, "attributes"),
        ({"attributes": [5]}, "attributes"),
        ({"attributes": [None]}, "attributes"),
        ({"kind": "SPAN_KIND_OTHER", "status": 5}, "status"),
    ],
)
def test_a_wrong_value_is_named(sent: dict[str, Any], said: str) -> None:
    """The error has the place."""
    with pytest.raises(BadJson) as caught:
        span_of(sent)
    assert said in str(caught.value)
    assert len(str(caught.value)) <= 600


WORDS = """resourceSpans resource scopeSpans spans traceId attributes key value arrayValue kvlistValue values
    stringValue intValue bytesValue kind status events x"""
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(WORDS.split()),
            inner,
            max_size=4,
        )
    ),
    max_leaves=30,
)


@given(value=ANY_JSON)
@settings(max_examples=300, deadline=None)
def test_any_json_is_read_or_refused(value: Any) -> None:
    """Never another exception, and what is read is a message of this kind."""
    try:
        encoded = to_message(json.dumps(value).encode(), ExportTraceServiceRequest())
    except BadJson:
        return
    assert count_items(KINDS[0], encoded) >= 0


@given(body=st.binary(max_size=200), index=st.integers(0, 2))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(body: bytes, index: int) -> None:
    """Never another exception, neither as protobuf nor as JSON."""
    with contextlib.suppress(BadMessage):
        count_items(KINDS[index], body)
    with contextlib.suppress(BadJson):
        to_message(body, KINDS[index].request())


VALUE = st.deferred(
    lambda: st.one_of(
        st.builds(lambda text: {"stringValue": text}, st.text(st.characters(codec="utf-8"), max_size=10)),
        st.builds(lambda number: {"intValue": str(number)}, st.integers(-(2**63), 2**63 - 1)),
        st.builds(lambda flag: {"boolValue": flag}, st.booleans()),
        st.builds(lambda number: {"doubleValue": number}, st.floats(allow_nan=False, allow_infinity=False)),
        st.builds(lambda items: {"arrayValue": {"values": items}}, st.lists(VALUE, max_size=3)),
    )
)


@given(value=VALUE)
@settings(max_examples=200, deadline=None)
def test_what_protobuf_says_in_json_comes_back(value: dict[str, Any]) -> None:
    """A record's body of any type is the same message read by us and by protobuf's own reader."""
    sent = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": value}]}]}]}
    expected = json_format.ParseDict(sent, ExportLogsServiceRequest())
    encoded = to_message(json.dumps(sent).encode(), ExportLogsServiceRequest())
    assert ExportLogsServiceRequest.FromString(encoded) == expected
