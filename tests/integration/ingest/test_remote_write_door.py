"""What senders of remote write are answered. Cases have the names that prometheus/compliance's receiver tests have."""

import gzip
import math
import struct
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from backports import zstd
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics
from tests.integration.ingest.doorway import Doorway
from tests.remote_write import HEADERS_1, HEADERS_2, PATH, STALE_BITS, packed, series_1, version_1, version_2

from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.frames import scan

NOW = time.time_ns() // 1_000_000
UP = {"__name__": "up", "job": "testjob", "instance": "localhost:9090"}
STALE = struct.unpack("<d", STALE_BITS.to_bytes(8, "little"))[0]


def sample(value: float = 1.0, **fields: Any) -> dict[str, Any]:
    return {"value": value, "timestamp": NOW, **fields}


def plain(labels: dict[str, str], value: float = 1.0, **fields: Any) -> dict[str, Any]:
    return {"labels": labels, "samples": [sample(value)], **fields}


def histogram(
    *, positive: bool = True, negative: bool = False, zero: bool = False, custom: bool = False, count: int | None = None
) -> dict[str, Any]:
    """Of the same parts as compliance's `Histogram`."""
    found: dict[str, Any] = {"sum": 1.0, "timestamp": NOW}
    total = 0
    if positive:
        found["positive_spans"] = [{"length": 3}, {"offset": 2, "length": 2}]
        found["positive_deltas"] = [1, 2, 1, 3, 1]
        total += 23
    if negative:
        found["negative_spans"], found["negative_deltas"] = [{"length": 2}], [1, 1]
        total += 3
    if zero:
        found["zero_count_int"] = 1
        total += 1
    if custom:
        found |= {"schema": -53, "custom_values": [0.1, 0.5, 1.0, 2.5, 5.0, 10.0], "positive_spans": [{"length": 6}]}
        found["positive_deltas"], total = [2, 1, 2, 3, -1, -2], 30
    return {**found, "count_int": total if count is None else count}


def native(labels: dict[str, str], **parts: Any) -> dict[str, Any]:
    return {"labels": labels, "histograms": [histogram(**parts)]}


def exemplar(**labels: str) -> dict[str, Any]:
    return {"labels": labels, "value": 1.0, "timestamp": NOW}


