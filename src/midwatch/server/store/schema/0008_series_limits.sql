-- By which limits a segment's series were judged, where any was reached: a segment is judged again as it was the first time.
CREATE TABLE IF NOT EXISTS series_judgements
(
    Segment FixedString(16) CODEC(ZSTD(1)),
    `Over` Array(UInt64) CODEC(ZSTD(1)),
    Owners Array(UInt64) CODEC(ZSTD(1)),
    Days Array(UInt32) CODEC(ZSTD(1)),
    AnyKey Bool CODEC(ZSTD(1)),
    JudgedAt DateTime64(3, 'UTC') CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY Segment
TTL JudgedAt + INTERVAL 7 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
