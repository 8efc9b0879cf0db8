"""The loggers that an app has already, structlog's and the standard library's: what they say goes into the one pipe."""

import logging
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import structlog

from midwatch.contract.redaction.said import safe_text
from midwatch.sdk.logging import LogPipe
from midwatch.sdk.problems import PROBLEMS

_METHODS = {"warn": "warning", "exception": "error", "fatal": "critical", "msg": "info", "log": "info"}
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""What every `logging.LogRecord` has; anything else was given as `extra`."""

_NOTHING: Mapping[str, Any] = {}
_STRUCTLOG_HAS: Mapping[str, Any] = getattr(structlog.contextvars, "_CONTEXT_VARS", {"": None})
"""The context variables that structlog has made; where it does not tell, there may be some."""

LINES, FAILED = "lines", "failed"


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
        if type(message) is not str or type(name) is not str:
            message, name = safe_text(message), safe_text(name)
        self._pipe.emit(_METHODS.get(method, method), message, fields, logger=name, error=error)

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
    if exc_info is None or exc_info is False:
        return None
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if len(exc_info) > 1 else None
    return sys.exc_info()[1]


def _here() -> list[str]:
    import traceback

    return traceback.format_stack()[:-4]
