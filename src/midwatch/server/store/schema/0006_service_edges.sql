-- Who calls whom, by minute, from `store/edges.py`. A block of five minutes is computed as a whole, again when spans came late;
-- what counts of a block is the version that `service_edge_blocks` names, which is written last.

CREATE TABLE IF NOT EXISTS service_edges
(
    Project UInt32 CODEC(ZSTD(1)),
    Environment LowCardinality(String) CODEC(ZSTD(1)),
    Source LowCardinality(String) CODEC(ZSTD(1)),
    Target String CODEC(ZSTD(1)),
    TargetType Enum8('service' = 0, 'database' = 1, 'cache' = 2, 'queue' = 3, 'external' = 4) CODEC(ZSTD(1)),
    Minute DateTime64(0, 'UTC') CODEC(Delta, ZSTD(1)),
    Block DateTime64(0, 'UTC') CODEC(Delta, ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1)),
    Count Float64 CODEC(ZSTD(1)),
    Errors Float64 CODEC(ZSTD(1)),
    Durations AggregateFunction(quantilesTDigestWeighted(0.5, 0.95, 0.99), Float32, UInt32) CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(Minute)
ORDER BY (Project, Block, Version, Minute, Source, Target)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS service_edge_blocks
(
    Block DateTime64(0, 'UTC') CODEC(Delta, ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1)),
    Fingerprint UInt64 CODEC(ZSTD(1)),
    ComputedAt DateTime64(3, 'UTC') CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYYYYMM(Block)
ORDER BY Block
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
