-- What was used and costs, one row a use, narrow: of records with the event `cost`, and of the token counts of LLM spans. Money is made of it
-- when it is asked for, by the prices of that time. Kept longer than the telemetry it came from; a row that comes twice replaces itself.

CREATE TABLE IF NOT EXISTS usage
(
    Project UInt32 CODEC(ZSTD(1)),
    Timestamp DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Kind LowCardinality(String) CODEC(ZSTD(1)),
    Units Decimal(38, 9) CODEC(ZSTD(1)),
    Amount Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    Currency LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Environment LowCardinality(String) CODEC(ZSTD(1)),
    Provider LowCardinality(String) CODEC(ZSTD(1)),
    Model LowCardinality(String) CODEC(ZSTD(1)),
    ResponseModel LowCardinality(String) CODEC(ZSTD(1)),
    Feature LowCardinality(String) CODEC(ZSTD(1)),
    Job LowCardinality(String) CODEC(ZSTD(1)),
    JobId String CODEC(ZSTD(1)),
    UserId String CODEC(ZSTD(1)),
    CorrelationId String CODEC(ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Source Enum8('record' = 1, 'span' = 2) CODEC(ZSTD(1)),
    Call UInt64 CODEC(ZSTD(1)),
    Covers UInt64 CODEC(ZSTD(1)),
    Id UInt64 CODEC(ZSTD(1)),
    Segment FixedString(16) CODEC(ZSTD(1)),
    INDEX trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX job_id JobId TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX correlation_id CorrelationId TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(Timestamp)
ORDER BY (Project, Kind, ServiceName, Timestamp, Id)
TTL Timestamp + INTERVAL 34560000 SECOND
SETTINGS ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1;

-- Who sends how much: items and their bytes before compression, by day.
CREATE TABLE IF NOT EXISTS sent_bytes
(
    Project UInt32 CODEC(ZSTD(1)),
    Signal LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Environment LowCardinality(String) CODEC(ZSTD(1)),
    Day UInt32 CODEC(ZSTD(1)),
    Writer LowCardinality(String) CODEC(ZSTD(1)),
    LastSegment SimpleAggregateFunction(max, FixedString(16)) CODEC(ZSTD(1)),
    Items SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    Bytes SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY Day
ORDER BY (Project, Signal, ServiceName, Environment, Day, Writer)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
