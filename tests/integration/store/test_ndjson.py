"""Log lines as loggers and drains write them."""

import json
from typing import Any

import pytest

from midwatch.server.model.signal import SegmentKind
from tests.integration.store.conftest import Feed

NS = 1_700_000_000_123_000_000
LINES = [
    ("pino", '{"level":50,"time":1700000000123,"pid":1,"msg":"m"}', "error", "m"),
    ("structlog", '{"event":"m n","level":"warning","timestamp":"2023-11-14T22:13:20.123Z"}', "warn", "m n"),
    ("logpush", '{"EventTimestampMs":1700000000123,"Outcome":"ok","message":"m"}', "unknown", "m"),
    ("seconds", '{"ts":1700000000.123,"severity":"INFO","message":"m"}', "info", "m"),
    ("text number", '{"time":"1700000000123","lvl":"debug","msg":"m"}', "debug", "m"),
    ("micros", '{"time":1700000000123000,"level":"fatal","msg":"m"}', "fatal", "m"),
    ("nanos", '{"@timestamp":1700000000123000000,"level":"trace","message":"m"}', "trace", "m"),
]


@pytest.mark.parametrize(("name", "line", "level", "body"), LINES, ids=[line[0] for line in LINES])
async def test_dialects(feed: Feed, name: str, line: str, level: str, body: str) -> None:
    """Time, level and message are recognised in every dialect."""
    await feed.send(SegmentKind.NDJSON_LOGS, line.encode())
    (row,) = await feed.store.rows(
        "SELECT toUnixTimestamp64Nano(Timestamp) AS ns, toString(Level) AS level, Body FROM logs"
    )
    assert (abs(row["ns"] - NS) < 1_000_000, row["level"], row["Body"]) == (True, level, body), name


async def test_other_fields_keep_their_types(feed: Feed) -> None:
    """What is not recognised stays an attribute with its type; exceptions get OpenTelemetry's names."""
    line = b'{"msg":"m","n":1,"d":1.5,"b":false,"s":"","l":[1],"o":{"k":{"z":1}},'
    line += b'"err":{"type":"E","message":"x","stack":"at"}}'
    await feed.send(SegmentKind.NDJSON_LOGS, line + b"\nnot json\n")
    rows = await feed.store.rows(
        "SELECT Body, LogAttributes AS a, LogAttributeTypes AS t FROM logs ORDER BY length(a) DESC"
    )
    kept = dict(zip(rows[0]["a"], rows[0]["t"], strict=True))
    assert kept == {
        "n": 3,
        "d": 4,
        "b": 2,
        "s": 1,
        "l": 5,
        "o.k": 6,
        "exception.type": 1,
        "exception.message": 1,
        "exception.stacktrace": 1,
    }
    assert (rows[0]["a"]["b"], rows[0]["a"]["o.k"], rows[1]["Body"]) == ("false", '{"z":1}', "not json")


TIMES = [
    ("1700000000.123456", 1_700_000_000_123_456_000),
    ("1700000000", 1_700_000_000_000_000_000),
    ("1700000000481", 1_700_000_000_481_000_000),
    ("1700000000481.25", 1_700_000_000_481_250_000),
    ("1700000000481503", 1_700_000_000_481_503_000),
    ("1700000000481503077", 1_700_000_000_481_503_077),
    ('"1700000000481"', 1_700_000_000_481_000_000),
    ("-1.5", -1_500_000_000),
    ('"2023-11-14T22:13:20.123456789Z"', 1_700_000_000_123_456_789),
    ("1e10", 9_223_372_036_000_000_000),
]


@pytest.mark.parametrize(("text", "nanos"), TIMES)
async def test_times_are_exact(feed: Feed, text: str, nanos: int) -> None:
    """To the nanosecond, in every unit; what is past 2262 is there."""
    await feed.send(SegmentKind.NDJSON_LOGS, b'{"msg":"m","time":%s}' % text.encode())
    (row,) = await feed.store.rows("SELECT toUnixTimestamp64Nano(Timestamp) AS ns FROM logs")
    assert row["ns"] == nanos


