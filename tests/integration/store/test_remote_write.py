"""What the INSERT makes of remote write's bodies: series, samples bit by bit, histograms, exemplars, descriptions."""

import time
from dataclasses import replace
from typing import Any

from midwatch.server.model.signal import SegmentKind, Signal
from midwatch.server.protocols.prometheus.messages import VERSION_1
from midwatch.server.protocols.prometheus.version_2 import check_version_2
from tests.integration.store.conftest import Feed
from tests.remote_write import STALE_BITS, series_1, version_1, version_2

NOW = time.time_ns() // 1_000_000
DAY = 86_400_000


def sample(value: float = 1.0, at: int = NOW, **fields: Any) -> dict[str, Any]:
    return {"value": value, "timestamp": at, **fields}


async def send(feed: Feed, *bodies: Any, environment: str = "", received_ms: int = NOW) -> None:
    await feed.send(
        SegmentKind.REMOTE_WRITE,
        *(body.SerializeToString() for body in bodies),
        environment=environment,
        received_ns=received_ms * 1_000_000,
    )


async def rows(feed: Feed, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in (await feed.store.table(sql)).rows]


async def test_values_are_kept_bit_by_bit(feed: Feed) -> None:
    """Stale markers, other NaNs, infinities and the smallest numbers come out as they went in."""
    bits = [STALE_BITS, 0x7FF8_0000_0000_0001, 0x7FF0_0000_0000_0000, 0xFFF0_0000_0000_0000, 1, 1 << 63, 0x3FF8 << 48]
    samples = [sample(at=NOW + place) for place in range(len(bits))]
    # Written as bytes: a float of another language may lose the bits of a NaN on the way.
    body = version_1(series_1({"__name__": "m"}, samples=samples)).SerializeToString()
    for one, number in zip(samples, bits, strict=True):
        plain = VERSION_1.request().timeseries.add().samples.add(**one).SerializeToString()
        body = body.replace(plain, plain[:1] + number.to_bytes(8, "little") + plain[9:])
    await feed.send(SegmentKind.REMOTE_WRITE, body)
    found = await rows(feed, "SELECT reinterpretAsUInt64(Value) FROM metric_samples ORDER BY Timestamp")
    assert [row[0] for row in found] == bits


async def test_a_series_is_one_whatever_the_order_of_its_labels(feed: Feed) -> None:
    """Empty labels are none, `__name__` is the name, the key's environment stands in where the series has none."""
    await send(
        feed,
        version_1(
            series_1({"__name__": "up", "b": "2", "a": "1"}, samples=[sample(1, NOW)]),
            series_1({"a": "1", "__name__": "up", "b": "2", "c": ""}, samples=[sample(2, NOW + 1)]),
        ),
        version_1(series_1({"a": "1", "b": "2", "__name__": "up"}, samples=[sample(3, NOW + 2)])),
        version_1(series_1({"__name__": "up", "env": "mine"}, samples=[sample(4, NOW)])),
        environment="prod",
    )
    series = await rows(
        feed,
        "SELECT MetricName, Labels, mapKeys(Labels), SeriesId = reinterpretAsUInt128(sipHash128(MetricName::String,"
        " mapKeys(Labels)::Array(String), mapValues(Labels)::Array(String))) FROM metric_series FINAL ORDER BY 3",
    )
    assert series == [
        ("up", {"a": "1", "b": "2", "env": "prod"}, ["a", "b", "env"], 1),
        ("up", {"env": "mine"}, ["env"], 1),
    ]
    found = await rows(feed, "SELECT Value FROM metric_samples ORDER BY Value")
    assert found == [(1.0,), (2.0,), (3.0,), (4.0,)]


async def test_the_same_again_and_out_of_order_changes_nothing(feed: Feed) -> None:
    """Samples of one series and time count once, in whatever order and however often they come."""
    samples = [sample(float(place), NOW - place * 1000) for place in range(5)]
    for _ in range(2):
        await send(feed, version_1(series_1({"__name__": "up"}, samples=[*samples, samples[0]])))
    found = await rows(feed, "SELECT Value FROM metric_samples FINAL ORDER BY Value")
    assert found == [(0.0,), (1.0,), (2.0,), (3.0,), (4.0,)]


