-- Where in time an id lies, and in which traces: correlation, request, job, message, session, user, entity (model/story_id.py).
CREATE TABLE IF NOT EXISTS id_index
(
    Project UInt32 CODEC(ZSTD(1)),
    Kind LowCardinality(String) CODEC(ZSTD(1)),
    Id String CODEC(ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    Start SimpleAggregateFunction(min, DateTime64(9, 'UTC')) CODEC(Delta, ZSTD(1)),
    End SimpleAggregateFunction(max, DateTime64(9, 'UTC')) CODEC(Delta, ZSTD(1)),
    Day UInt32 CODEC(ZSTD(1)),
    Writer LowCardinality(String) CODEC(ZSTD(1)),
    LastSegment SimpleAggregateFunction(max, FixedString(16)) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY Day
ORDER BY (Project, Id, Kind, TraceId, Writer)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
