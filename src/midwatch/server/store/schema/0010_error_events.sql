-- Errors, each as one row whoever told of it: Sentry's SDKs, span events, log records. An issue is all events of its groups:
-- which group belongs to which issue is in the workspace, so that merging and splitting change nothing here.

CREATE TABLE IF NOT EXISTS error_events
(
    Project UInt32 CODEC(ZSTD(1)),
    Timestamp DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    EventId String CODEC(ZSTD(1)),
    GroupHash String CODEC(ZSTD(1)),
    GroupVersion UInt8 CODEC(ZSTD(1)),
    Type LowCardinality(String) CODEC(ZSTD(1)),
    Value String CODEC(ZSTD(1)),
    Title String CODEC(ZSTD(1)),
    Culprit String CODEC(ZSTD(1)),
    Level Enum8('unknown' = 0, 'debug' = 2, 'info' = 3, 'warning' = 4, 'error' = 5, 'fatal' = 6) CODEC(ZSTD(1)),
    Severity LowCardinality(String) CODEC(ZSTD(1)),
    Category LowCardinality(String) CODEC(ZSTD(1)),
    Platform LowCardinality(String) CODEC(ZSTD(1)),
    Logger LowCardinality(String) CODEC(ZSTD(1)),
    Mechanism LowCardinality(String) CODEC(ZSTD(1)),
    Handled Bool CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Environment LowCardinality(String) CODEC(ZSTD(1)),
    Release LowCardinality(String) CODEC(ZSTD(1)),
    Dist LowCardinality(String) CODEC(ZSTD(1)),
    ServerName LowCardinality(String) CODEC(ZSTD(1)),
    TransactionName LowCardinality(String) CODEC(ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ReplayId String CODEC(ZSTD(1)),
    SessionId String CODEC(ZSTD(1)),
    UserKey String CODEC(ZSTD(1)),
    Url String CODEC(ZSTD(1)),
    Browser LowCardinality(String) CODEC(ZSTD(1)),
    Os LowCardinality(String) CODEC(ZSTD(1)),
    Device LowCardinality(String) CODEC(ZSTD(1)),
    Runtime LowCardinality(String) CODEC(ZSTD(1)),
    Sdk LowCardinality(String) CODEC(ZSTD(1)),
    Source Enum8('sentry' = 1, 'span' = 2, 'log' = 3, 'browser' = 4) CODEC(ZSTD(1)),
    Duplicate Bool CODEC(ZSTD(1)),
    Weight Float64 CODEC(ZSTD(1)),
    Tags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Payload String CODEC(ZSTD(3)),
    KeyId LowCardinality(String) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    Adjustments Array(LowCardinality(String)) CODEC(ZSTD(1)),
    Segment FixedString(16) CODEC(ZSTD(1)),
    SegmentRow UInt32 CODEC(Delta, ZSTD(1)),
    INDEX segment Segment TYPE minmax GRANULARITY 4,
    INDEX event_id EventId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX replay_id ReplayId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX user_key UserKey TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(Timestamp)
ORDER BY (Project, GroupHash, Timestamp)
SETTINGS ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 1024;

-- Staging. Dropped: what the digest did not keep, and why; such rows count Count events and go to limits_hit only.
CREATE TABLE IF NOT EXISTS error_events_in AS error_events ENGINE = Null;
ALTER TABLE error_events_in ADD COLUMN IF NOT EXISTS SetAside LowCardinality(String),
    ADD COLUMN IF NOT EXISTS Writer LowCardinality(String), ADD COLUMN IF NOT EXISTS Dropped LowCardinality(String),
    ADD COLUMN IF NOT EXISTS Count UInt64;

-- Events and users of each group by minute: what lists, spikes and error rates are read from.
CREATE TABLE IF NOT EXISTS error_volume
(
    Project UInt32 CODEC(ZSTD(1)),
    GroupHash String CODEC(ZSTD(1)),
    Environment LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Release LowCardinality(String) CODEC(ZSTD(1)),
    Type LowCardinality(String) CODEC(ZSTD(1)),
    Severity LowCardinality(String) CODEC(ZSTD(1)),
    Category LowCardinality(String) CODEC(ZSTD(1)),
    Handled Bool CODEC(ZSTD(1)),
    Minute DateTime64(0, 'UTC') CODEC(Delta, ZSTD(1)),
    Writer LowCardinality(String) CODEC(ZSTD(1)),
    LastSegment SimpleAggregateFunction(max, FixedString(16)) CODEC(ZSTD(1)),
    Count SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(1)),
    Users AggregateFunction(uniq, String) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMMDD(Minute)
ORDER BY (Project, GroupHash, Minute, Environment, ServiceName, Release, Type, Severity, Category, Handled, Writer)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Exceptions that came in spans and log records, for the digest to make events of. They stay where they are, too.
CREATE TABLE IF NOT EXISTS told_exceptions
(
    Project UInt32 CODEC(ZSTD(1)),
    Timestamp DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Source Enum8('span' = 2, 'log' = 3) CODEC(ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Environment LowCardinality(String) CODEC(ZSTD(1)),
    Level LowCardinality(String) CODEC(ZSTD(1)),
    Body String CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    KeyId LowCardinality(String) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    Segment FixedString(16) CODEC(ZSTD(1)),
    SegmentRow UInt32 CODEC(ZSTD(1)),
    Place UInt16 CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(ReceivedAt)
ORDER BY (Segment, SegmentRow, Place)
TTL ReceivedAt + INTERVAL 3 DAY
SETTINGS ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1;
