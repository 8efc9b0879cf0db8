-- Draft of the tables: column names and types are what queries rely on. Order, codecs, indexes are the store's to choose.
-- All text ids are lower-case hex without dashes. Maps hold values as text; the array beside a map holds the type of each
-- value in map order (0 none, 1 string, 2 bool, 3 int, 4 double, 5 array, 6 map, 7 bytes), so types survive.
-- Arrays and maps as values are JSON text, bytes are base64.

spans:
  Project UInt32, Timestamp DateTime64(9), TraceId String, SpanId String, ParentSpanId String, TraceState String,
  SpanName LowCardinality(String), SpanKind Enum8('unspecified'=0,'internal'=1,'server'=2,'client'=3,'producer'=4,'consumer'=5),
  ServiceName LowCardinality(String), Environment LowCardinality(String),
  ResourceAttributes Map(LowCardinality(String), String), ResourceAttributeTypes Array(UInt8),
  ScopeName LowCardinality(String), ScopeVersion LowCardinality(String),
  SpanAttributes Map(LowCardinality(String), String), SpanAttributeTypes Array(UInt8),
  Duration UInt64 (ns), StatusCode Enum8('unset'=0,'ok'=1,'error'=2), StatusMessage String,
  Events Nested(Timestamp DateTime64(9), Name LowCardinality(String), Attributes Map(LowCardinality(String), String)),
  Links Nested(TraceId String, SpanId String, TraceState String, Attributes Map(LowCardinality(String), String)),
  Weight Float64, Flags UInt32, KeyId LowCardinality(String), ReceivedAt DateTime64(3),
  Adjustments Array(LowCardinality(String)), Segment (16 bytes id), SegmentRow UInt32

logs:
  Project, Timestamp DateTime64(9), ObservedTimestamp DateTime64(9), TraceId, SpanId, TraceFlags UInt8,
  SeverityText LowCardinality(String), SeverityNumber UInt8,
  Level Enum8('unknown'=0,'trace'=1,'debug'=2,'info'=3,'warn'=4,'error'=5,'fatal'=6),
  ServiceName, Environment, Body String, BodyType UInt8, EventName LowCardinality(String),
  ResourceAttributes, ResourceAttributeTypes, ScopeName, ScopeVersion, LogAttributes, LogAttributeTypes,
  KeyId, ReceivedAt, Adjustments, Segment, SegmentRow
  (id of a row in the API: segment hex "-" row number; Segment+SegmentRow break ties of Timestamp in cursors)

metric_points: every OTLP point whole (queried from issue 4 on)
  Project, Timestamp, StartTimestamp, MetricName, MetricType Enum8, Description, Unit, ServiceName, Environment, ResourceAttributes(+Types), ScopeName,
  ScopeVersion, Attributes(+Types), Value Float64, ValueInt Int64, IsInt Bool, Temporality, IsMonotonic, Count, Sum, Min, Max, BucketCounts, ExplicitBounds,
  Scale, ZeroCount, ZeroThreshold, PositiveOffset, PositiveBucketCounts, NegativeOffset, NegativeBucketCounts, Quantiles Nested, Exemplars Nested,
  Flags, KeyId, ReceivedAt, Adjustments, Segment, SegmentRow

set_aside: items that could not be kept where they belong (too old, too far ahead, …): Project, KeyId, Signal, Reason, ItemTime,
  ReceivedAt, ServiceName, Item String (JSON text), Segment, SegmentRow; short TTL
limits_hit: Project, KeyId, Signal, Reason, Minute, Count (summing)

service_red: roll-up of entry spans (server, consumer, or root) and of client/producer spans, by minute:
  Project, Environment, ServiceName, SpanName, SpanKind, IsEntry Bool, Minute DateTime, Count SimpleAggregateFunction(sum, Float64) weighted,
  Errors weighted, DurationSum weighted ns, Duration AggregateFunction(quantilesTDigestWeighted or TimingWeighted …, Float64/32, weight)
log_volume: Project, Environment, ServiceName, Level, Minute, Count
trace_index: Project, TraceId, Start SimpleAggregateFunction(min), End SimpleAggregateFunction(max) → time range of a trace
service_edges: Project, Environment, Source, Target, TargetType, Minute, Count, Errors, Duration state: client spans by peer (server.address,
  db.system.name, messaging.system, peer.service …). Parent/child edges between services are found by the query from spans or by a roll-up; decide by measurement.
