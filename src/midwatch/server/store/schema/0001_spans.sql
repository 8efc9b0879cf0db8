-- Spans, with the OpenTelemetry ClickHouse exporter's column names where it has them. Maps hold values as text; the array
-- beside a map holds the type of each value in map order (0 none, 1 string, 2 bool, 3 int, 4 double, 5 array, 6 map, 7 bytes).

CREATE TABLE IF NOT EXISTS spans
(
    Project UInt32 CODEC(ZSTD(1)),
    Timestamp DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ParentSpanId String CODEC(ZSTD(1)),
    TraceState String CODEC(ZSTD(1)),
    SpanName LowCardinality(String) CODEC(ZSTD(1)),
    SpanKind Enum8('unspecified' = 0, 'internal' = 1, 'server' = 2, 'client' = 3, 'producer' = 4, 'consumer' = 5) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Environment LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceAttributeTypes Array(UInt8) CODEC(ZSTD(1)),
    ScopeName LowCardinality(String) CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
    SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    SpanAttributeTypes Array(UInt8) CODEC(ZSTD(1)),
    Duration UInt64 CODEC(ZSTD(1)),
    StatusCode Enum8('unset' = 0, 'ok' = 1, 'error' = 2) CODEC(ZSTD(1)),
    StatusMessage String CODEC(ZSTD(1)),
    `Events.Timestamp` Array(DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    `Events.Name` Array(LowCardinality(String)) CODEC(ZSTD(1)),
    `Events.Attributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `Links.TraceId` Array(String) CODEC(ZSTD(1)),
    `Links.SpanId` Array(String) CODEC(ZSTD(1)),
    `Links.TraceState` Array(String) CODEC(ZSTD(1)),
    `Links.Attributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    Weight Float64 CODEC(ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    KeyId LowCardinality(String) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    Adjustments Array(LowCardinality(String)) CODEC(ZSTD(1)),
    Segment FixedString(16) CODEC(ZSTD(1)),
    SegmentRow UInt32 CODEC(Delta, ZSTD(1)),
    INDEX segment Segment TYPE minmax GRANULARITY 4,
    INDEX trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX attribute_values mapValues(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX duration Duration TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(Timestamp)
ORDER BY (Project, ServiceName, toStartOfInterval(Timestamp, INTERVAL 5 MINUTE), TraceId, Timestamp)
SETTINGS ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS spans_in AS spans ENGINE = Null;
ALTER TABLE spans_in ADD COLUMN IF NOT EXISTS SetAside LowCardinality(String), ADD COLUMN IF NOT EXISTS Writer LowCardinality(String);

-- Where a trace lies in time, so that reading it by id touches few parts.
CREATE TABLE IF NOT EXISTS trace_index
(
    Project UInt32 CODEC(ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    Start SimpleAggregateFunction(min, DateTime64(9, 'UTC')) CODEC(Delta, ZSTD(1)),
    End SimpleAggregateFunction(max, DateTime64(9, 'UTC')) CODEC(Delta, ZSTD(1)),
    Day UInt32 CODEC(ZSTD(1)),
    Writer LowCardinality(String) CODEC(ZSTD(1)),
    LastSegment SimpleAggregateFunction(max, FixedString(16)) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY Day
ORDER BY (Project, TraceId, Writer)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Rate, errors, duration by minute, weighted for sampling. Duration is in milliseconds.
CREATE TABLE IF NOT EXISTS service_red
(
    Project UInt32 CODEC(ZSTD(1)),
    Environment LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    SpanName LowCardinality(String) CODEC(ZSTD(1)),
    SpanKind Enum8('unspecified' = 0, 'internal' = 1, 'server' = 2, 'client' = 3, 'producer' = 4, 'consumer' = 5) CODEC(ZSTD(1)),
    IsEntry Bool CODEC(ZSTD(1)),
    Minute DateTime64(0, 'UTC') CODEC(Delta, ZSTD(1)),
    Writer LowCardinality(String) CODEC(ZSTD(1)),
    LastSegment SimpleAggregateFunction(max, FixedString(16)) CODEC(ZSTD(1)),
    Count SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(1)),
    Errors SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(1)),
    DurationSum SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(1)),
    Durations AggregateFunction(quantilesTDigestWeighted(0.5, 0.95, 0.99), Float32, UInt32) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMMDD(Minute)
ORDER BY (Project, ServiceName, Environment, Minute, SpanName, SpanKind, IsEntry, Writer)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
