"""The one pipe in which all lines end, whoever says them.

A line goes to stdout (or wherever it is to go), to the server as an OpenTelemetry log record, and to whoever listens,
such as the capture of errors. What is private is gone before any of them sees it.
"""

from collections.abc import Callable, Mapping
from copy import copy
from time import time_ns
from typing import Any, NamedTuple

from opentelemetry.trace import INVALID_SPAN, Span

from midwatch.contract.redaction.said import safe_text
from midwatch.contract.redaction.values import Redactor
from midwatch.sdk import context
from midwatch.sdk.context_spans import span_at_hand
from midwatch.sdk.log_fields import LogFields
from midwatch.sdk.log_lines import LINE_BYTES_MAX, LogKeys, Stamps
from midwatch.sdk.log_output import JsonLines
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.redaction_errors import told_of
from midwatch.sdk.wire.attributes import text_field
from midwatch.sdk.wire.logs import ATTRIBUTE, LogRecord
from midwatch.sdk.wire.logs import ids as encoded_ids

SEVERITY = {"debug": 5, "info": 9, "warning": 13, "error": 17, "critical": 21}
"""OpenTelemetry's numbers."""

LOGGERS_MAX = 1024
MESSAGES_MAX = 1024
MESSAGE_CHARACTERS_MAX = 128
"""Messages that are remembered: a program's own come again, word for word."""


FIELDS, FAILED = "fields", "failed"

Renderer = Callable[[Mapping[str, Any]], bytes]
Listener = Callable[[LogRecord, BaseException | None], None]


