"""OpenTelemetry points as series: labels, values, histograms, exemplars, staleness and what is set aside."""

import struct
from typing import Any

from midwatch.server.model.signal import SegmentKind
from midwatch.server.store.otlp_series.labels import LABEL_VALUE_BYTES_MAX, LABELS_MAX
from tests.integration.store import metric_bodies as make
from tests.integration.store.conftest import Feed
from tests.integration.store.metric_bodies import AT_NS, DELTA, START_NS, metrics

SAMPLES = """SELECT MetricName, mapSort(Labels) AS labels, Value, IsDelta, toUnixTimestamp64Milli(Timestamp) AS at,
    toUnixTimestamp64Milli(StartTimestamp) AS start, reinterpretAsUInt64(Value) AS bits
FROM metric_samples AS s INNER JOIN (SELECT DISTINCT SeriesId, Labels FROM metric_series) AS l USING SeriesId
ORDER BY MetricName, toString(labels)"""
STALE_BITS = 0x7FF0000000000002


async def samples(feed: Feed, *bodies: bytes, environment: str = "") -> list[dict[str, Any]]:
    await feed.send(SegmentKind.OTLP_METRICS, *bodies, environment=environment)
    return await feed.store.rows(SAMPLES)


def values(rows: list[dict[str, Any]]) -> dict[str, float]:
    """By the series as PromQL writes it, without `job`."""
    found = {}
    for row in rows:
        labels = ",".join(f'{name}="{text}"' for name, text in row["labels"].items() if name != "job")
        found[row["MetricName"] + (f"{{{labels}}}" if labels else "")] = row["Value"]
    return found


