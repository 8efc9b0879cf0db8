-- What was private in what came, and was taken out before it was stored: for what, and where; never a value.

CREATE TABLE IF NOT EXISTS leaks
(
    Project UInt32 CODEC(ZSTD(1)),
    Signal LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Found LowCardinality(String) CODEC(ZSTD(1)),
    Place LowCardinality(String) CODEC(ZSTD(1)),
    Key String CODEC(ZSTD(1)),
    KeyId LowCardinality(String) CODEC(ZSTD(1)),
    Day UInt32 CODEC(ZSTD(1)),
    Minute DateTime64(0, 'UTC') CODEC(ZSTD(1)),
    Writer LowCardinality(String) CODEC(ZSTD(1)),
    LastSegment SimpleAggregateFunction(max, FixedString(16)) CODEC(ZSTD(1)),
    Count SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(Minute)
ORDER BY (Project, Signal, ServiceName, Found, Place, Key, KeyId, Minute, Day, Writer)
TTL Minute + INTERVAL 30 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE spans_in ADD COLUMN IF NOT EXISTS Leaks Array(Tuple(Found String, Place String, Key String));
ALTER TABLE logs_in ADD COLUMN IF NOT EXISTS Leaks Array(Tuple(Found String, Place String, Key String));
ALTER TABLE metric_points_in ADD COLUMN IF NOT EXISTS Leaks Array(Tuple(Found String, Place String, Key String));
ALTER TABLE series_in ADD COLUMN IF NOT EXISTS Leaks Array(Tuple(Found String, Place String, Key String));
ALTER TABLE product_events_in ADD COLUMN IF NOT EXISTS Leaks Array(Tuple(Found String, Place String, Key String));
ALTER TABLE domain_events_in ADD COLUMN IF NOT EXISTS Leaks Array(Tuple(Found String, Place String, Key String));