def cases() -> Iterator[tuple[str, list[dict[str, Any]], tuple[int, int, int], bool]]:
    """Name, series, how many samples, histograms and exemplars are written, and whether all of it is."""
    name = {"__name__": "test"}
    for said, value in (("1", 1.0), ("stale", STALE), ("nan", math.nan), ("inf", math.inf), ("-inf", -math.inf)):
        yield f"SingleMetric/{said}/simple", [plain({"__name__": "up"}, value)], (1, 0, 0), True
        yield f"SingleMetric/{said}/newlines", [plain({**UP, "job": "test\njob\n"}, value)], (1, 0, 0), True
        dots = {"__name__": "resource.cpu.usage", "job.name": "testjob"}
        yield f"SingleMetric/{said}/dots", [plain(dots, value)], (1, 0, 0), True
        yield f"SingleMetric/{said}/spaces", [plain({"__name__": "a b", "c d": "e"}, value)], (1, 0, 0), True
        yield f"SingleMetric/{said}/no-name", [plain({"job": "testjob"}, value)], (0, 0, 0), False
        yield f"SingleMetric/{said}/empty", [plain({}, value)], (0, 0, 0), False
        four = [plain({**UP, "instance": str(place)}, value) for place in range(4)]
        yield f"MultipleMetrics/{said}", four, (4, 0, 0), True
        yield f"MultipleMetrics/{said}/one-no-name", [plain({"job": "t"}, value), *four[1:]], (3, 0, 0), False
    yield (
        "CounterWithCreatedTimestamp",
        [{"labels": name, "samples": [sample(start_timestamp=NOW - 9)]}],
        (1, 0, 0),
        True,
    )
    for said, parts in {
        "basic": {"negative": True, "zero": True},
        "custom_buckets": {"custom": True},
        "positive_only": {"zero": True},
        "negative_only": {"positive": False, "negative": True},
        "minimal": {"positive": False, "zero": True},
        "empty": {"positive": False},
    }.items():
        yield f"Histograms/{said}", [native(name, **parts)], (0, 1, 0), True
    yield "Histograms/bad_count", [native(name, count=99)], (0, 0, 0), False
    created = {"created_timestamp": NOW - 1_800_000}
    yield "CounterMetadataWithCreatedTimestamp", [plain(name, metadata={"type": 1}, **created)], (1, 0, 0), True
    yield "ExemplarWithCreatedTimestamp", [plain(name, exemplars=[exemplar(a="b")], **created)], (1, 0, 1), True
    yield "HistogramWithCreatedTimestamp", [{**native(name, zero=True), **created}], (0, 1, 0), True
    two = [native({"__name__": "hist1"}, zero=True), native({"__name__": "hist2"}, positive=False, negative=True)]
    yield "MultipleHistograms", two, (0, 2, 0), True
    described = {"type": 3, "help": 'Test with\nnewlines and "quotes"', "unit": "bytes/sec"}
    both = {**native(name, zero=True), "metadata": described, "exemplars": [exemplar(trace_id="a", user_id="u")]}
    yield "HistogramWithMetadataAndExemplar", [both], (0, 1, 1), True
    for kind in range(8):
        yield f"Metadata/{kind}", [plain(name, metadata={**described, "type": kind})], (1, 0, 0), True
    yield "MetadataValidation/empty_name", [plain({"__name__": ""}, metadata=described)], (0, 0, 0), False
    for said, value in {"nan": math.nan, "inf": math.inf, "-inf": -math.inf, "small": 1e-10, "less": -123.456}.items():
        valued = {**exemplar(trace_id="t"), "value": value}
        yield f"ExemplarSpecialValues/{said}", [plain(name, value, exemplars=[valued])], (1, 0, 1), True
    for said, labels in {
        "basic": {"trace_id": "abc123def456"},
        "span": {"trace_id": "xyz789", "span_id": "span123"},
        "no-trace": {"user_id": "user123"},
        "none": {},
        "unicode": {"trace_id": "unicode_trace_测试"},
    }.items():
        yield f"Exemplars/{said}", [plain({**name, "region": "🌍"}, exemplars=[exemplar(**labels)])], (1, 0, 1), True
    yield "ExemplarValidation/no-name", [plain({"job": "t"}, exemplars=[exemplar(trace_id="t")])], (0, 0, 0), False
    many = [plain({"__name__": f"counter_{place}"}, exemplars=[exemplar(trace_id="t")]) for place in range(50)]
    yield "ManySamples", many, (50, 0, 50), True
    many = [{**native({"__name__": f"h_{n}"}, zero=True), "exemplars": [exemplar(trace_id="t")]} for n in range(50)]
    yield "ManyHistograms", many, (0, 50, 50), True
    custom = {**native(name, custom=True), "exemplars": [exemplar(trace_id="t")]}
    yield "CustomBucketsHistogramWithExemplar", [custom], (0, 1, 1), True
    families = [plain({"__name__": "a_total"}, exemplars=[exemplar(trace_id="t")]), native({"__name__": "b_seconds"})]
    yield "MultipleMetricFamilies", families, (1, 1, 1), True
    odd = plain({"path": '/api\\v1\t"é"', **name}, metadata={**described, "help": '\\ \n " 🚀'})
    yield "SpecialCharactersCombined", [{**odd, "exemplars": [exemplar(trace_id="trace-🔍")]}], (1, 0, 1), True
    old = {"samples": [{"value": 1.0, "timestamp": NOW - 3_600_000}], "exemplars": [exemplar(trace_id="old")]}
    old["exemplars"][0]["timestamp"] = NOW - 3_600_000
    mixed = [{"labels": name, **old}, {"labels": name, "samples": [sample(2.0)]}]
    yield "EdgeCaseCombinations/mixed_timestamp_data", mixed, (2, 0, 1), True
    yield "EdgeCaseCombinations/metadata_without_data", [{"labels": name, "metadata": described}], (0, 0, 0), True
    yield (
        "EdgeCaseCombinations/exemplars_without_data",
        [{"labels": name, "exemplars": [exemplar(a="b")]}],
        (0, 0, 1),
        True,
    )


