"""What goes into `series_in` is in the tables of series, once."""

import pytest

from midwatch.server.store.client import Store

INTO = """INSERT INTO series_in (Project, KeyId, ReceivedAt, MetricName, Labels, SeriesId, IsDelta, Times, StartTimes,
    Values, Histograms, Exemplars, Type, Unit, Help, Adjustments, SetAside, Segment, SegmentRow, Writer)
SELECT 1, 'k', now64(3), name, CAST(labels AS Map(LowCardinality(String), String)),
    reinterpretAsUInt128(sipHash128(name, mapKeys(labels), mapValues(labels))), false, times, [], values,
    [], [], type, '', 'help', [], aside, repeat('s', 16), 0, 'w'
FROM VALUES('name String, labels Map(String, String), times Array(DateTime64(3, \\'UTC\\')), values Array(Float64),
    type String, aside String',
    ('up', map('job', 'a'), ['2026-01-01 23:59:59.5', '2026-01-02 00:00:01'], [1, 0], 'gauge', ''),
    ('d_bucket', map('job', 'a', 'le', '1'), ['2026-01-01 12:00:00'], [3], 'histogram', ''),
    ('d', map(), [], [], 'counter', ''),
    ('old', map('job', 'b'), ['1980-01-01 00:00:00', '1980-01-01 00:00:01'], [1, 2], '', 'too_old'))"""


@pytest.mark.parametrize("times", [1, 2])
async def test_rows_of_the_staging_table_reach_every_table(store: Store, times: int) -> None:
    """A series row a day, a row a sample, families under their own name, and what is set aside; once and again."""
    for _ in range(times):
        await store.execute(INTO)
    for table in ("metric_series", "metric_samples", "metric_metadata"):
        await store.execute(f"OPTIMIZE TABLE {table} FINAL")
    series = await store.table(
        "SELECT Day, MetricName, Labels, KeyId, toString(FirstTime), toString(LastTime) FROM metric_series ORDER BY ALL"
    )
    assert series.rows == [
        (20260101, "d_bucket", {"job": "a", "le": "1"}, "k", "2026-01-01 12:00:00.000", "2026-01-01 12:00:00.000"),
        (20260101, "up", {"job": "a"}, "k", "2026-01-01 23:59:59.500", "2026-01-01 23:59:59.500"),
        (20260102, "up", {"job": "a"}, "k", "2026-01-02 00:00:01.000", "2026-01-02 00:00:01.000"),
    ]
    samples = await store.table("SELECT MetricName, Value FROM metric_samples ORDER BY MetricName, Timestamp")
    assert samples.rows == [("d_bucket", 3), ("up", 1), ("up", 0)]
    metadata = await store.table("SELECT MetricName, toString(Type), Help FROM metric_metadata ORDER BY ALL")
    assert metadata.rows == [("d", "counter", "help"), ("d", "histogram", "help"), ("up", "gauge", "help")]
    aside = await store.table("SELECT Reason, ServiceName, Item FROM set_aside")
    assert len(aside.rows) == times
    assert aside.rows[0][:2] == ("too_old", "b")
    (counted,) = await store.rows("SELECT toUInt64(sum(Count)) AS n FROM limits_hit WHERE Reason = 'too_old'")
    assert counted["n"] == 2 * times