class LogPipe:
    """Takes lines from any thread; never raises."""

    def __init__(
        self,
        *,
        service: str,
        environment: str,
        keys: LogKeys,
        redactor: Redactor,
        write: Callable[[Mapping[str, Any]], None],
        send: Callable[[LogRecord], None],
        now: Callable[[], int] = time_ns,
    ) -> None:
        """`write` takes a line as it is to be seen, `send` takes it as a record; `now` tells Unix nanoseconds."""
        self.keys = keys
        self.redactor = redactor
        self._write = write
        self._send = send
        self.now = now
        self.stamp = Stamps().render
        self._head = {keys.service: service} | ({keys.environment: environment} if environment else {})
        reserved = (keys.timestamp, keys.level, keys.message, *self._head, keys.trace_id, keys.span_id)
        self.fields = LogFields(redactor, reserved)
        self._encoded_correlation_id = text_field(ATTRIBUTE, keys.correlation_id)
        self._encoded_request_id = text_field(ATTRIBUTE, keys.request_id)
        self._loggers: dict[str, tuple[str, bytes]] = {}
        self._messages: set[str] = set()
        self._here = self.at(context.EMPTY, INVALID_SPAN)
        self.listeners: list[Listener] = []

    def apart(self, send: Callable[[LogRecord], None] | None = None) -> "LogPipe":
        """A pipe that makes the same records, for `send` or to be sent: no line is written, and nobody listens."""
        apart = copy(self)
        apart._write, apart._send, apart.listeners = _unwritten, send or self._send, []
        return apart

    def emit(
        self,
        level: str,
        message: str,
        fields: Mapping[str, Any],
        *,
        logger: str = "",
        error: BaseException | None = None,
        event_name: str = "",
        time_unix_nano: int | None = None,
    ) -> None:
        """One line; `fields` win over what is bound to the work at hand."""
        keys, clean, put = self.keys, self.redactor, self.fields.put
        now_ns = self.now() if time_unix_nano is None else time_unix_nano
        work, at_hand = context.current(), span_at_hand()
        known_work, known_span, shared, head, encoded_shared, trace_id, span_id, trace_flags = self._here
        if known_work is not work or known_span is not at_hand:
            _, _, shared, head, encoded_shared, trace_id, span_id, trace_flags = self.at(work, at_hand)
        attributes, encoded = shared.copy(), [encoded_shared]
        try:
            # Whether all of these are told side by side, each under a key of its own.
            apart = put(attributes, encoded, work.fields) if work.fields else True
            apart &= put(attributes, encoded, fields)
        except Exception:
            apart = False
            _put_each(attributes, {**work.fields, **fields}, clean)
        if logger:
            apart &= keys.logger not in attributes
            attributes[keys.logger], of_logger = self._loggers.get(logger) or self.logger(logger)
            encoded.append(of_logger)
        if message not in self._messages:
            message = self._message(message)
        stamp = self.stamp(now_ns)
        line: dict[str, Any] = {keys.timestamp: stamp, keys.level: level, keys.message: message, **head}
        if keys.metadata:
            _nest(line, attributes, keys)
        elif apart:
            line |= attributes
        else:
            line = attributes | line
        if error is not None:
            apart = False
            told, line[keys.error] = told_of(error, clean)
            attributes.update(told)
        self._write(line)
        record = LogRecord(
            now_ns,
            SEVERITY[level],
            level,
            message,
            attributes,
            trace_id,
            span_id,
            trace_flags,
            event_name and clean.text(event_name),
            b"".join(encoded) if apart else None,
        )
        # Before it is sent: a listener may make an event of it.
        for listen in self.listeners:
            listen(record, error)
        self._send(record)

    def tell(self, rendered: bytes, record: LogRecord) -> bool:
        """A line without an error that is JSON already, with its record.

        False, and nothing is told, where it is too long, or lines are seen in another way.
        """
        write = self._write
        if type(write) is not JsonLines or len(rendered) > LINE_BYTES_MAX:
            return False
        write.put(rendered)
        for listen in self.listeners:
            listen(record, None)
        self._send(record)
        return True

    def at(self, work: context.Context, span: Span) -> "Here":
        """What the lines to come have in common, as long as they are of this work and span."""
        keys = self.keys
        trace_id, span_id, _, trace_flags, _, is_valid = span.get_span_context()
        correlation_id, request_id = work.correlation_id, work.request_id
        attributes: dict[str, str] = {}
        encoded = encoded_ids(trace_id, span_id, trace_flags)
        if correlation_id:
            attributes[keys.correlation_id] = correlation_id
            encoded += self._encoded_correlation_id(correlation_id)
        if request_id:
            attributes[keys.request_id] = request_id
            encoded += self._encoded_request_id(request_id)
        line = self._head
        if is_valid:
            line = {**line, keys.trace_id: f"{trace_id:032x}", keys.span_id: f"{span_id:016x}"}
        here = self._here = Here(work, span, attributes, line, encoded, trace_id, span_id, trace_flags)
        return here

    def logger(self, name: str) -> tuple[str, bytes]:
        """What may be told of its name, and that as it is sent."""
        shown = self.redactor.text(name)
        found = shown, text_field(ATTRIBUTE, self.keys.logger)(shown)
        if len(self._loggers) < LOGGERS_MAX:
            self._loggers[name] = found
        return found

    def _message(self, message: str) -> str:
        """What may leave of it; those of which all may are remembered."""
        cleaned = self.redactor.text(message)
        if cleaned is message and len(message) <= MESSAGE_CHARACTERS_MAX:
            if len(self._messages) >= MESSAGES_MAX:
                self._messages.clear()
            self._messages.add(message)
        return cleaned


class Here(NamedTuple):
    """What all lines of one work in one span have in common, kept from one line to the next."""

    work: context.Context
    span: Span
    attributes: dict[str, str]
    line: dict[str, str]
    """What stands between the message and the attributes."""
    encoded: bytes
    trace_id: int
    span_id: int
    trace_flags: int


def _unwritten(_: Mapping[str, Any]) -> None:
    """For records that are no lines."""


def _put_each(attributes: dict[str, Any], fields: Mapping[Any, Any], clean: Redactor) -> None:
    """What can be told of fields of which some fail when they are looked at."""
    for key, value in fields.items():
        try:
            clean.put(attributes, {safe_text(key): value})
        except Exception as error:
            PROBLEMS.failed(FIELDS, FAILED, error)
            attributes[safe_text(key)] = f"<{type(value).__name__} that cannot be told>"


def _nest(line: dict[str, Any], attributes: Mapping[str, Any], keys: LogKeys) -> None:
    """The ids stay beside the message, the rest goes under the team's key."""
    beside = (keys.correlation_id, keys.request_id, keys.logger)
    line.update({key: attributes[key] for key in beside if key in attributes})
    own = {key: value for key, value in attributes.items() if key not in beside}
    if own:
        line[keys.metadata] = own
