"""Log lines as loggers and drains write them."""

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
