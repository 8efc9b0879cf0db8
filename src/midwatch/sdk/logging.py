"""Log lines: structlog's and the standard library's loggers end in one pipe, each line once.

A line goes to stdout (or wherever it is to go), to the server as an OpenTelemetry log record, and to whoever listens,
such as the capture of errors. What is private is gone before any of them sees it.
"""

import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from time import time_ns
from typing import Any, NamedTuple

import structlog
from opentelemetry.trace import INVALID_SPAN, Span, SpanContext

from midwatch.sdk import context
from midwatch.sdk.context_spans import span_at_hand
from midwatch.sdk.log_fields import LogFields
from midwatch.sdk.log_lines import LogKeys, Stamps
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.redaction import Redactor
from midwatch.sdk.redaction_errors import told_of
from midwatch.sdk.wire.attributes import safe_text, text_field
from midwatch.sdk.wire.logs import ATTRIBUTE, LogRecord
from midwatch.sdk.wire.logs import ids as encoded_ids

SEVERITY = {"debug": 5, "info": 9, "warning": 13, "error": 17, "critical": 21}
"""OpenTelemetry's numbers."""
_METHODS = {"warn": "warning", "exception": "error", "fatal": "critical", "msg": "info", "log": "info"}
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""What every `logging.LogRecord` has; anything else was given as `extra`."""

LOGGERS_MAX = 1024
MESSAGES_MAX = 1024
MESSAGE_CHARACTERS_MAX = 128
"""Messages that are remembered: a program's own come again, word for word."""

_NOTHING: Mapping[str, Any] = {}
_STRUCTLOG_HAS: Mapping[str, Any] = getattr(structlog.contextvars, "_CONTEXT_VARS", {"": None})
"""The context variables that structlog has made; where it does not tell, there may be some."""

LINES, FIELDS, FAILED = "lines", "fields", "failed"

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
    ) -> None:
        """`write` takes a line as it is to be seen, `send` takes it as a record."""
        self._keys = keys
        self._redactor = redactor
        self._write = write
        self._send = send
        self._stamps = Stamps()
        self._head = {keys.service: service} | ({keys.environment: environment} if environment else {})
        reserved = (keys.timestamp, keys.level, keys.message, *self._head, keys.trace_id, keys.span_id)
        self._fields = LogFields(redactor, reserved)
        self._encoded_correlation_id = text_field(ATTRIBUTE, keys.correlation_id)
        self._encoded_request_id = text_field(ATTRIBUTE, keys.request_id)
        self._loggers: dict[str, tuple[str, bytes]] = {}
        self._messages: set[str] = set()
        self._here = self._at(context.EMPTY, INVALID_SPAN)
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
        keys, clean, put = self._keys, self._redactor, self._fields.put
        now_ns = time_ns() if time_unix_nano is None else time_unix_nano
        work, at_hand = context.current(), span_at_hand()
        here = self._here
        if here.work is not work or here.span is not at_hand:
            here = self._here = self._at(work, at_hand)
        attributes, encoded = here.attributes.copy(), [here.encoded]
        try:
            # Whether all of these are told side by side, each under a key of its own.
            apart = put(attributes, encoded, work.fields) if work.fields else True
            apart &= put(attributes, encoded, fields)
        except Exception:
            apart = False
            _put_each(attributes, {**work.fields, **fields}, clean)
        if logger:
            apart &= keys.logger not in attributes
            attributes[keys.logger], of_logger = self._loggers.get(logger) or self._logger(logger)
            encoded.append(of_logger)
        if message not in self._messages:
            message = self._message(message)
        stamp = self._stamps.render(now_ns)
        line: dict[str, Any] = {keys.timestamp: stamp, keys.level: level, keys.message: message, **here.line}
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
        ids = here.ids
        record = LogRecord(
            now_ns,
            SEVERITY[level],
            level,
            message,
            attributes,
            ids.trace_id,
            ids.span_id,
            ids.trace_flags,
            event_name and clean.text(event_name),
            b"".join(encoded) if apart else None,
        )
        # Before it is sent: a listener may make an event of it.
        for listen in self.listeners:
            listen(record, error)
        self._send(record)

    def _at(self, work: context.Context, span: Span) -> "_Here":
        keys, ids = self._keys, span.get_span_context()
        trace_id, span_id = ids.trace_id, ids.span_id
        correlation_id, request_id = work.correlation_id, work.request_id
        attributes: dict[str, str] = {}
        encoded = encoded_ids(trace_id, span_id, ids.trace_flags)
        if correlation_id:
            attributes[keys.correlation_id] = correlation_id
            encoded += self._encoded_correlation_id(correlation_id)
        if request_id:
            attributes[keys.request_id] = request_id
            encoded += self._encoded_request_id(request_id)
        line = self._head
        if ids.is_valid:
            line = {**line, keys.trace_id: f"{trace_id:032x}", keys.span_id: f"{span_id:016x}"}
        return _Here(work, span, ids, attributes, line, encoded)

    def _logger(self, name: str) -> tuple[str, bytes]:
        shown = self._redactor.text(name)
        found = shown, text_field(ATTRIBUTE, self._keys.logger)(shown)
        if len(self._loggers) < LOGGERS_MAX:
            self._loggers[name] = found
        return found

    def _message(self, message: str) -> str:
        """What may leave of it; those of which all may are remembered."""
        cleaned = self._redactor.text(message)
        if cleaned is message and len(message) <= MESSAGE_CHARACTERS_MAX:
            if len(self._messages) >= MESSAGES_MAX:
                self._messages.clear()
            self._messages.add(message)
        return cleaned


