"""Results, trees and names as Prometheus's HTTP API has them."""

import math
import struct

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midwatch.server.promql import Matrix, Points, Result, Sample, Vector, parse
from midwatch.server.promql.histogram import Buckets, FloatHistogram
from midwatch.server.promql.wire import encoded, tree
from midwatch.server.promql.wire.names import unescaped
from midwatch.server.promql.wire.numbers import number, numbers, seconds

_BITS = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (0.1, "0.1"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.5e-10, "1.5e-10"),
        (5e-324, "5e-324"),
        (1e16, "10000000000000000"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-1.25e22, "-1.25e+22"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
    ],
)
def test_numbers_are_written_as_prometheus_does(value: float, text: str) -> None:
    """With an exponent from 1e21 and below 1e-6."""
    assert number(value) == text
    assert numbers(np.array([value, 1.0])) == [text.encode(), b"1"]


@given(st.lists(_BITS | st.integers(-(10**6), 10**6).map(float), max_size=20))
def test_many_numbers_are_written_as_one(values: list[float]) -> None:
    """And each is read back as itself."""
    found = numbers(np.array(values, dtype=np.float64))
    assert [text.decode() for text in found] == [number(value) for value in values]
    assert all(float(text) == value or value != value for text, value in zip(found, values, strict=True))


@pytest.mark.parametrize(("time_ms", "text"), [(0, "0"), (1500, "1.500"), (-1, "-0.001"), (60_000, "60")])
def test_times_are_seconds(time_ms: int, text: str) -> None:
    """With milliseconds where there are any."""
    assert seconds(time_ms) == text


def test_a_matrix_of_floats_and_histograms() -> None:
    """Series with either and both; warnings and infos beside."""
    native = FloatHistogram(0, 3.0, 1.5, 0.5, 1.0, Buckets(np.array([1]), np.array([2.0])))
    series = [
        Points((("a", "1"),), np.array([0, 15_000]), np.array([1.0, math.nan])),
        Points((("a", "2"),), np.array([], dtype=np.int64), np.array([]), [15_000], [native]),
    ]
    found = orjson.loads(encoded(Result(Matrix(series), 15_000, ["w"], ["i"], 3)))
    histogram = {"count": "3", "sum": "1.5", "buckets": [[3, "-0.5", "0.5", "1"], [0, "1", "2", "2"]]}
    assert found == {
        "status": "success",
        "data": {
            "resultType": "matrix",
            "result": [
                {"metric": {"a": "1"}, "values": [[0, "1"], [15, "NaN"]]},
                {"metric": {"a": "2"}, "histograms": [[15, histogram]]},
            ],
        },
        "warnings": ["w"],
        "infos": ["i"],
    }


def test_a_cut_answer_says_so() -> None:
    """As many series as were asked for, and a warning."""
    samples = [Sample((("a", str(place)),), 1.0) for place in range(3)]
    found = orjson.loads(encoded(Result(Vector(samples), 0, [], [], 3), limit=2))
    assert (len(found["data"]["result"]), found["warnings"]) == (2, ["results truncated due to limit"])
    assert "warnings" not in orjson.loads(encoded(Result(Vector(samples), 0, [], [], 3), limit=3))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("up", "up"),
        ("U__http_2e_status", "http.status"),
        ("U__a__b", "a_b"),
        ("U___4f60_", "你"),
        ("U__a_b", "U__a_b"),
        ("U___d800_", "U___d800_"),
    ],
)
def test_escaped_names(name: str, meant: str) -> None:
    """What is no escape stays as it is."""
    assert unescaped(name) == meant


@pytest.mark.parametrize(
    "query",
    [
        "1",
        '"a"',
        "-up",
        "(up)",
        "rate(up[5m] offset 1m)",
        "max_over_time(rate(up[1m])[5m:1m] @ end())",
        "sum without (a) (up)",
        "topk(3, up)",
        "a * on (b) group_left (c) d",
        "a == bool b",
    ],
)
def test_every_node_is_a_tree(query: str) -> None:
    """JSON all through, each node with its type."""

    def walk(node: object) -> None:
        if isinstance(node, dict):
            for value in node.values():
                walk(value)

    found = tree(parse(query))
    walk(found)
    assert orjson.loads(orjson.dumps(found)) == found
    assert found["type"]