async def test_the_cases_of_compliance_are_answered_as_it_wants(door: Doorway) -> None:
    """2xx where all was written, else a 400 with text; the `Written` headers say how much was, also of a part."""
    wrong = {}
    for name, series, written, whole in cases():
        answer = await door.http.post(PATH, content=packed(version_2(*series)), headers=HEADERS_2)
        kinds = ("samples", "histograms", "exemplars")
        said = tuple(int(answer.headers.get(f"x-prometheus-remote-write-{kind}-written", 0)) for kind in kinds)
        if (said, answer.status_code, bool(answer.text)) != (written, 204 if whole else 400, not whole):
            wrong[name] = (said, answer.status_code, answer.text)
    assert wrong == {}
    assert door.refused("partly_refused") == 5


async def test_1_0_is_answered_without_the_headers_of_2_0(door: Doorway) -> None:
    """RW1BasicCompatibility; older senders name no encoding, no message, or no content type at all."""
    for headers in (
        HEADERS_1,
        {**HEADERS_1, "content-type": "application/x-protobuf;proto=prometheus.WriteRequest"},
        {**HEADERS_1, "content-type": 'application/x-protobuf; proto="prometheus.WriteRequest"'},
        {"content-type": "application/x-protobuf"},
        {"content-encoding": "snappy"},
        {},
    ):
        body = version_1(series_1({**UP, "n": str(headers)}, samples=[sample()]))
        answer = await door.http.post(PATH, content=packed(body), headers=headers)
        assert (answer.status_code, answer.text) == (204, ""), headers
        assert not [name for name in answer.headers if "written" in name]
    torn = b"\xff" + packed(body)[1:]  # RW1ErrorHandling
    assert (await door.http.post(PATH, content=torn, headers=HEADERS_1)).status_code == 400
    content = (await door.segment(SegmentKind.REMOTE_WRITE)).path.read_bytes()
    assert len([span for span in scan(memoryview(content)) if span.intact]) == 6


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"content-type": "application/json"}, 415, "expected application/x-protobuf"),
        ({"content-type": "image/png"}, 415, "expected application/x-protobuf"),
        ({"content-type": "application/x-protobuf;proto=io.prometheus.write.v3.Request"}, 415, "proto=prometheus"),
        ({"content-encoding": "gzip"}, 415, "content-encoding='gzip': expected snappy, zstd, identity"),
        ({"content-encoding": "deflate"}, 415, "content-encoding='deflate'"),
        ({"content-encoding": "identity"}, 400, "cannot read the body: expected protobuf"),
        ({"authorization": "Bearer nobody"}, 401, "the ingest key is not known"),
    ],
)
async def test_what_is_not_read_is_refused_in_plain_text(
    door: Doorway, change: dict[str, str], status: int, said: str
) -> None:
    """BadContentTypes and BadContentEncodings: a 415 even where the body is damaged, too."""
    body = b"0" + packed(version_2(plain(UP)))[1:]
    answer = await door.http.post(PATH, content=body, headers={**HEADERS_2, **change})
    assert answer.status_code == status
    assert said in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        pytest.param(b"", 400, "cannot unpack the body", id="nothing"),
        pytest.param(
            b"\xff" + packed(version_2(plain(UP)))[1:], 400, "cannot unpack the body", id="CorruptRequestBody"
        ),
        pytest.param(packed(version_2(plain(UP)))[:-4], 400, "cannot unpack the body", id="torn"),
        pytest.param(b"\xff\xff\xff\xff\x07" + bytes(5), 400, "cannot be the 2,147,483,647", id="lie"),
        pytest.param(packed(bytes(65 << 20)), 413, "over 64 MiB", id="bomb"),
        pytest.param(packed(b"not protobuf"), 400, "expected protobuf io.prometheus.write.v2.Request", id="text"),
        pytest.param(packed(version_1(series_1(UP, samples=[sample()]))), 400, "none of its fields", id="1.0"),
    ],
)
async def test_damaged_bodies_are_final_and_leave_nothing(door: Doorway, body: bytes, status: int, said: str) -> None:
    """No sender tries them again, nothing of them is kept, and the next body is taken."""
    answer = await door.http.post(PATH, content=body, headers=HEADERS_2)
    assert answer.status_code == status
    assert said in answer.text
    assert "retry-after" not in answer.headers
    assert door.measure("midwatch_ingest_reading_bytes") == 0
    answer = await door.http.post(PATH, content=packed(version_2(plain(UP))), headers=HEADERS_2)
    assert answer.status_code == 204


