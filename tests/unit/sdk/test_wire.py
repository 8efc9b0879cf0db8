"""What the SDK writes is read with the generated classes of opentelemetry-proto."""

import base64
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)

from midwatch.sdk.sampling import sampler_for
from midwatch.sdk.tracing import Span, TracerProvider
from midwatch.sdk.wire.attributes import DEPTH_MAX, any_value
from midwatch.sdk.wire.logs import LogEncoder, LogRecord
from midwatch.sdk.wire.resource import request, resource
from midwatch.sdk.wire.spans import SpanEncoder

VALUES = st.recursive(
    st.one_of(
        st.text(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False),
        st.binary(max_size=20),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=12,
)


class Kept(SpanProcessor):
    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def provider(kept: Kept) -> TracerProvider:
    provider = TracerProvider(resource=Resource({"service.name": "api"}), sampler=sampler_for(1))
    provider.add_span_processor(kept)
    return provider


def read(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [read(one) for one in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: read(pair.value) for pair in value.kvlist_value.values}
    return getattr(value, kind)


def as_sent(spans: list[ReadableSpan], clean: Any = lambda _, value: value) -> list[SpanMessage]:
    body = request(SpanEncoder(clean).resource_spans(resource({"service.name": "api"}), spans))
    sent = ExportTraceServiceRequest.FromString(body).resource_spans[0]
    assert [(one.key, one.value.string_value) for one in sent.resource.attributes] == [("service.name", "api")]
    return [span for scope in sent.scope_spans for span in scope.spans]


@given(VALUES)
def test_a_value_is_read_as_it_was(value: Any) -> None:
    """Whatever is nested in whatever, as JSON below the first level; half surrogate pairs become question marks."""
    sent = AnyValue.FromString(any_value(value))
    members = list(value.values() if isinstance(value, dict) else value if isinstance(value, list) else [])
    if any(isinstance(one, list | dict) for one in members):
        assert json.loads(sent.string_value) == _as_json(value)
    else:
        assert read(sent) == _sendable(value)


def _as_json(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_json(one) for one in value]
    if isinstance(value, dict):
        return {_sendable(key): _as_json(one) for key, one in value.items()}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value) if value in (math.inf, -math.inf) else _sendable(value)


def _sendable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, list):
        return [_sendable(one) for one in value]
    if isinstance(value, dict):
        return {_sendable(key): _sendable(one) for key, one in value.items()}
    return value


class Broken:
    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2**70, str(2**70)),
        (object, "<class 'object'>"),
        (Broken(), "<Broken that has no text>"),
        ((1, "a"), [1, "a"]),
        (None, None),
        (float("inf"), float("inf")),
    ],
)
def test_what_has_no_type_is_sent_as_text(value: Any, expected: Any) -> None:
    assert read(AnyValue.FromString(any_value(value))) == expected


def test_not_a_number_stays_one() -> None:
    assert math.isnan(AnyValue.FromString(any_value(math.nan)).double_value)


def test_a_loop_ends_as_text() -> None:
    """A list that holds itself is cut at the greatest depth."""
    loop: list[Any] = []
    loop.append(loop)
    value = json.loads(AnyValue.FromString(any_value(loop)).string_value)
    for _ in range(DEPTH_MAX):
        (value,) = value
    assert value.startswith("[")


def test_equal_values_of_unlike_types_stay_apart(provider: TracerProvider, kept: Kept) -> None:
    """1, True, 1.0 and "1" under one key, in the cache and out of it."""
    for value in (1, True, 1.0, "1", 1, True, 1.0, "1"):
        provider.get_tracer("t").start_span("s", attributes={"k": value}).end()
    kinds = [span.attributes[0].value.WhichOneof("value") for span in as_sent(kept.spans)]
    assert kinds == ["int_value", "bool_value", "double_value", "string_value"] * 2


def test_a_span_is_whole(provider: TracerProvider, kept: Kept) -> None:
    """Ids, parent, state, flags, kind, times, attributes, events, links, status, scope."""
    state = TraceState([("ot", "th:8")])
    parent = SpanContext(2**127 + 5, 2**63 + 7, True, TraceFlags(1), state)
    linked = SpanContext(3, 4, False, TraceFlags(1))
    tracer = provider.get_tracer("shop", "1.2")
    span = tracer.start_span(
        "GET /items/{id}",
        set_span_in_context(NonRecordingSpan(parent)),
        SpanKind.SERVER,
        {"http.route": "/items/{id}", "ports": [1, 2]},
        [Link(linked, {"why": "retry"})],
        start_time=10,
    )
    span.add_event("cache.miss", {"key": "a"}, 15)
    span.set_status(StatusCode.ERROR, "no such item")
    span.end(20)
    (sent,) = as_sent(kept.spans)
    own = span.get_span_context()
    assert sent.trace_id == parent.trace_id.to_bytes(16, "big")
    assert (sent.span_id, sent.parent_span_id) == (own.span_id.to_bytes(8, "big"), parent.span_id.to_bytes(8, "big"))
    assert (sent.trace_state, sent.flags, sent.kind) == ("ot=th:8", 0x301, SpanMessage.SPAN_KIND_SERVER)
    assert (sent.name, sent.start_time_unix_nano, sent.end_time_unix_nano) == ("GET /items/{id}", 10, 20)
    assert {one.key: read(one.value) for one in sent.attributes} == {"http.route": "/items/{id}", "ports": [1, 2]}
    assert (sent.events[0].name, sent.events[0].time_unix_nano) == ("cache.miss", 15)
    assert (sent.links[0].span_id, sent.links[0].attributes[0].key) == ((4).to_bytes(8, "big"), "why")
    assert (sent.status.code, sent.status.message) == (2, "no such item")


