-- What has happened to the entities of a business. Events land here as they come, from whichever door, and as often as
-- they are sent; server/events/ takes each id once from here into `domain_events`.

CREATE TABLE IF NOT EXISTS domain_events_landed
(
    Project UInt32 CODEC(ZSTD(1)),
    Timestamp DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    EventId String CODEC(ZSTD(1)),
    Type LowCardinality(String) CODEC(ZSTD(1)),
    EntityType LowCardinality(String) CODEC(ZSTD(1)),
    EntityId String CODEC(ZSTD(1)),
    Sequence Int64 CODEC(ZSTD(1)),
    ActorType LowCardinality(String) CODEC(ZSTD(1)),
    ActorId String CODEC(ZSTD(1)),
    CorrelationId String CODEC(ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Environment LowCardinality(String) CODEC(ZSTD(1)),
    StateFrom LowCardinality(String) CODEC(ZSTD(1)),
    StateTo LowCardinality(String) CODEC(ZSTD(1)),
    Before String CODEC(ZSTD(1)),
    After String CODEC(ZSTD(1)),
    Metadata String CODEC(ZSTD(1)),
    KeyId LowCardinality(String) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    Segment FixedString(16) CODEC(ZSTD(1)),
    SegmentRow UInt32 CODEC(Delta, ZSTD(1)),
    LandedAt DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),
    INDEX landed_at LandedAt TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(ReceivedAt)
ORDER BY (Segment, SegmentRow)
TTL ReceivedAt + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS domain_events_in AS domain_events_landed ENGINE = Null;
ALTER TABLE domain_events_in ADD COLUMN IF NOT EXISTS Adjustments Array(LowCardinality(String)),
    ADD COLUMN IF NOT EXISTS SetAside LowCardinality(String), ADD COLUMN IF NOT EXISTS Writer LowCardinality(String);

-- Each event once. Position: the number of the event in its project, in order of arrival. Sequence: -1 where none was
-- given. Before, After, Metadata: JSON objects, or nothing.
CREATE TABLE IF NOT EXISTS domain_events
(
    Project UInt32 CODEC(ZSTD(1)),
    Position UInt64 CODEC(Delta, ZSTD(1)),
    Timestamp DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    EventId String CODEC(ZSTD(1)),
    Type LowCardinality(String) CODEC(ZSTD(1)),
    EntityType LowCardinality(String) CODEC(ZSTD(1)),
    EntityId String CODEC(ZSTD(1)),
    Sequence Int64 CODEC(ZSTD(1)),
    ActorType LowCardinality(String) CODEC(ZSTD(1)),
    ActorId String CODEC(ZSTD(1)),
    CorrelationId String CODEC(ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Environment LowCardinality(String) CODEC(ZSTD(1)),
    StateFrom LowCardinality(String) CODEC(ZSTD(1)),
    StateTo LowCardinality(String) CODEC(ZSTD(1)),
    Before String CODEC(ZSTD(1)),
    After String CODEC(ZSTD(1)),
    Metadata String CODEC(ZSTD(1)),
    KeyId LowCardinality(String) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    INDEX timestamp Timestamp TYPE minmax GRANULARITY 1,
    INDEX event_id EventId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX entity_id EntityId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX actor_id ActorId TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX correlation_id CorrelationId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(Timestamp)
ORDER BY (Project, Position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 1024;

-- The chain: what each event was when it came (Digest), and that joined with the link before (Hash). Kept for ever, also
-- of events that retention has taken: 200 bytes each at most, some 100 of them on disk.
CREATE TABLE IF NOT EXISTS event_chain
(
    Project UInt32 CODEC(ZSTD(1)),
    Position UInt64 CODEC(Delta, ZSTD(1)),
    EventId String CODEC(ZSTD(1)),
    Timestamp DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Digest String CODEC(ZSTD(1)),
    Hash String CODEC(ZSTD(1)),
    Segment FixedString(16) CODEC(ZSTD(1)),
    SegmentRow UInt32 CODEC(ZSTD(1)),
    ChainedAt DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (Project, Position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 1024;

-- Which ids are taken. SeenAt: when the id came last.
CREATE TABLE IF NOT EXISTS event_ids
(
    Project UInt32 CODEC(ZSTD(1)),
    EventId String CODEC(ZSTD(1)),
    SeenAt DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),
    INDEX seen_at SeenAt TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(SeenAt)
ORDER BY (Project, EventId)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 256;

-- The state that each entity is in now: by sequence where its events have one, else by time, then by id.
CREATE TABLE IF NOT EXISTS entity_latest
(
    Project UInt32 CODEC(ZSTD(1)),
    Environment LowCardinality(String) CODEC(ZSTD(1)),
    EntityType LowCardinality(String) CODEC(ZSTD(1)),
    EntityId String CODEC(ZSTD(1)),
    State AggregateFunction(argMax, String, Tuple(Int64, DateTime64(9, 'UTC'), String)) CODEC(ZSTD(1)),
    Since AggregateFunction(argMax, DateTime64(9, 'UTC'), Tuple(Int64, DateTime64(9, 'UTC'), String)) CODEC(ZSTD(1)),
    LastTime SimpleAggregateFunction(max, DateTime64(9, 'UTC')) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
ORDER BY (Project, EntityType, Environment, EntityId)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