HISTOGRAMS = {
    "integers": (
        {
            "count_int": 10,
            "sum": 3.5,
            "schema": 3,
            "zero_threshold": 0.001,
            "zero_count_int": 1,
            "positive_spans": [{"offset": -2, "length": 2}, {"offset": 3, "length": 1}],
            "positive_deltas": [2, 1, -2],
            "negative_spans": [{"offset": 0, "length": 2}],
            "negative_deltas": [1, 1],
            "reset_hint": 1,
        },
        (10, 3.5, 3, 0.001, 1, [-2, 3], [2, 1], [2, 3, 1], [0], [2], [1, 2], [], "yes"),
    ),
    "floats": (
        {
            "count_float": 2.5,
            "sum": 1,
            "zero_count_float": 0.5,
            "positive_spans": [{"offset": 1, "length": 2}],
            "positive_counts": [1.5, 0.5],
            "reset_hint": 3,
        },
        (2.5, 1, 0, 0, 0.5, [1], [2], [1.5, 0.5], [], [], [], [], "gauge"),
    ),
    "custom": (
        {
            "count_int": 6,
            "sum": 2,
            "schema": -53,
            "positive_spans": [{"offset": 0, "length": 3}],
            "positive_deltas": [1, 1, 1],
            "custom_values": [0.1, 1],
        },
        (6, 2, -53, 0, 0, [0], [3], [1, 2, 3], [], [], [], [0.1, 1], "unknown"),
    ),
}


async def test_native_histograms_have_absolute_counts(feed: Feed) -> None:
    """Deltas of buckets are added up; spans, custom bounds and reset hints stay as they were sent."""
    times = {"timestamp": NOW, "start_timestamp": NOW - 5000}
    sent = [series_1({"__name__": name}, histograms=[{**fields, **times}]) for name, (fields, _) in HISTOGRAMS.items()]
    await send(feed, version_1(*sent))
    found = await rows(
        feed,
        "SELECT MetricName, Count, Sum, toInt32(Schema), ZeroThreshold, ZeroCount, `PositiveSpans.Offset`,"
        " `PositiveSpans.Length`, PositiveCounts, `NegativeSpans.Offset`, `NegativeSpans.Length`, NegativeCounts,"
        " CustomValues, toString(ResetHint), toUnixTimestamp64Milli(Timestamp), toUnixTimestamp64Milli(StartTimestamp)"
        " FROM metric_histograms ORDER BY MetricName DESC",
    )
    assert found == [(name, *expected, NOW, NOW - 5000) for name, (_, expected) in HISTOGRAMS.items()]
    assert await rows(feed, "SELECT count() FROM metric_samples") == [(0,)]


async def test_exemplars_descriptions_and_start_times_of_2_0(feed: Feed) -> None:
    """What only 2.0 says is stored, too; trace and span of an exemplar stand in columns of their own."""
    body = version_2(
        {
            "labels": {"__name__": "http_requests_total", "job": "api"},
            "samples": [sample(5, NOW, start_timestamp=NOW - 60_000), sample(6, NOW + 1)],
            "exemplars": [{"labels": {"trace_id": "ab", "span_id": "cd", "user": "7"}, "value": 4, "timestamp": NOW}],
            "metadata": {"type": 1, "help": "Requests.", "unit": "requests"},
            "created_timestamp": NOW - 30_000,
        }
    )
    content = check_version_2(body.SerializeToString()).content
    assert content is not None
    await send(feed, VERSION_1.request.FromString(content))
    starts = "SELECT toUnixTimestamp64Milli(StartTimestamp) FROM metric_samples ORDER BY Timestamp"
    assert await rows(feed, starts) == [(NOW - 60_000,), (NOW - 30_000,)]
    exemplars = "SELECT MetricName, Value, TraceId, SpanId, Labels FROM metric_exemplars"
    labels = {"trace_id": "ab", "span_id": "cd", "user": "7"}
    assert await rows(feed, exemplars) == [("http_requests_total", 4.0, "ab", "cd", labels)]
    described = "SELECT MetricName, toString(Type), Unit, Help FROM metric_metadata"
    assert await rows(feed, described) == [("http_requests_total", "counter", "requests", "Requests.")]


async def test_descriptions_alone_are_no_series(feed: Feed) -> None:
    """1.0 sends them in bodies of their own, or beside other series; both arrive whole."""
    many = [{"type": place % 8, "metric_family_name": f"m{place}", "help": "h"} for place in range(10)]
    await send(feed, version_1(metadata=many))
    await send(feed, version_1(series_1({"__name__": "up"}, samples=[sample()]), metadata=many[:3]))
    found = await rows(feed, "SELECT MetricName, toUInt8(Type) FROM metric_metadata FINAL ORDER BY 1")
    assert found == [(f"m{place}", place % 8) for place in range(10)]
    assert await rows(feed, "SELECT MetricName FROM metric_series") == [("up",)]


