-- What a limit changed, by key and reason; and items that could not be kept where they belong, for a week.

CREATE TABLE IF NOT EXISTS limits_hit
(
    Project UInt32 CODEC(ZSTD(1)),
    KeyId LowCardinality(String) CODEC(ZSTD(1)),
    Signal LowCardinality(String) CODEC(ZSTD(1)),
    Reason LowCardinality(String) CODEC(ZSTD(1)),
    Day UInt32 CODEC(ZSTD(1)),
    Minute DateTime64(0, 'UTC') CODEC(ZSTD(1)),
    Writer LowCardinality(String) CODEC(ZSTD(1)),
    LastSegment SimpleAggregateFunction(max, FixedString(16)) CODEC(ZSTD(1)),
    Count SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(Minute)
ORDER BY (Project, KeyId, Signal, Reason, Minute, Day, Writer)
TTL Minute + INTERVAL 30 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS set_aside
(
    Project UInt32 CODEC(ZSTD(1)),
    KeyId LowCardinality(String) CODEC(ZSTD(1)),
    Signal LowCardinality(String) CODEC(ZSTD(1)),
    Reason LowCardinality(String) CODEC(ZSTD(1)),
    ItemTime DateTime64(9, 'UTC') CODEC(ZSTD(1)),
    ReceivedAt DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Item String CODEC(ZSTD(3)),
    Segment FixedString(16) CODEC(ZSTD(1)),
    SegmentRow UInt32 CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(ReceivedAt)
ORDER BY (Project, Signal, Reason, ReceivedAt)
TTL ReceivedAt + INTERVAL 7 DAY
SETTINGS ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1;