def test_private_values_are_cleaned_on_the_way(provider: TracerProvider, kept: Kept) -> None:
    """In name, attributes, events, links and status: also when the same pair was sent before."""
    linked = SpanContext(3, 4, False)
    for _ in range(2):
        span = provider.get_tracer("t").start_span(
            "call secret", attributes={"a": "secret"}, links=[Link(linked, {"b": "secret"})]
        )
        span.add_event("e", {"c": "secret"})
        span.set_status(StatusCode.ERROR, "secret")
        span.end()
    sent = as_sent(kept.spans, lambda _, value: value.replace("secret", "-") if isinstance(value, str) else value)
    assert len(sent) == 2
    assert b"secret" not in b"".join(one.SerializeToString() for one in sent)


def test_limits_of_a_span_are_counted() -> None:
    kept = Kept()
    provider = TracerProvider(resource=Resource({}), sampler=sampler_for(1))
    provider.add_span_processor(kept)
    span = provider.get_tracer("t").start_span("s", attributes={f"k{n}": n for n in range(200)})
    for n in range(200):
        span.add_event(f"e{n}")
        span.add_link(SpanContext(1, 2, False))
    span.end()
    (sent,) = as_sent(kept.spans)
    assert (len(sent.attributes), sent.dropped_attributes_count) == (128, 72)
    assert (len(sent.events), sent.dropped_events_count) == (128, 72)
    assert (len(sent.links), sent.dropped_links_count) == (128, 72)


def test_what_has_ended_does_not_change(provider: TracerProvider, kept: Kept) -> None:
    span = provider.get_tracer("t").start_span("s")
    span.end(5)
    span.set_attribute("late", 1)
    span.add_event("late")
    span.update_name("late")
    span.set_status(StatusCode.ERROR)
    span.end(9)
    assert len(kept.spans) == 1
    assert isinstance(span, Span)
    assert (span.name, span.end_time, dict(span.attributes), len(span.events)) == ("s", 5, {}, 0)
    assert span.status.status_code is StatusCode.UNSET
    assert "s" in span.to_json()


def test_an_exception_marks_its_span(provider: TracerProvider, kept: Kept) -> None:
    with pytest.raises(KeyError), provider.get_tracer("t").start_as_current_span("s"):
        raise KeyError("gone")
    (sent,) = as_sent(kept.spans)
    said = {one.key: one.value.string_value for one in sent.events[0].attributes}
    assert (said["exception.type"], said["exception.message"]) == ("KeyError", "'gone'")
    assert "raise KeyError" in said["exception.stacktrace"]
    assert sent.status.code == 2


def test_a_record_is_whole() -> None:
    record = LogRecord(12, 17, "error", "it broke", {"n": 1, "who": "u-1"}, 2**127, 2**63, 3, "order.failed")
    body = request(
        LogEncoder().resource_logs(resource({"service.name": "api"}), [record, LogRecord(13, 9, "info", "", {})])
    )
    first, second = ExportLogsServiceRequest.FromString(body).resource_logs[0].scope_logs[0].log_records
    assert (first.time_unix_nano, first.observed_time_unix_nano, first.severity_number) == (12, 12, 17)
    assert (first.severity_text, first.body.string_value, first.event_name) == ("error", "it broke", "order.failed")
    assert (first.trace_id, first.span_id) == ((2**127).to_bytes(16, "big"), (2**63).to_bytes(8, "big"))
    assert (first.flags, len(first.attributes)) == (3, 2)
    assert (second.trace_id, second.body.WhichOneof("value")) == (b"", "string_value")


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5])
def test_a_share_of_the_traces_is_kept_and_said(rate: float) -> None:
    """Whole traces; the share within four standard deviations; tracestate says which."""
    kept, traces = Kept(), 4000
    provider = TracerProvider(resource=Resource({}), sampler=sampler_for(rate))
    provider.add_span_processor(kept)
    tracer = provider.get_tracer("t")
    for _ in range(traces):
        with tracer.start_as_current_span("root"), tracer.start_as_current_span("child"):
            pass
    roots = [span for span in kept.spans if span.name == "root"]
    assert abs(len(roots) - traces * rate) < 4 * math.sqrt(traces * rate * (1 - rate))
    assert len(kept.spans) == 2 * len(roots)
    states = {span.context.trace_state.get("ot", "") for span in kept.spans if span.context}
    (state,) = states
    threshold = int(state.removeprefix("th:").ljust(14, "0"), 16)
    assert 1 - threshold / 2**56 == pytest.approx(rate)