async def test_numbers_histograms_and_summaries(feed: Feed) -> None:
    """Numbers and summaries as they are; buckets with running totals; deltas as deltas with their start."""
    rows = await samples(
        feed,
        metrics(
            make.numbers("temperature", [(21.5, {"room": "a"}), (0, {"room": "b"})]),
            make.numbers("orders", [(3, {"paid": True, "retries": 2, "none": ""})], monotonic=True),
            make.numbers("carts", [(-2, {})], monotonic=False),
            make.numbers("clicks", [(5, {})], monotonic=True, temporality=DELTA),
            make.histogram("wait", [1, 0, 2], [0.1, 60.0]),
            make.histogram("gap", [1, 2], [1.0], temporality=DELTA, sum=None),
            make.histogram("bare", [], [], count=3),
            make.summary("size", {0.5: 2, 0.99: 9}),
        ),
    )
    assert values(rows) == {
        'temperature{room="a"}': 21.5,
        'temperature{room="b"}': 0,
        'orders_total{paid="true",retries="2"}': 3,
        "carts": -2,
        "clicks_total": 5,
        'wait_bucket{le="0.1"}': 1,
        'wait_bucket{le="60"}': 1,
        'wait_bucket{le="+Inf"}': 3,
        "wait_sum": 7.5,
        "wait_count": 3,
        'gap_bucket{le="1"}': 1,
        'gap_bucket{le="+Inf"}': 3,
        "gap_count": 3,
        'bare_bucket{le="+Inf"}': 3,
        "bare_sum": 7.5,
        "bare_count": 3,
        'size{quantile="0.5"}': 2,
        'size{quantile="0.99"}': 9,
        "size_sum": 7.5,
        "size_count": 4,
    }
    assert {row["MetricName"] for row in rows if row["IsDelta"]} == {"clicks_total", "gap_bucket", "gap_count"}
    assert {(row["at"], row["start"]) for row in rows} == {(AT_NS // 10**6, START_NS // 10**6)}
    described = await feed.store.table("SELECT MetricName, toString(Type) FROM metric_metadata")
    assert dict(described.rows) == {
        "temperature": "gauge",
        "orders_total": "counter",
        "carts": "gauge",
        "clicks_total": "counter",
        **dict.fromkeys(("wait", "gap", "bare"), "histogram"),
        "size": "summary",
    }


async def test_labels(feed: Feed) -> None:
    """Resource and scope as labels; names cleaned, equal ones joined, taken ones exported; the key's environment."""
    resource = {
        "service.name": "api",
        "service.namespace": "shop",
        "service.instance.id": "pod-1",
        "deployment.environment.name": "sent",
        "host.name": "h",
    }
    scope = {"name": "lib", "version": "1.2", "attributes": {"mascot": "owl", "version": "dropped"}}
    attributes = {"http.route": "/a", "http_route": "/b", "9": "nine", "job": "nightly", "instance": "i", "le": "2"}
    rows = await samples(
        feed,
        metrics(make.numbers("x", [(1, attributes)]), resource=resource, scope=scope, schema_url="https://s/1"),
        metrics(make.numbers("y", [(1, {"env": "own"})]), resource={"service.name": "api"}),
        environment="production",
    )
    found = {row["MetricName"]: dict(row["labels"]) for row in rows}
    assert found["x"] == {
        "env": "production",
        "exported_instance": "i",
        "exported_job": "nightly",
        "http_route": "/a;/b",
        "instance": "pod-1",
        "job": "shop/api",
        "key_9": "nine",
        "le": "2",
        "otel_scope_mascot": "owl",
        "otel_scope_name": "lib",
        "otel_scope_schema_url": "https://s/1",
        "otel_scope_version": "1.2",
    }
    assert found["y"] == {"env": "own", "job": "api"}
    assert found["target_info"] == {
        "deployment_environment_name": "sent",
        "env": "production",
        "host_name": "h",
        "instance": "pod-1",
        "job": "shop/api",
        "midwatch_sent_environment": "sent",
    }
    (ids,) = await feed.store.rows(
        "SELECT countIf(SeriesId != reinterpretAsUInt128(sipHash128(toString(MetricName), mapKeys(Labels),"
        " mapValues(Labels)))) AS wrong, countIf(mapKeys(Labels) != arraySort(mapKeys(Labels))) AS unsorted"
        " FROM metric_series"
    )
    assert (ids["wrong"], ids["unsorted"]) == (0, 0)


def native(scale: int, offset: int, counts: list[int]) -> tuple[list[int], list[int], list[float]]:
    """Spans and counts by definition: each bucket apart, at scale 8 at most."""
    by = max(scale - 8, 0)
    found: dict[int, int] = {}
    for place, count in enumerate(counts):
        number = ((offset + place) >> by) + 1
        found[number] = found.get(number, 0) + count
    filled = sorted(number for number, count in found.items() if count)
    offsets, lengths, kept, end = [], [], [], 0
    for number in filled:
        if not lengths or number - end > 2:
            offsets.append(number - end if lengths else number)
            lengths.append(0)
        else:
            lengths[-1] += number - end
            kept += [0.0] * (number - end)
        lengths[-1] += 1
        kept.append(float(found[number]))
        end = number + 1
    return offsets, lengths, kept


SIDES = [
    (-7, [1, 2, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0, 5, 6, 0]),
    (0, [5, 2, 7]),
    (-1, [1]),
    (3, [10, 0, 0, 20, 5, 2]),
    (2**20, list(range(160))),
    (0, []),
    (4, [0, 0]),
]
"""Offset and counts."""


async def test_exponential_histograms_are_native(feed: Feed) -> None:
    """Buckets lie where the specification has them, coarser than scale 8 by merging, gaps of more than two left out."""
    cases = {
        f"h{scale}_{number}".replace("-", "n"): (scale, side, SIDES[-1 - number], number)
        for scale in (-4, 0, 3, 8, 9, 11, 20)
        for number, side in enumerate(SIDES)
    }
    found = [make.exponential(name, *case[:3], zero_count=case[3]) for name, case in cases.items()]
    await feed.send(SegmentKind.OTLP_METRICS, metrics(*found, make.exponential("delta", 1, temporality=DELTA)))
    rows = {row["MetricName"]: row for row in await feed.store.rows("SELECT * FROM metric_histograms")}
    assert rows.pop("delta")["IsDelta"]
    assert rows.keys() == cases.keys()
    for name, (scale, positive, negative, zeros) in cases.items():
        row, parts = rows[name], ("Spans.Offset", "Spans.Length", "Counts")
        assert [row[f"Positive{part}"] for part in parts] == list(native(scale, *positive)), name
        assert [row[f"Negative{part}"] for part in parts] == list(native(scale, *negative)), name
        assert (row["Schema"], row["ZeroCount"], row["ZeroThreshold"]) == (min(scale, 8), zeros, 1e-128)
        total = sum(positive[1]) + sum(negative[1]) + zeros
        assert (row["Count"], row["Sum"], row["IsDelta"]) == (total, 7.5, False)


async def test_a_point_without_a_value_is_a_stale_marker(feed: Feed) -> None:
    """The flag makes every series of the point stale, with the bits that tell it from other NaNs."""
    rows = await samples(
        feed,
        metrics(
            make.numbers("g", [(1, {})], flags=1),
            make.numbers("nan", [(float("nan"), {})]),
            make.histogram("h", [0, 0], [1.0], flags=1, sum=None),
            make.exponential("e", 0, flags=1),
        ),
    )
    bits = {row["MetricName"]: int(row["bits"]) for row in rows}
    assert bits.pop("nan") != STALE_BITS
    assert bits == dict.fromkeys(("g", "h_bucket", "h_count"), STALE_BITS)
    (row,) = await feed.store.rows("SELECT reinterpretAsUInt64(Sum) AS bits, Count FROM metric_histograms")
    assert (int(row["bits"]), row["Count"]) == (STALE_BITS, 0)
    assert struct.unpack("<d", struct.pack("<Q", STALE_BITS))[0] != 0


async def test_exemplars_go_with_their_bucket(feed: Feed) -> None:
    """Those of counters, buckets and native histograms are kept with trace, span and labels; gauges have none."""
    marks = [make.exemplar(0.5, attributes={"user.id": "u"}), make.exemplar(1.0), make.exemplar(7.0, trace_id=b"")]
    await feed.send(
        SegmentKind.OTLP_METRICS,
        metrics(
            make.numbers("c", [(1, {})], monotonic=True, exemplars=marks[:1]),
            make.numbers("g", [(1, {})], exemplars=marks),
            make.histogram("h", [2, 1], [1.0], exemplars=marks),
            make.exponential("e", 0, exemplars=marks[2:]),
        ),
    )
    found = await feed.store.table(
        "SELECT MetricName, l.Labels['le'], Value, TraceId, SpanId, e.Labels FROM metric_exemplars AS e INNER JOIN"
        " (SELECT DISTINCT SeriesId, Labels FROM metric_series) AS l USING SeriesId ORDER BY ALL"
    )
    trace, span = (b"t" * 16).hex(), (b"s" * 8).hex()
    assert found.rows == [
        ("c_total", "", 0.5, trace, span, {"user_id": "u"}),
        ("e", "", 7.0, "", span, {}),
        ("h_bucket", "+Inf", 7.0, "", span, {}),
        ("h_bucket", "1", 0.5, trace, span, {"user_id": "u"}),
        ("h_bucket", "1", 1.0, trace, span, {}),
    ]


async def test_what_cannot_be_a_series_is_set_aside_and_what_is_too_long_is_cut(feed: Feed) -> None:
    """Each with its reason, counted once; of two long values that begin alike two series come."""
    long = ["x" * LABEL_VALUE_BYTES_MAX + end for end in "ab"]
    aside = {
        "metric_name_missing": make.numbers("", [(1, {})]),
        "too_many_labels": make.numbers("many", [(1, {f"k{number}": 1 for number in range(LABELS_MAX + 1)})]),
        "too_many_buckets": make.histogram("wide", [1] * 1025, [float(number) for number in range(1024)]),
        "histogram_bounds_invalid": make.histogram("back", [1, 1, 1], [2.0, 1.0]),
        "histogram_scale_unsupported": make.exponential("coarse", -5),
    }
    rows = await samples(
        feed,
        metrics(
            *aside.values(),
            make.histogram("short", [1], [1.0, 2.0]),
            make.numbers("most", [(1, {f"k{number}": 1 for number in range(LABELS_MAX)})]),
            make.numbers("long", [(1, {"v": text}) for text in long]),
        ),
    )
    assert [row["MetricName"] for row in rows] == ["long", "long", "most"]
    cut = [dict(row["labels"])["v"] for row in rows[:2]]
    assert [len(text) for text in cut] == [LABEL_VALUE_BYTES_MAX] * 2
    assert cut[0] != cut[1]
    counted = await feed.store.table("SELECT Reason, toUInt64(sum(Count)) FROM limits_hit GROUP BY Reason")
    expected = dict.fromkeys(aside, 1) | {"histogram_bounds_invalid": 2, "label_truncated": 2}
    assert dict(counted.rows) == expected
    (kept,) = await feed.store.rows("SELECT count() AS n FROM set_aside")
    assert kept["n"] == 6