async def test_vmagents_zstd_and_plain_bodies_are_taken(door: Doorway) -> None:
    """What is harmless beside snappy."""
    for encoding, pack in (("zstd", zstd.compress), ("identity", bytes)):
        body = pack(version_1(series_1({**UP, "n": encoding}, samples=[sample()])).SerializeToString())
        answer = await door.http.post(PATH, content=body, headers={**HEADERS_1, "content-encoding": encoding})
        assert answer.status_code == 204, answer.text


async def test_keys_come_as_prometheus_can_send_them(door: Doorway) -> None:
    """`authorization`, `basic_auth` with the key as password or as user, or a header of its own."""
    body = packed(version_1(series_1(UP, samples=[sample()])))
    basic = [b64encode(pair).decode() for pair in (b"midwatch:good", b"good:")]
    for headers in ({"authorization": "Bearer good"}, *({"authorization": f"Basic {pair}"} for pair in basic)):
        answer = await door.http.post(PATH, content=body, headers={**HEADERS_1, **headers})
        assert answer.status_code == 204
    del door.http.headers["authorization"]
    answer = await door.http.post(PATH, content=body, headers={**HEADERS_1, "x-midwatch-key": "good"})
    assert answer.status_code == 204
    answer = await door.http.post(PATH, content=body, headers=HEADERS_1)
    assert answer.status_code == 401
    assert "no ingest key" in answer.text


async def test_a_key_over_its_rate_is_told_when_to_come_again(door: Doorway) -> None:
    """The one 4xx that senders may try again."""
    headers = {**HEADERS_1, "authorization": "Bearer slow"}
    many = packed(version_1(series_1(UP, samples=[sample() for _ in range(200)])))
    assert (await door.http.post(PATH, content=many, headers=headers)).status_code == 204
    answer = await door.http.post(PATH, content=packed(version_1(series_1(UP, samples=[sample()]))), headers=headers)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 20


async def test_otlp_metrics_come_in_where_prometheus_3_takes_them(door: Doorway) -> None:
    """The OTLP door under another path, with its own answers."""
    metric = Metric(name="m", gauge=Gauge(data_points=[NumberDataPoint(as_int=1)]))
    resources = [ResourceMetrics(scope_metrics=[ScopeMetrics(metrics=[metric])])]
    body = ExportMetricsServiceRequest(resource_metrics=resources).SerializeToString()
    headers = {"content-type": "application/x-protobuf", "content-encoding": "gzip"}
    answer = await door.http.post("/prometheus/api/v1/otlp/v1/metrics", content=gzip.compress(body), headers=headers)
    assert answer.status_code == 200, answer.text
    assert body in (await door.segment(SegmentKind.OTLP_METRICS)).path.read_bytes()


async def test_large_bodies_are_checked_in_another_process(door: Doorway) -> None:
    """With the same answer: what a part of them was refused for comes back, too."""
    series = [plain({"__name__": "up", "n": f"{place:0100d}"}) for place in range(2000)]
    body = version_2(*series, {"labels": {"n": "nameless"}, "samples": [sample()]})
    answer = await door.http.post(PATH, content=packed(body), headers=HEADERS_2)
    assert (answer.status_code, answer.headers["x-prometheus-remote-write-samples-written"]) == (400, "2000")
    assert answer.text.startswith("1 of 2,001 series refused: timeseries[2000] {n}: no __name__; the rest is kept")