async def test_samples_out_of_time_go_and_the_rest_of_the_body_stays(feed: Feed) -> None:
    """They are set aside with their reason, and counted one by one."""
    feed.days[Signal.METRICS] = 30.0
    times = [NOW - 40 * DAY, NOW - 41 * DAY, NOW - 29 * DAY, NOW, NOW + 2 * DAY]
    samples = [sample(float(place), at) for place, at in enumerate(times)]
    histograms = [{"count_int": 0, "timestamp": at} for at in times[1:]]
    await send(
        feed,
        version_1(
            series_1({"__name__": "up", "job": "j"}, samples=samples),
            series_1({"__name__": "h"}, histograms=histograms),
        ),
    )
    assert await rows(feed, "SELECT Value FROM metric_samples ORDER BY Value") == [(2.0,), (3.0,)]
    assert await rows(feed, "SELECT count() FROM metric_histograms") == [(2,)]
    limits = "SELECT Reason, toUInt64(sum(Count)) FROM limits_hit GROUP BY Reason ORDER BY Reason"
    assert await rows(feed, limits) == [("too_far_ahead", 2), ("too_old", 3)]
    aside = "SELECT Reason, JSONExtractString(Item, 'name') AS n, ServiceName FROM set_aside ORDER BY ALL"
    assert await rows(feed, aside) == [
        ("too_far_ahead", "h", ""),
        ("too_far_ahead", "up", "j"),
        ("too_old", "h", ""),
        ("too_old", "up", "j"),
    ]


async def test_any_time_that_can_be_stored_is_where_all_is_kept(feed: Feed) -> None:
    """Years 1900 to 2262; what no column can hold is set aside, and nothing that came along is lost."""
    times = [-(1 << 63), -2_208_988_800_000, -1, 0, NOW, 9_223_372_036_000, (1 << 63) - 1]
    await send(feed, version_1(series_1({"__name__": "up"}, samples=[sample(at=at) for at in times])))
    found = await rows(feed, "SELECT toUnixTimestamp64Milli(Timestamp) FROM metric_samples ORDER BY Timestamp")
    assert [row[0] for row in found] == times[1:-1]
    reasons = await rows(feed, "SELECT Reason FROM set_aside ORDER BY Reason")
    assert reasons == [("too_far_ahead",), ("too_old",)]


async def test_labels_that_cannot_be_are_set_aside_alone(feed: Feed) -> None:
    """A label twice, too many or too long: counted with the reason, and the next series is stored."""
    await send(
        feed,
        version_1(
            series_1([("__name__", "up"), ("a", "1"), ("a", "2")], samples=[sample(), sample(2, NOW + 1)]),
            series_1({"__name__": "up", **{f"l{place}": "x" for place in range(300)}}, samples=[sample()]),
            series_1({"__name__": "up", "n" * 2000: "x"}, samples=[sample()]),
            series_1({"__name__": "good", "path": "x" * 10_000}, samples=[sample()]),
        ),
    )
    assert await rows(feed, "SELECT MetricName FROM metric_series") == [("good",)]
    limits = "SELECT Reason, toUInt64(sum(Count)) FROM limits_hit GROUP BY Reason ORDER BY Reason"
    assert await rows(feed, limits) == [("label_over_limit", 2), ("label_twice", 2)]


async def test_private_labels_lose_their_values(feed: Feed) -> None:
    """Also those of exemplars; it is counted, and the series is kept."""
    exemplar = {"labels": [{"name": "password", "value": "hunter2"}], "value": 1, "timestamp": NOW}
    labels = {"__name__": "logins", "api_key": "hunter2", "job": "a"}
    await send(feed, version_1(series_1(labels, samples=[sample()], exemplars=[exemplar])))
    assert await rows(feed, "SELECT Labels FROM metric_series") == [({"api_key": "[removed]", "job": "a"},)]
    assert await rows(feed, "SELECT Labels FROM metric_exemplars") == [({"password": "[removed]"},)]
    assert await rows(feed, "SELECT Reason, toUInt64(Count) FROM limits_hit") == [("label_removed", 1)]


async def test_a_segment_whose_outcome_is_not_known_is_stored_once(feed: Feed) -> None:
    """After a restart its samples are there once, and what was counted is counted once."""
    feed.days[Signal.METRICS] = 30.0
    body = version_1(series_1({"__name__": "up"}, samples=[sample(), sample(2, NOW - 40 * DAY)])).SerializeToString()
    segment = await feed.send(SegmentKind.REMOTE_WRITE, body, received_ns=NOW * 1_000_000)
    again = replace(
        feed.segment(SegmentKind.REMOTE_WRITE, body, received_ns=NOW * 1_000_000), id=segment.id, recovered=True
    )
    await feed.write(again)
    assert await rows(feed, "SELECT count() FROM metric_samples FINAL") == [(1,)]
    assert await rows(feed, "SELECT toUInt64(sum(Count)) FROM limits_hit") == [(1,)]
