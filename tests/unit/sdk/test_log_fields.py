"""What is remembered of the fields of lines changes nothing of what is told of them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as Sent

from midwatch.contract.redaction.values import Redactor
from midwatch.sdk import context
from midwatch.sdk.log_fields import KNOWN_CHARACTERS_MAX, KNOWN_MAX
from midwatch.sdk.log_lines import LogKeys, json_line
from midwatch.sdk.loggers import Structlog
from midwatch.sdk.logging import LogPipe
from midwatch.sdk.wire.logs import LogEncoder, LogRecord

SECRET = "hunter2hunter2"


class Pipe(LogPipe):
    """Keeps what comes out of it."""

    def __init__(self, **keys: str) -> None:
        self.lines: list[dict[str, Any]] = []
        self.records: list[LogRecord] = []
        super().__init__(
            service="api",
            environment="prod",
            keys=LogKeys(**keys),
            redactor=Redactor(),
            write=lambda line: self.lines.append(json.loads(json_line(line))),
            send=self.records.append,
        )

    def tell(self, fields: Mapping[str, Any], bound: Mapping[str, Any]) -> tuple[dict[str, Any], Sent]:
        """One line, as it is written and as it is sent."""
        entered = context.enter(context.Context("c-1", "r-1", bound))
        self.emit("info", "told", fields, logger="shop", time_unix_nano=10**18)
        context.leave(entered)
        return self.lines[-1], Sent.FromString(LogEncoder().record(self.records[-1]))


def plainly(record: LogRecord) -> Sent:
    """The same record, encoded from its attributes alone."""
    record.encoded = None
    return Sent.FromString(LogEncoder().record(record))


KEYS = st.sampled_from(
    ("order", "password", "logger", "correlation_id", "request_id", "service", "trace_id", "level", "ann@example.org")
)
TEXTS = st.one_of(
    st.sampled_from((SECRET, "ann@example.org", "a" * KNOWN_CHARACTERS_MAX, "a" * 300, "", "ü" * 70, "\ud800")),
    st.text(max_size=8),
)
VALUES = st.one_of(
    TEXTS,
    st.sampled_from((0, 1, True, False, 1.0, -1, 127, 128, 2**62, 2**63, 2**70, -(2**63), float("inf"), None)),
    st.integers(),
    st.floats(allow_nan=False),
    st.lists(TEXTS, max_size=2),
    st.dictionaries(KEYS, TEXTS, max_size=2),
)
LINES = st.lists(
    st.tuples(st.dictionaries(KEYS, VALUES, max_size=4), st.dictionaries(KEYS, VALUES, max_size=2)), max_size=8
)


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_what_is_known_of_a_field_tells_the_same_as_looking_at_it(lines: list[tuple[Any, Any]]) -> None:
    """Whatever was told before: as a pipe that knows nothing, and sent as a record encoded from its attributes."""
    knowing = Pipe()
    for fields, bound in lines + lines:
        line, sent = knowing.tell(fields, bound)
        assert (line, sent) == Pipe().tell(fields, bound)
        assert sent == plainly(knowing.records[-1])
        assert line["service"] == "api"
        if "password" in fields and isinstance(fields["password"], str):
            assert line["password"] != fields["password"] or not fields["password"]


def test_more_than_is_remembered_is_told_all_the_same() -> None:
    pipe = Pipe()
    for number in range(KNOWN_MAX + 10):
        line, sent = pipe.tell({"order": f"o-{number}", f"key{number}": number}, {})
        assert (line["order"], line[f"key{number}"]) == (f"o-{number}", number)
        assert sent.attributes[-2].value.int_value == number


def test_other_processors_of_structlog_get_its_lines() -> None:
    """The short way to the pipe is taken only where nobody has put something into it."""
    pipe = Pipe()
    Structlog(pipe).configure(20)
    try:
        log = structlog.get_logger().bind(order="o-1")
        with structlog.testing.capture_logs() as captured:
            log.info("captured", event_number=1)
        log.info("told", method="GET", fields=2)
    finally:
        structlog.reset_defaults()
    assert captured == [{"order": "o-1", "event_number": 1, "event": "captured", "log_level": "info"}]
    (line,) = pipe.lines
    assert (line["message"], line["order"], line["method"], line["fields"]) == ("told", "o-1", "GET", 2)


@pytest.mark.parametrize("value", ["o-1", 5, 2.5])
def test_a_record_that_a_listener_has_changed_is_sent_as_it_is_then(value: Any) -> None:
    pipe = Pipe()

    def change(record: LogRecord, _: BaseException | None) -> None:
        record.attributes["order"], record.encoded = value, None

    pipe.listeners.append(change)
    _, sent = pipe.tell({"order": "o-0"}, {})
    (order,) = (one.value for one in sent.attributes if one.key == "order")
    assert value in (order.string_value, order.int_value, order.double_value)
