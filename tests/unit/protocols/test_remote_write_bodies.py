"""Bodies of remote write: what is taken as it came, what is put right, and what is refused with which words."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.remote_write import Symbols, series_1, version_1, version_2

from midwatch.server.protocols.prometheus.messages import VERSION_1, VERSION_2
from midwatch.server.protocols.prometheus.remote_write import BadWrite, Checked, Written, check_version_1
from midwatch.server.protocols.prometheus.version_2 import check_version_2

UP = {"__name__": "up", "job": "api"}
SAMPLE = {"value": 1.5, "timestamp": 1_700_000_000_000}
SOUND: dict[str, Any] = {
    "count_int": 9,
    "sum": 3.5,
    "positive_spans": [{"offset": 0, "length": 2}, {"offset": 3, "length": 1}],
    "positive_deltas": [1, 2, 1],
    "zero_count_int": 1,
    "timestamp": 1_700_000_000_000,
}


def both(labels: dict[str, str], **fields: Any) -> list[Checked]:
    """The same series, checked as 1.0 and as 2.0."""
    one = version_1(series_1(labels, **fields)).SerializeToString()
    two = version_2({"labels": labels, **fields}).SerializeToString()
    return [check_version_1(one), check_version_2(two)]


def refusals(labels: dict[str, str], **fields: Any) -> list[str]:
    found = []
    for build, check in (
        (lambda: version_1(series_1(labels, **fields)), check_version_1),
        (lambda: version_2({"labels": labels, **fields}), check_version_2),
    ):
        with pytest.raises(BadWrite) as raised:
            check(build().SerializeToString())
        found.append(str(raised.value))
    return found


def test_a_plain_body_of_1_0_is_kept_byte_by_byte_and_counted() -> None:
    """Nothing is encoded anew, and what it holds is told without looking at series."""
    exemplar = {"labels": [{"name": "trace_id", "value": "ab"}], "value": 1, "timestamp": 1}
    body = version_1(
        series_1(UP, samples=[SAMPLE, SAMPLE], exemplars=[exemplar]),
        series_1({"job": "b", "__name__": "down"}, samples=[SAMPLE]),
        metadata=[{"type": 1, "metric_family_name": "up"}],
    )
    checked = check_version_1(body.SerializeToString())
    assert checked == Checked(None, Written(3, 0, 1), metadata=1)
    assert checked.items == 5


def test_2_0_becomes_1_0_with_its_symbols_resolved() -> None:
    """Labels, exemplars, histograms and start times keep their values; each description is there once."""
    labels = {"__name__": "http_seconds_bucket", "le": "1"}
    exemplar = {"labels": {"trace_id": "ab", "span_id": "cd"}, "value": 0.5, "timestamp": 7}
    described = {"type": 3, "help": "How long.", "unit": "seconds"}
    sample = {**SAMPLE, "start_timestamp": 5}
    body = version_2(
        {"labels": labels, "samples": [sample], "exemplars": [exemplar], "metadata": described, "created_timestamp": 3},
        {"labels": labels, "samples": [SAMPLE], "metadata": described},
        {"labels": {"__name__": "h"}, "histograms": [SOUND], "metadata": {"type": 3}},
    )
    checked = check_version_2(body.SerializeToString())
    pairs = [{"name": "trace_id", "value": "ab"}, {"name": "span_id", "value": "cd"}]
    expected = version_1(
        series_1(
            labels,
            samples=[sample],
            exemplars=[{"labels": pairs, "value": 0.5, "timestamp": 7}],
            created_timestamp=3,
        ),
        series_1(labels, samples=[SAMPLE]),
        series_1({"__name__": "h"}, histograms=[SOUND]),
        metadata=[
            {"type": 3, "metric_family_name": "http_seconds", "help": "How long.", "unit": "seconds"},
            {"type": 3, "metric_family_name": "h"},
        ],
    )
    assert checked.content is not None
    assert VERSION_1.request.FromString(checked.content) == expected
    assert (checked.written, checked.metadata, checked.refused) == (Written(2, 1, 1), 2, "")


@pytest.mark.parametrize(
    "labels", [{"job": "api", "__name__": "up"}, {**UP, "empty": ""}, {"__name__": "b c.ü", "a b": "x\n"}]
)
def test_labels_in_any_order_and_of_any_text_are_taken(labels: dict[str, str]) -> None:
    """2.0 says that senders must sort them; who does not loses nothing."""
    for checked in both(labels, samples=[SAMPLE]):
        assert (checked.written, checked.refused) == (Written(1), "")


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({}, "no __name__"),
        ({"job": "api"}, "no __name__"),
        ({"__name__": "", "job": "api"}, "no __name__"),
    ],
)
def test_series_without_a_name_are_refused(labels: dict[str, str], said: str) -> None:
    """With where they stand and which labels they have; values are not said, they may be private."""
    for text in refusals(labels, samples=[SAMPLE]):
        assert text.startswith("1 of 1 series refused: timeseries[0] ")
        assert said in text
        assert "api" not in text


def test_one_bad_series_does_not_take_the_others_along() -> None:
    """The sound ones are kept, and what was refused is said."""
    series = [UP, {"job": "nameless"}, {**UP, "job": "b"}]
    one = check_version_1(version_1(*(series_1(labels, samples=[SAMPLE]) for labels in series)).SerializeToString())
    two = check_version_2(
        version_2(*({"labels": labels, "samples": [SAMPLE]} for labels in series)).SerializeToString()
    )
    for checked in (one, two):
        assert checked.written == Written(2)
        assert checked.refused == "1 of 3 series refused: timeseries[1] {job}: no __name__"
        assert checked.content is not None
        kept = VERSION_1.request.FromString(checked.content)
        assert [label.value for kept_series in kept.timeseries for label in kept_series.labels] == [
            "up",
            "api",
            "up",
            "b",
        ]


def test_no_more_than_three_refused_series_are_told() -> None:
    """A body of nothing but mistakes has a short answer."""
    body = version_1(*(series_1({f"l{place}": "x"}, samples=[SAMPLE]) for place in range(1000)))
    with pytest.raises(
        BadWrite, match=r"1,000 of 1,000 series refused: (timeseries\[\d\] \{l\d\}: no __name__(; )?){3}$"
    ):
        check_version_1(body.SerializeToString())


def test_a_label_twice_is_refused() -> None:
    """Which is told where series are looked at one by one; plain bodies of 1.0 leave it to the store."""
    twice = [("__name__", "up"), ("job", "a"), ("job", "b")]
    with pytest.raises(BadWrite, match="the label 'job' is there twice"):
        check_version_1(version_1(series_1(twice, histograms=[SOUND])).SerializeToString())
    symbols = Symbols()
    refs = [symbols(text) for pair in twice for text in pair]
    body = VERSION_2.request(symbols=symbols.texts, timeseries=[{"labels_refs": refs, "samples": [SAMPLE]}])
    with pytest.raises(BadWrite, match="the label 'job' is there twice"):
        check_version_2(body.SerializeToString())


def request_2(symbols: list[str], **fields: Any) -> bytes:
    return bytes(VERSION_2.request(symbols=symbols, timeseries=[{"samples": [SAMPLE], **fields}]).SerializeToString())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (request_2(["", "__name__", "up"], labels_refs=[1, 3]), "3 is beyond the 3 symbols"),
        (request_2(["", "__name__", "up"], labels_refs=[1, 2, 1]), "expected names and values in pairs"),
        (request_2(["", "__name__", "up"], labels_refs=[1, 2, 0, 2]), "a label without a name"),
        (request_2(["__name__", "up"], labels_refs=[0, 1]), "symbols: expected an empty string first"),
        (request_2([], labels_refs=[]), "symbols: expected an empty string first"),
        (request_2(["", "__name__", "up"], labels_refs=[1, 2], metadata={"help_ref": 9}), "9 is beyond"),
        (request_2(["", "__name__", "up"], labels_refs=[1, 2], exemplars=[{"labels_refs": [9, 9]}]), "9 is beyond"),
        (request_2(["", "__name__", "up"], labels_refs=[1, 2], histograms=[SOUND]), "samples and histograms in one"),
    ],
)
def test_bad_references_of_2_0_are_named(body: bytes, said: str) -> None:
    """A reference that leads nowhere is no reason to guess."""
    with pytest.raises(BadWrite, match=said):
        check_version_2(body)


NAN = float("nan")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"count_int": 99}, "its buckets hold 9 observations, and its count is 99"),
        ({"schema": 9}, "schema=9: expected -4 to 8, or -53"),
        ({"positive_deltas": [1, 2]}, "positive spans are of 3 buckets, and 2 were sent"),
        ({"positive_deltas": [1, -3, 9]}, "a positive bucket has a count below zero"),
        ({"positive_spans": [{"length": 2}, {"offset": -1, "length": 1}]}, "positive spans overlap"),
        ({"negative_spans": [{"length": 1 << 31}]}, "negative spans are of 2,147,483,648 buckets, and 0 were sent"),
        ({"schema": -53}, "a zero bucket beside custom ones"),
        ({"schema": -53, "zero_count_int": 0, "custom_values": [1, 1]}, "custom values are not ascending"),
        ({"schema": -53, "zero_count_int": 0, "custom_values": [1, float("inf")]}, "custom values are not finite"),
        ({"schema": -53, "zero_count_int": 0, "custom_values": [1, 2]}, "spans reach beyond the 3 custom buckets"),
        ({"schema": -53, "zero_count_int": 0, "negative_deltas": [1]}, "negative buckets beside custom ones"),
    ],
)
def test_histograms_that_are_none_are_refused(change: dict[str, Any], said: str) -> None:
    """Each with what is wrong with it."""
    for text in refusals(UP, histograms=[{**SOUND, **change}]):
        assert f"a histogram: {said}" in text


@pytest.mark.parametrize(
    "histogram",
    [
        SOUND,
        {"count_int": 0, "sum": 0},
        {"count_int": 0, "sum": float("nan")},
        {**SOUND, "count_int": 12, "sum": NAN},
        {"count_float": 2.5, "positive_spans": [{"length": 2}], "positive_counts": [0.5, 2], "reset_hint": 3},
        {
            "schema": -53,
            "count_int": 6,
            "positive_spans": [{"length": 3}],
            "positive_deltas": [1, 1, 1],
            "custom_values": [0.1, 1],
        },
    ],
)
def test_histograms_of_every_kind_are_taken(histogram: dict[str, Any]) -> None:
    """Integers, floats, custom buckets, stale markers, observations of NaN."""
    for checked in both(UP, histograms=[histogram]):
        assert (checked.written, checked.refused) == (Written(0, 1), "")


@pytest.mark.parametrize(
    ("check", "body", "said"),
    [
        pytest.param(check_version_1, b"\x0a\x05xyz", "expected protobuf prometheus.WriteRequest", id="torn"),
        pytest.param(check_version_1, b"\xff" * 9, "expected protobuf prometheus.WriteRequest", id="no-protobuf"),
        pytest.param(
            check_version_1,
            version_1(series_1({"__name__": "up", "job": "abc"})).SerializeToString().replace(b"abc", b"\xff\xfe\xfd"),
            "text in UTF-8",
            id="utf-8",
        ),
        pytest.param(
            check_version_1,
            version_2({"labels": UP, "samples": [SAMPLE]}).SerializeToString(),
            "expected prometheus.WriteRequest: none of its fields is there",
            id="2.0-as-1.0",
        ),
        pytest.param(
            check_version_2,
            version_1(series_1(UP, samples=[SAMPLE])).SerializeToString(),
            "expected io.prometheus.write.v2.Request: none of its fields is there",
            id="1.0-as-2.0",
        ),
        pytest.param(check_version_1, b"\x0a\x02\x08\x01", "labels has wire type 0", id="wire-type"),
    ],
)
def test_bodies_that_are_another_thing_are_refused(check: Callable[[bytes], Checked], body: bytes, said: str) -> None:
    """Also a message of the other version, which protobuf would read as an empty one."""
    with pytest.raises(BadWrite, match=said):
        check(body)


@pytest.mark.parametrize("check", [check_version_1, check_version_2])
def test_an_empty_message_is_nothing_to_write(check: Callable[[bytes], Checked]) -> None:
    """No error and no item."""
    assert check(b"").items == 0
