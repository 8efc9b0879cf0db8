"""Lines of structlog and of the standard library, as they are seen and as they are sent."""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import use_span

from midwatch.contract.redaction.values import Redactor
from midwatch.sdk import context
from midwatch.sdk.log_lines import LINE_BYTES_MAX, LogKeys, Stamps, json_line
from midwatch.sdk.loggers import StandardHandler, Structlog, give_back_standard, take_over_standard
from midwatch.sdk.logging import LogPipe
from midwatch.sdk.sampling import sampler_for
from midwatch.sdk.tracing import TracerProvider
from midwatch.sdk.wire.logs import LogRecord


@dataclass
class Seen:
    """What came out of the pipe."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    records: list[LogRecord] = field(default_factory=list)

    def write(self, line: Mapping[str, Any]) -> None:
        self.lines.append(json.loads(json_line(line)))

    def pipe(self, **keys: str) -> LogPipe:
        return LogPipe(
            service="api",
            environment="prod",
            keys=LogKeys(**keys),
            redactor=Redactor(),
            write=self.write,
            send=self.records.append,
        )


@pytest.fixture
def seen() -> Iterator[Seen]:
    seen = Seen()
    pipe = seen.pipe()
    Structlog(pipe).configure(10)
    take_over_standard(pipe, 10)
    yield seen
    give_back_standard()
    structlog.reset_defaults()


def test_a_line_has_its_keys(seen: Seen) -> None:
    """Time, level, message, service, environment, ids of the work and of the span, what was bound, and its own."""
    span = TracerProvider(resource=Resource({}), sampler=sampler_for(1)).get_tracer("t").start_span("s")
    with context.work("c-1", user_id="u-1"), use_span(span):
        structlog.get_logger().bind(job_id="j-1").info("order placed", total=12.5)
    (line,) = seen.lines
    ids = span.get_span_context()
    stamp = line.pop("timestamp")
    assert stamp.endswith("Z")
    assert stamp[10] == "T"
    assert line == {
        "level": "info",
        "message": "order placed",
        "service": "api",
        "env": "prod",
        "trace_id": f"{ids.trace_id:032x}",
        "span_id": f"{ids.span_id:016x}",
        "correlation_id": "c-1",
        "user_id": "u-1",
        "job_id": "j-1",
        "total": 12.5,
    }
    (record,) = seen.records
    assert (record.body, record.severity_number, record.trace_id) == ("order placed", 9, ids.trace_id)
    assert record.attributes == {"correlation_id": "c-1", "user_id": "u-1", "job_id": "j-1", "total": 12.5}


def test_teams_name_their_keys() -> None:
    seen = Seen()
    seen.pipe(timestamp="ts", message="event", metadata="metadata").emit("info", "paid", {"amount": 5})
    (line,) = seen.lines
    assert set(line) == {"ts", "level", "event", "service", "env", "metadata"}
    assert (line["event"], line["metadata"]) == ("paid", {"amount": 5})


def test_a_field_does_not_hide_what_every_line_has(seen: Seen) -> None:
    structlog.get_logger().info("hello", service="other", level="x", message="y")
    (line,) = seen.lines
    assert (line["service"], line["level"], line["message"]) == ("api", "info", "hello")
    assert seen.records[0].attributes["service"] == "other"


def test_both_libraries_come_once(seen: Seen) -> None:
    """Arguments filled in, extras as fields, the logger's name; uvicorn's own handlers write nothing beside."""
    logging.getLogger("shop.cart").warning("%d left", 3, extra={"sku": "a"})
    logging.getLogger("uvicorn.error").info("started")
    structlog.get_logger().info("%d sold", 4)
    assert [line["message"] for line in seen.lines] == ["3 left", "started", "4 sold"]
    assert (seen.lines[0]["sku"], seen.lines[0]["logger"], seen.lines[0]["level"]) == ("a", "shop.cart", "warning")
    assert len(seen.records) == 3


def fail() -> None:
    try:
        raise KeyError("gone")
    except KeyError as error:
        raise ValueError("no such order") from error


@pytest.mark.parametrize("library", ["structlog", "standard"])
def test_exceptions_are_told_with_their_causes(seen: Seen, library: str) -> None:
    logger = structlog.get_logger() if library == "structlog" else logging.getLogger("x")
    try:
        fail()
    except ValueError:
        logger.exception("it broke")
    (line,) = seen.lines
    assert line["level"] == "error"
    assert (line["error"]["name"], line["error"]["message"]) == ("ValueError", "no such order")
    assert line["error"]["causes"] == [{"name": "KeyError", "message": "'gone'"}]
    assert "raise KeyError" in line["error"]["stack"]
    (record,) = seen.records
    assert record.attributes["exception.type"] == "ValueError"
    assert record.attributes["exception.stacktrace"] == line["error"]["stack"]


def test_what_is_private_is_nowhere(seen: Seen) -> None:
    """In messages, fields, extras, nested values, bound fields and exceptions; of both libraries."""
    context_token = context.enter(context.Context("c", "r", {"password": "hunter2"}))
    structlog.get_logger().info(
        "mail to ann@example.org", api_key="k-123", deep={"token": "t-9", "list": ["ann@example.org"]}
    )
    logging.getLogger("x").info("call +14155552671", extra={"authorization": "Bearer abcdefgh"})
    try:
        raise ValueError("card 4111 1111 1111 1111")
    except ValueError:
        logging.getLogger("x").exception("paid with 4111111111111111")
    context.leave(context_token)
    said = json.dumps(seen.lines) + repr(seen.records)
    for secret in ("hunter2", "ann@example.org", "k-123", "t-9", "4155552671", "abcdefgh", "1111 1111", "411111"):
        assert secret not in said


def test_levels_are_asked_first() -> None:
    seen = Seen()
    Structlog(seen.pipe()).configure(20)
    structlog.get_logger().debug("quiet")
    structlog.get_logger().warn("loud")
    structlog.reset_defaults()
    assert [line["level"] for line in seen.lines] == ["warning"]


class Broken:
    def __str__(self) -> str:
        raise RuntimeError("no text")


def test_nothing_that_is_logged_raises(seen: Seen) -> None:
    """Objects without text, loops, half surrogates, huge numbers, keys that are no text."""
    loop: dict[str, Any] = {}
    loop["self"] = loop
    structlog.get_logger().info("odd", broken=Broken(), loop=loop, half="\ud800", huge=2**80, keys={1: "a", None: "b"})
    handler = StandardHandler(seen.pipe())
    handler.handle(logging.makeLogRecord({"msg": "%s %s", "args": (Broken(),), "levelno": 20}))
    assert [line["message"] for line in seen.lines] == ["odd", "%s %s ['<Broken that has no text>']"]
    assert seen.lines[0]["huge"] == str(2**80)


@pytest.mark.parametrize(
    "fields",
    [
        {"a": "x" * (LINE_BYTES_MAX + 1)},
        {f"field_{number}": "y" * 5000 for number in range(200)},
        {"nested": {"a": ["z" * 1000] * 1000}, "kept": 1},
    ],
    ids=["one value", "many values", "nested"],
)
def test_a_line_that_is_too_long_is_cut_in_its_long_values(fields: dict[str, Any]) -> None:
    """It stays one line of JSON with all of its keys, and says what was longer."""
    rendered = json_line({"message": "told", **fields})
    assert len(rendered) <= LINE_BYTES_MAX
    line = json.loads(rendered)
    assert line.keys() == {"message", *fields}
    assert line["message"] == "told"
    assert line.get("kept", 1) == 1
    assert any(str(value).endswith(" characters)") for value in line.values())


def test_a_line_at_the_limit_is_whole() -> None:
    text = "x" * (LINE_BYTES_MAX - len(json_line({"a": ""})))
    assert json.loads(json_line({"a": text})) == {"a": text}
    assert json.loads(json_line({"a": text + "x"})) != {"a": text + "x"}


def test_stamps_are_those_of_their_millisecond() -> None:
    """Forwards and backwards, within a millisecond and over seconds, from one renderer that remembers the last."""
    stamps = Stamps()
    start = 1_700_000_000_999_000_000
    for off in (0, 1, 999_999, 1_000_000, 1_000_001, 2_000_000, -1, -1_000_000, 0, 60_000_000_000, 59_999_999_999, 0):
        whole = datetime.fromtimestamp((start + off) // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        milliseconds = (start + off) // 1_000_000 % 1000
        assert stamps.render(start + off) == f"{whole}.{milliseconds:03d}Z"
