"""DogStatsD's lines, and what they add up to."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from midwatch.server.protocols.dogstatsd.aggregate import BAD_LINE, SERIES_FULL, Aggregator, Point
from midwatch.server.protocols.dogstatsd.buckets import BUCKETS_MAX, Buckets, whole_counts
from midwatch.server.protocols.dogstatsd.lines import (
    BadLine,
    Head,
    Kind,
    read_event,
    read_head,
    read_service_check,
    read_tags,
    read_values,
)
from midwatch.server.protocols.dogstatsd.otlp import metric_bodies
from midwatch.server.protocols.dogstatsd.series import SET_VALUES_MAX


def aggregator(complaints: list[tuple[bytes, str]] | None = None, **options: int) -> Aggregator:
    told = [] if complaints is None else complaints
    return Aggregator(0, complain=lambda line, problem: told.append((line, problem)), **options)


def flushed(*lines: str) -> dict[str, Point]:
    """By name, of one packet; nothing in it is bad."""
    complaints: list[tuple[bytes, str]] = []
    adding = aggregator(complaints)
    adding.take("\n".join(lines).encode())
    assert complaints == []
    return {point.name: point for point in adding.flush(10 * 10**9).points}


HEADS = [
    ("a.b", "c", Head("a.b", Kind.COUNT, (), 1, None)),
    ("a", "g|#x:1,y", Head("a", Kind.GAUGE, (("x", "1"), ("y", "true")), 1, None)),
    ("a", "ms|@0.5", Head("a", Kind.TIMER, (), 2, None)),
    ("a", "h|#t:a:b|@0.1", Head("a", Kind.HISTOGRAM, (("t", "a:b"),), 10, None)),
    ("a", "d|#|c:ci-1|e:it-0|card:low", Head("a", Kind.DISTRIBUTION, (), 1, None)),
    ("a", "s|@0.5", Head("a", Kind.SET, (), 1, None)),
    ("a", "c|T1656581400", Head("a", Kind.COUNT, (), 1, 1656581400)),
    ("größe", "g|#ort:köln", Head("größe", Kind.GAUGE, (("ort", "köln"),), 1, None)),
    ("a", "c|#b:2,b:1,b:2,a:0", Head("a", Kind.COUNT, (("a", "0"), ("b", "1;2")), 1, None)),
]


@pytest.mark.parametrize(("name", "fields", "head"), HEADS)
def test_a_head_is_read_with_its_fields_in_any_order(name: str, fields: str, head: Head) -> None:
    """Types, rates, tags with and without values, times; the fields of a container are read over."""
    assert read_head(name.encode(), fields.encode()) == head


BAD = [
    ("nonsense", "expected <name>:<value>|<type>"),
    (":1|c", "expected a name before the colon"),
    ("a:|c", "value='': expected a number"),
    ("a:1", "expected <name>:<value>|<type>"),
    ("a:1|x", "type='x': expected c, g, ms, h, d or s"),
    ("a:1_0|c", "value='1_0': expected a number"),
    ("a:nan|g", "value='nan': expected a number"),
    ("a:1:inf|h", "value='1:inf': expected a number"),
    ("a:1|c|@0", "@'0': expected a sample rate above 0 and at most 1"),
    ("a:1|c|@2", "@'2': expected a sample rate above 0 and at most 1"),
    ("a:1|c|Tsoon", "time='soon': expected seconds since 1970"),
    ("a:1|h|T1656581400", "expected a time on a count or gauge only"),
    ("a:|s", "expected a value of the set"),
    ("_e{1}:a|b", "expected _e{<title bytes>,<text bytes>}:"),
    ("_e{5,4}:abc|defg", "expected 5 bytes of title, a bar and 4 bytes of text"),
    ("_e{1,1}:a|b|t:loud", "t:loud: expected one of info, success, warning, error"),
    ("_sc|db|4", "status='4': expected 0 (ok), 1 (warning), 2 (critical) or 3 (unknown)"),
]


@pytest.mark.parametrize(("line", "problem"), BAD)
def test_a_bad_line_names_what_was_expected_and_leaves_the_others(line: str, problem: str) -> None:
    """It is counted once; the lines before and behind it are read."""
    complaints: list[tuple[bytes, str]] = []
    adding = aggregator(complaints)
    adding.take(f"n:1|c\n{line}\nn:2|c".encode())
    assert complaints == [(line.encode(), problem)]
    assert adding.tally.dropped == {BAD_LINE: 1}
    assert [point.value for point in adding.flush(1).points] == [3]


def test_events_and_checks_are_read_with_what_is_escaped() -> None:
    """Lengths count bytes; line breaks and `m:` are escaped on the wire."""
    event = read_event("_e{6,8}:größ|a\\nb|c:1|d:1700000000|h:web|k:deploy|p:low|t:warning|#x:y".encode())
    assert (event.title, event.text, event.time_seconds) == ("größ", "a\nb|c:1", 1700000000)
    assert (event.alert_type, event.tags) == ("warning", (("x", "y"),))
    assert dict(event.fields) == {"host.name": "web", "aggregation_key": "deploy", "priority": "low"}
    check = read_service_check(b"_sc|db|1|d:1700000000|h:db-1|#x:y|m:slow\\nm\\: 3 s")
    assert (check.name, check.status, check.message) == ("db", 1, "slow\nm: 3 s")
    assert (check.host, check.tags, check.time_seconds) == ("db-1", (("x", "y"),), 1700000000)


def test_each_kind_adds_up_in_its_own_way() -> None:
    """Sampled counts by their rate, the last gauge, distinct values of a set, packed values, tags in any order."""
    found = flushed("c:1|c|@0.25", "c:2:3|c", "c:-1|c", "g:5|g", "g:3|g", "s:a|s", "s:b|s", "s:a|s", "t:1|c|#a,b")
    assert {name: point.value for name, point in found.items()} == {"c": 8, "g": 3, "s": 2, "t": 1}
    assert (found["c"].start_ns, found["c"].time_ns) == (0, 10**10)
    one = flushed("t:1|c|#a:1,b:2", "t:1|c|#b:2,a:1")
    assert [(point.value, point.tags) for point in one.values()] == [(2, (("a", "1"), ("b", "2")))]


def test_counts_with_times_are_points_of_their_second() -> None:
    """Two of one second are one point; the same second in a later flush is a point beside it."""
    adding = aggregator()
    adding.take(b"a:1|c|T1700000000\na:2|c|T1700000000\na:5|c|T1700000010")
    points = adding.flush(1).points
    assert sorted((point.time_ns // 10**9, point.value) for point in points) == [(1700000000, 3), (1700000010, 5)]
    adding.take(b"a:7|c|T1700000000")
    (later,) = adding.flush(2).points
    assert later.time_ns // 10**9 == 1700000000
    assert later.time_ns not in {point.time_ns for point in points}


def test_series_and_sets_have_a_limit_and_say_so() -> None:
    """What is known goes on; what is new is dropped and counted."""
    adding = aggregator(series_max=2)
    adding.take(b"a:1|c\nb:1|c\nc:1|c\na:1|c\nc:1|c")
    assert {point.name: point.value for point in adding.flush(1).points} == {"a": 2, "b": 1}
    assert adding.tally.dropped == {SERIES_FULL: 2}
    adding.take("\n".join(f"a:{number}|s" for number in range(2)).encode())
    assert adding.tally.dropped[SERIES_FULL] == 4

    sets = aggregator()
    sets.take("\n".join(f"a:{number}|s" for number in range(SET_VALUES_MAX + 5)).encode())
    assert [point.value for point in sets.flush(1).points] == [SET_VALUES_MAX]
    assert sets.tally.dropped == {"statsd_set_full": 5}


def test_idle_series_make_room() -> None:
    """Nothing is flushed of a series to which nothing came, and after a while it is forgotten."""
    adding = aggregator(series_max=1)
    adding.take(b"a:1|c")
    assert len(adding.flush(1).points) == 1
    for flush in range(40):
        assert adding.flush(flush + 2).points == []
    adding.take(b"b:1|c")
    assert [point.name for point in adding.flush(99).points] == ["b"]


@given(st.lists(st.floats(min_value=-1e12, max_value=1e12), min_size=1, max_size=300))
def test_buckets_hold_every_value_within_their_bounds(values: list[float]) -> None:
    """Few or many, each value lies in its bucket: (base^i, base^(i+1)]; sum, least and greatest are exact."""
    buckets = Buckets()
    for value in values:
        buckets.add(value, 1.0)
    buckets.fold()
    base = 2.0 ** (2.0**-buckets.scale)
    for sign, found in ((1, buckets.positive), (-1, buckets.negative)):
        sizes = sorted(abs(value) for value in values if value * sign > 0)
        bounds = [base ** (index + 1) for index, weight in sorted(found.items()) for _ in range(int(weight))]
        assert len(sizes) == len(bounds)
        for size, bound in zip(sizes, bounds, strict=True):
            assert bound / base * (1 - 1e-9) <= size <= bound * (1 + 1e-9)
    assert (buckets.least, buckets.greatest) == (min(values), max(values))
    assert math.isclose(buckets.total, sum(values), rel_tol=1e-9, abs_tol=1e-3)
    assert buckets.zeros == sum(value == 0 for value in values)
    assert all(max(found) - min(found) < BUCKETS_MAX for found in (buckets.positive, buckets.negative) if found)


def test_quantiles_are_told_within_two_percent() -> None:
    """Of latencies over four orders of magnitude, from the buckets alone."""
    values = [random.Random(seed).lognormvariate(3, 1.5) for seed in range(20_000)]
    buckets = Buckets()
    for value in values:
        buckets.add(value, 1.0)
    buckets.fold()
    indexes = sorted(buckets.positive)
    reached = np.cumsum([buckets.positive[index] for index in indexes])
    for share in (0.5, 0.9, 0.99, 0.999):
        index = indexes[int(np.searchsorted(reached, share * len(values)))]
        told = 2 ** ((index + 0.5) / 2**buckets.scale)
        assert told == pytest.approx(np.quantile(values, share), rel=0.02)


@given(st.lists(st.floats(min_value=0, max_value=1e6), max_size=50))
def test_weights_become_counts_that_sum_up(weights: list[float]) -> None:
    """Each count is off by less than one, and so is their sum."""
    counts = whole_counts(weights)
    assert all(count >= 0 and abs(count - weight) <= 1 + 1e-6 for count, weight in zip(counts, weights, strict=True))
    assert abs(sum(counts) - sum(weights)) <= 0.5 + 1e-3


def test_a_body_has_one_resource_a_sender_and_one_metric_a_name() -> None:
    """Service, environment and version describe the sender; a sampled distribution's parts sum up to its count."""
    adding = aggregator()
    adding.take(b"d:1:2:4|d|@0.3|#service:a,env:prod\nd:9|d|#service:a,env:prod,x:y\nc:1|c|#service:b\ng:1|g")
    ((body, items),) = metric_bodies(adding.flush(7).points, "here")
    request = ExportMetricsServiceRequest.FromString(body)
    senders = [
        {one.key: one.value.string_value for one in part.resource.attributes} for part in request.resource_metrics
    ]
    assert items == 4
    assert senders == [
        {"deployment.environment.name": "prod", "service.name": "a", "service.instance.id": "here"},
        {"service.name": "b", "service.instance.id": "here"},
        {"service.instance.id": "here"},
    ]
    (metric,) = request.resource_metrics[0].scope_metrics[0].metrics
    sampled, single = metric.exponential_histogram.data_points
    assert sampled.count == sum(sampled.positive.bucket_counts) == 10
    assert sampled.sum == pytest.approx(7 / 0.3)
    assert {one.key: one.value.string_value for one in single.attributes} == {"service": "a", "x": "y"}


@given(st.binary(max_size=200))
def test_no_packet_raises(packet: bytes) -> None:
    """Whatever comes is read or counted."""
    adding = aggregator()
    adding.take(packet)
    list(metric_bodies(adding.flush(1).points, "here"))


@given(st.text(max_size=60), st.sampled_from(["a:1|c|#{}", "_e{{2,2}}:ab|cd|{}", "_sc|a|0|{}", "{}:1|g", "a:{}|d"]))
def test_no_line_raises_but_bad_line(text: str, line: str) -> None:
    """Readers refuse with BadLine alone."""
    raw = line.format(text).encode()
    for read in (read_event, read_service_check, read_tags, read_values):
        try:
            read(raw)
        except BadLine:
            continue