@pytest.mark.parametrize("text", ["-1e300", "99999999999999999999999999", '"nan"', '"inf"', '"soon"', "0"])
async def test_no_time_spoils_a_segment(feed: Feed, text: str) -> None:
    """A number that is no time is kept as an attribute of a line that has the time at which it came."""
    await feed.send(SegmentKind.NDJSON_LOGS, b'{"msg":"m","time":%s}' % text.encode())
    (row,) = await feed.store.rows("SELECT LogAttributes AS a, Adjustments FROM logs")
    assert (row["a"], row["Adjustments"]) == ({"time": text.strip('"')}, ["time_missing"])


TRACE = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"


async def one(feed: Feed, line: dict[str, Any]) -> dict[str, Any]:
    await feed.send(SegmentKind.NDJSON_LOGS, json.dumps(line).encode())
    (row,) = await feed.store.rows(
        "SELECT Body, ServiceName, Environment, TraceId, SpanId, EventName, LogAttributes AS a, Adjustments FROM logs"
    )
    return row


async def test_the_teams_own_names_are_known(feed: Feed) -> None:
    """A trace id may be a UUID with dashes; ids of sessions, users and requests keep the names they were sent with."""
    line = {"event": "paid", "message": "m", "x-trace-id": TRACE, "otelSpanID": "00F067AA0BA902B7"}
    line |= {"serviceName": "api", "NODE_ENV": "production", "sessionId": "s", "correlation_id": "c"}
    row = await one(feed, line | {"userId": 7})
    columns = [row[name] for name in ("ServiceName", "Environment", "TraceId", "SpanId", "EventName")]
    assert columns == ["api", "production", TRACE.replace("-", ""), "00f067aa0ba902b7", "paid"]
    assert (row["a"], row["Adjustments"]) == (
        {"sessionId": "s", "correlation_id": "c", "userId": "7"},
        ["time_missing"],
    )


async def test_railways_lines_have_service_and_environment(feed: Feed) -> None:
    """As its log shipper Locomotive writes them: under `_metadata`, with the same time six times over."""
    times = dict.fromkeys(("time", "_time", "dt", "datetime", "ts", "timestamp"), "2020-05-22T21:27:33Z")
    known = {"serviceName": "Autorack", "environmentName": "production", "deploymentId": "d-1"}
    row = await one(feed, {"_metadata": known, "message": "m", "level": "info", "severity": "info", **times})
    assert (row["ServiceName"], row["Environment"], row["Adjustments"]) == ("Autorack", "production", [])
    assert row["a"].keys() == {"_metadata.deploymentId", "_time", "dt"}


async def test_what_is_in_no_column_stays_an_attribute(feed: Feed) -> None:
    """A second message, service, level or time, ids that are none, and a level number between two levels."""
    line = {"message": "m", "text": "t", "service": "a", "app": "b", "level": 35, "severity": "NOTICE"}
    line |= {"timestamp": "2023-11-14T22:13:20Z", "date": "tomorrow", "trace_id": "req-1", "span_id": "xyz"}
    row = await one(feed, line)
    kept = {"text": "t", "app": "b", "level": "35", "severity": "NOTICE", "date": "tomorrow"}
    assert row["a"] == {**kept, "trace_id": "req-1", "span_id": "xyz"}
    assert row["Adjustments"] == ["trace_id_invalid", "span_id_invalid"]
    assert (row["TraceId"], row["SpanId"], row["ServiceName"]) == ("", "", "a")


async def test_ids_of_nothing_are_none(feed: Feed) -> None:
    """OpenTelemetry's logging instrumentation writes `0` outside of a span; that is no mistake and no attribute."""
    row = await one(
        feed, {"msg": "m", "time": 1700000000123, "otelTraceID": "0", "otelSpanID": "0", "trace_id": "0" * 32}
    )
    assert (row["TraceId"], row["SpanId"], row["a"], row["Adjustments"]) == ("", "", {}, [])


async def test_two_parts_never_share_a_name(feed: Feed) -> None:
    """An error's `name` and `type` would both be `exception.type`: the second keeps its own name."""
    row = await one(feed, {"msg": "m", "err": {"type": "RangeError", "name": "Mine", "message": "x"}})
    assert row["a"] == {"exception.type": "RangeError", "err.name": "Mine", "exception.message": "x"}