class _Here(NamedTuple):
    """What all lines of one work in one span have in common, kept from one line to the next."""

    work: context.Context
    span: Span
    ids: SpanContext
    attributes: dict[str, str]
    line: dict[str, str]
    encoded: bytes


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


class Structlog:
    """The last and only processor of structlog, and the logger that it hands on to: the pipe does it all."""

    def __init__(self, pipe: LogPipe) -> None:
        self._pipe = pipe

    def process(self, logger: Any, method: str, event: Any) -> tuple[tuple[()], dict[str, Any]]:
        try:
            self._tell(logger, method, event)
        except Exception as error:
            PROBLEMS.failed(LINES, FAILED, error)
        return (), {}

    def _tell(self, logger: Any, method: str, event: Any) -> None:
        # Nobody has bound anything in this process: then there is no need to go through all context variables.
        bound = structlog.contextvars.get_contextvars() if _STRUCTLOG_HAS else _NOTHING
        fields = {**bound, **event} if bound else event
        message = fields.pop("event", "")
        error = _error(fields.pop("exc_info", method == "exception"))
        stack = fields.pop("stack_info", None)
        if stack is not None and stack is not False:
            fields["stack"] = stack if isinstance(stack, str) else "".join(_here())
        name = fields.pop("logger", "") or logger.name
        self._pipe.emit(_METHODS.get(method, method), safe_text(message), fields, logger=safe_text(name), error=error)

    def configure(self, level: int) -> None:
        structlog.configure(
            processors=[self.process],
            wrapper_class=self._straight(structlog.make_filtering_bound_logger(level)),
            logger_factory=_Nowhere,
            cache_logger_on_first_use=False,
        )

    def _straight(self, filtering: Any) -> Any:
        """The same class of loggers, whose lines go to the pipe without a stop, as long as nobody has put other
        processors in our place: structlog's own way there takes as long as all of the pipe."""
        theirs = filtering._proxy_to_logger
        processed = self.process

        def proxy(logger: Any, method: str, event: Any = None, /, **fields: Any) -> None:
            processors = logger._processors
            if len(processors) != 1 or processors[0] != processed:
                theirs(logger, method, event, **fields)
                return
            given = logger._context
            fields = {**given, **fields} if given else fields
            if event is not None:
                fields["event"] = event
            processed(logger._logger, method, fields)

        return type(filtering.__name__, (filtering,), {"_proxy_to_logger": proxy})


class _Nowhere:
    """Where structlog's line would go if it had not gone already."""

    def __init__(self, name: str = "", *_: Any) -> None:
        self.name = name

    def msg(self) -> None:
        return

    log = debug = info = warn = warning = error = err = critical = fatal = exception = failure = msg


class StandardHandler(logging.Handler):
    """Takes what the standard library's loggers say."""

    def __init__(self, pipe: LogPipe) -> None:
        super().__init__()
        self._pipe = pipe

    def emit(self, record: logging.LogRecord) -> None:
        try:
            fields = {key: value for key, value in vars(record).items() if key not in _STANDARD}
            error = record.exc_info[1] if record.exc_info else None
            self._pipe.emit(
                _level(record.levelno),
                _message(record),
                fields,
                logger=record.name,
                error=error,
                time_unix_nano=int(record.created * 1e9),
            )
        except Exception as error:
            PROBLEMS.failed(LINES, FAILED, error)


_OWN_HANDLERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "gunicorn.error", "gunicorn.access", "celery")
"""Loggers that are usually given handlers of their own, which would write a second time."""
_before: list[logging.Handler] = []


def take_over_standard(pipe: LogPipe, level: int) -> None:
    """Let the root logger end in the pipe, and with it the loggers that have handlers of their own.

    Handlers that write elsewhere than to a stream stay: a file, a test's capture, another vendor's.
    """
    root = logging.getLogger()
    _before[:] = root.handlers
    root.handlers = [one for one in root.handlers if _writes_elsewhere(one)] + [StandardHandler(pipe)]
    root.setLevel(level)
    take_over_streams(_OWN_HANDLERS)
    # Our own lines of a request say more, and once.
    logging.getLogger("uvicorn.access").disabled = True


def take_over_streams(names: Iterable[str]) -> None:
    """Let what these loggers write to streams by themselves go to the root logger instead."""
    for name in names:
        theirs = logging.getLogger(name)
        theirs.handlers = [one for one in theirs.handlers if _writes_elsewhere(one)]
        theirs.propagate = True


def give_back_standard() -> None:
    """The root logger as it was."""
    root = logging.getLogger()
    root.handlers = [one for one in _before if not isinstance(one, StandardHandler)]
    logging.getLogger("uvicorn.access").disabled = False


def _writes_elsewhere(handler: logging.Handler) -> bool:
    return not isinstance(handler, StandardHandler) and type(handler) is not logging.StreamHandler


def _level(number: int) -> str:
    if number >= logging.CRITICAL:
        return "critical"
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warning"
    return "info" if number >= logging.INFO else "debug"


def _message(record: logging.LogRecord) -> str:
    """With its arguments filled in; where they do not fit, beside it."""
    try:
        return record.getMessage()
    except Exception:
        return f"{record.msg} {[safe_text(one) for one in record.args or ()]}"


def _error(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if len(exc_info) > 1 else None
    return None if exc_info is None or exc_info is False else sys.exc_info()[1]


def _here() -> list[str]:
    import traceback

    return traceback.format_stack()[:-4]
