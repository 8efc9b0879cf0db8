-- What people do in a product, by PostHog's SDKs; and which of their ids belong to one person.

CREATE TABLE IF NOT EXISTS product_events
(
    Project UInt32 CODEC(ZSTD(1)),
    Timestamp DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Uuid String CODEC(ZSTD(1)),
    Event LowCardinality(String) CODEC(ZSTD(1)),
    DistinctId String CODEC(ZSTD(1)),
    SessionId String CODEC(ZSTD(1)),
    WindowId String CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Environment LowCardinality(String) CODEC(ZSTD(1)),
    Lib LowCardinality(String) CODEC(ZSTD(1)),
    Url String CODEC(ZSTD(1)),
    Path String CODEC(ZSTD(1)),
    Referrer String CODEC(ZSTD(1)),
    Browser LowCardinality(String) CODEC(ZSTD(1)),
    Os LowCardinality(String) CODEC(ZSTD(1)),
    DeviceType LowCardinality(String) CODEC(ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    Properties Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    PropertyTypes Array(UInt8) CODEC(ZSTD(1)),
    Flags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    KeyId LowCardinality(String) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    Adjustments Array(LowCardinality(String)) CODEC(ZSTD(1)),
    Segment FixedString(16) CODEC(ZSTD(1)),
    SegmentRow UInt32 CODEC(Delta, ZSTD(1)),
    INDEX segment Segment TYPE minmax GRANULARITY 4,
    INDEX distinct_id DistinctId TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX session_id SessionId TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX flag_names mapKeys(Flags) TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(Timestamp)
ORDER BY (Project, Event, Timestamp)
SETTINGS ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1;

-- Staging: beside the row, what it says of its person.
CREATE TABLE IF NOT EXISTS product_events_in AS product_events ENGINE = Null;
ALTER TABLE product_events_in ADD COLUMN IF NOT EXISTS SetAside LowCardinality(String),
    ADD COLUMN IF NOT EXISTS Writer LowCardinality(String), ADD COLUMN IF NOT EXISTS LinkedId String,
    ADD COLUMN IF NOT EXISTS LinkKind LowCardinality(String), ADD COLUMN IF NOT EXISTS PersonSet Map(String, String),
    ADD COLUMN IF NOT EXISTS PersonSetOnce Map(String, String);

-- Two ids that an event said to be one person's. Kept for ever: it says who somebody is, not what they did.
CREATE TABLE IF NOT EXISTS person_links
(
    Project UInt32 CODEC(ZSTD(1)),
    LinkedId String CODEC(ZSTD(1)),
    DistinctId String CODEC(ZSTD(1)),
    Kind LowCardinality(String) CODEC(ZSTD(1)),
    FirstAt SimpleAggregateFunction(min, DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    StoredAt SimpleAggregateFunction(max, DateTime64(3, 'UTC')) DEFAULT now64(3) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
ORDER BY (Project, LinkedId, DistinctId, Kind)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Whose an id is, worked out from all links (store/persons.py); an id without a row is a person of its own.
CREATE TABLE IF NOT EXISTS persons
(
    Project UInt32 CODEC(ZSTD(1)),
    DistinctId String CODEC(ZSTD(1)),
    Person String CODEC(ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
ORDER BY (Project, DistinctId)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Of $set the last value counts, of $set_once the first: the one of the highest Rank.
CREATE TABLE IF NOT EXISTS person_properties
(
    Project UInt32 CODEC(ZSTD(1)),
    DistinctId String CODEC(ZSTD(1)),
    Name String CODEC(ZSTD(1)),
    Once Bool CODEC(ZSTD(1)),
    Value String CODEC(ZSTD(1)),
    Rank Int64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Rank)
ORDER BY (Project, DistinctId, Name, Once)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
