"""OTLP traces (opentelemetry-proto 1.x `trace.proto`) → `spans_in`."""

from midwatch.server.store.flatten import any_value, attributes, resource, values
from midwatch.server.store.flatten.statement import Flattening
from midwatch.server.store.targets import SPANS


def _messages(pair: str) -> str:
    return f"""
message Status {{ string message=2; int32 code=3; }}
message Event {{ fixed64 time_unix_nano=1; string name=2; repeated LeafKeyValue attributes=3; }}
message Link {{ bytes trace_id=1; bytes span_id=2; string trace_state=3; repeated LeafKeyValue attributes=4; }}
message Span {{ bytes trace_id=1; bytes span_id=2; string trace_state=3; bytes parent_span_id=4; string name=5; int32 kind=6;
  fixed64 start_time_unix_nano=7; fixed64 end_time_unix_nano=8; repeated {pair} attributes=9; repeated Event events=11;
  repeated Link links=13; Status status=15; fixed32 flags=16; }}
message ScopeSpans {{ Scope scope=1; repeated Span spans=2; }}
message ResourceSpans {{ Resource resource=1; repeated ScopeSpans scope_spans=2; }}
message Request {{ repeated ResourceSpans resource_spans=1; }}
"""


def _structure(pairs: str) -> str:
    span = (
        "Tuple(trace_id String, span_id String, trace_state String, parent_span_id String, name String, kind Int32,"
        f" start_time_unix_nano UInt64, end_time_unix_nano UInt64, attributes {pairs},"
        f" events Array(Tuple(time_unix_nano UInt64, name String, attributes {any_value.pairs(0)})),"
        f" links Array(Tuple(trace_id String, span_id String, trace_state String, attributes {any_value.pairs(0)})),"
        " status Tuple(message String, code Int32), flags UInt32)"
    )
    return (
        f"{values.FRAME_COLUMNS}, request Tuple(resource_spans Array(Tuple({any_value.RESOURCE},"
        f" scope_spans Array(Tuple({any_value.SCOPE}, spans Array({span}))))))"
    )


_THRESHOLD = (
    "reinterpretAsUInt64(reverse(unhex(rightPad(extract(s.trace_state, 'ot=[^,]*?th:([0-9a-f]{1,14})'), 14, '0'))))"
)
"""Rejection threshold of OpenTelemetry's probability sampling: 56 bits in `ot=th:…`, trailing zeros left out."""


def _adjustments(*, plain: bool) -> str:
    return values.reasons(
        {
            **attributes.adjustments(
                "s.attributes",
                leaves=("s.events.attributes", "s.links.attributes"),
                names=(values.longer("s.name"),),
                plain=plain,
            ),
            "event_value_nested": f"{attributes.any_nested('s.events.attributes')}"
            f" OR {attributes.any_nested('s.links.attributes')}",
            "status_message_truncated": values.longer("s.status.message", values.ATTRIBUTE_BYTES_MAX),
            "trace_state_truncated": values.longer("s.trace_state", values.TRACE_STATE_BYTES_MAX),
            "time_missing": "s.start_time_unix_nano = 0",
            "time_clamped": f"s.start_time_unix_nano > {values.TIME_NS_MAX}",
            "parent_span_id_invalid": "NOT (length(s.parent_span_id) IN (0, 8))",
        }
    )


_SPANS = f"""
SELECT *, if(s.start_time_unix_nano = 0, received_unix_nano, s.start_time_unix_nano) AS start_ns
FROM (
    SELECT {resource.COLUMNS}, {values.cut("ss.scope.name")} AS ScopeName, {values.cut("ss.scope.version")} AS ScopeVersion,
        arrayJoin(ss.spans) AS s
    FROM ({resource.stage("resource_spans", "arrayJoin(r.scope_spans) AS ss")})
)"""


def _select(*, plain: bool) -> str:
    staged = (attributes.plain_stage if plain else attributes.stage)("s.attributes", _SPANS)
    return f"""
SELECT project AS Project,
    {values.time("start_ns")} AS Timestamp,
    lower(hex(s.trace_id)) AS TraceId, lower(hex(s.span_id)) AS SpanId,
    if(length(s.parent_span_id) = 8, lower(hex(s.parent_span_id)), '') AS ParentSpanId, {values.cut("s.trace_state", values.TRACE_STATE_BYTES_MAX)} AS TraceState,
    {values.cut("toLowCardinality(s.name)")} AS SpanName,
    {values.enum("s.kind", values.SPAN_KINDS)} AS SpanKind,
    ServiceName, Environment, ResourceAttributes, ResourceAttributeTypes, ScopeName, ScopeVersion,
    {attributes.MAP} AS SpanAttributes, {attributes.types("s.attributes")} AS SpanAttributeTypes,
    if(s.end_time_unix_nano > start_ns, s.end_time_unix_nano - start_ns, 0) AS Duration,
    {values.enum("s.status.code", values.STATUS_CODES)} AS StatusCode,
    {values.cut("s.status.message", values.ATTRIBUTE_BYTES_MAX)} AS StatusMessage,
    arrayMap(t -> {values.time("t")}, s.events.time_unix_nano) AS `Events.Timestamp`,
    s.events.name AS `Events.Name`, {attributes.leaf_maps("s.events.attributes")} AS `Events.Attributes`,
    arrayMap(i -> lower(hex(i)), s.links.trace_id) AS `Links.TraceId`,
    arrayMap(i -> lower(hex(i)), s.links.span_id) AS `Links.SpanId`,
    s.links.trace_state AS `Links.TraceState`, {attributes.leaf_maps("s.links.attributes")} AS `Links.Attributes`,
    72057594037927936 / (72057594037927936 - least({_THRESHOLD}, 72057594037927935)) AS Weight, s.flags AS Flags,
    CAST({_adjustments(plain=plain)} AS Array(LowCardinality(String))) AS Adjustments,
    multiIf(length(s.trace_id) != 16 OR s.trace_id = repeat('\\0', 16), 'trace_id_invalid',
        length(s.span_id) != 8 OR s.span_id = repeat('\\0', 8), 'span_id_invalid',
        {values.set_aside("toInt64(least(start_ns, 9223372036000000000))")}) AS SetAside,
    resource_text AS ResourceText,
    {values.COMMON}
FROM ({staged})"""


COLUMNS = (
    *("Project", "Timestamp", "TraceId", "SpanId", "ParentSpanId", "TraceState", "SpanName", "SpanKind", "ServiceName"),
    *("Environment", "ResourceAttributes", "ResourceAttributeTypes", "ScopeName", "ScopeVersion", "SpanAttributes"),
    *("SpanAttributeTypes", "Duration", "StatusCode", "StatusMessage", "Events.Timestamp", "Events.Name"),
    *("Events.Attributes", "Links.TraceId", "Links.SpanId", "Links.TraceState", "Links.Attributes", "Weight", "Flags"),
    *("KeyId", "ReceivedAt", "Adjustments", "Segment", "SegmentRow", "SetAside", "Writer"),
)

PLAIN = Flattening(
    schema=values.frame_schema("Request", _messages(any_value.PLAIN_PAIR)),
    structure=_structure(any_value.plain_pairs()),
    select=_select(plain=True),
    columns=COLUMNS,
    has_resource_text=True,
    staging=SPANS,
)
FLATTENING = Flattening(
    schema=values.frame_schema("Request", _messages(any_value.PAIR)),
    structure=_structure(any_value.pairs()),
    select=_select(plain=False),
    columns=COLUMNS,
    has_resource_text=True,
    staging=SPANS,
    plain=PLAIN,
)
