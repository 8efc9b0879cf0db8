"""The two lines of every request, `request started` and `request completed`: what `LogPipe.emit` tells, for less.

What both have in common is rendered and encoded once for both; what all answers of a route have in common, once for all
of them. Line and record are the same to the byte, as tests/unit/sdk/test_request_lines.py compares. Where None or False
is returned nothing was told, and it is for `emit` to tell.
"""

import struct
from dataclasses import astuple
from typing import Any, NamedTuple

import orjson
from opentelemetry.trace import Span

from midwatch.sdk import context
from midwatch.sdk.context_spans import span_at_hand
from midwatch.sdk.log_lines import json_fields
from midwatch.sdk.logging import SEVERITY, Here, LogPipe
from midwatch.sdk.wire.attributes import double_field
from midwatch.sdk.wire.logs import ATTRIBUTE, LogRecord

LOGGER = "midwatch.web"
STARTED, COMPLETED = "request started", "request completed"
LEVEL = "info"
METHOD, PATH, ROUTE, STATUS, DURATION = "method", "path", "route", "status", "duration_ms"
ANSWERS_MAX = 1024
"""Routes by status that are remembered; an app has fewer."""

_SEVERITY = SEVERITY[LEVEL]
_double = struct.Struct("<d").pack


class Shared(NamedTuple):
    """What both lines of a request have in common."""

    here: Here
    attributes: dict[str, Any]
    rendered: bytes
    """Of the line, all from the service to the path."""
    encoded: bytes


class _Message(NamedTuple):
    text: str
    rendered: bytes
    """Of the line, all from the end of the stamp to the service."""


class _Answer(NamedTuple):
    """What all requests of one route that were answered alike have in common."""

    attributes: dict[str, Any]
    rendered: bytes
    """As far as the number of the duration, as is what is encoded."""
    encoded: bytes


class RequestLines:
    """Of the requests that one pipe tells of; any thread may use it."""

    def __init__(self, pipe: LogPipe) -> None:
        keys = pipe.keys
        self._pipe = pipe
        names = [*filter(None, astuple(keys)), METHOD, PATH, ROUTE, STATUS, DURATION]
        self._can = len(names) == len(set(names)) and not keys.metadata and pipe.redactor.is_plain(DURATION)
        """Whether any line is told here: with keys of a team's own that are no others' as well."""
        self._opening = b"{" + json_fields({keys.timestamp: ""})[:-1]
        self._started, self._completed = self._message(STARTED), self._message(COMPLETED)
        logger, self._encoded_logger = pipe.logger(LOGGER)
        self._last = {keys.logger: logger}
        self._end = b"," + json_fields(self._last) + b"}\n"
        self._before_duration = b"," + json_fields({DURATION: 0.0})[:-3]
        self._encoded_duration = double_field(ATTRIBUTE, DURATION)
        self._answers: dict[tuple[str, int], _Answer] = {}

    def started(self, method: str, path: str, work: context.Context, span: Span) -> Shared | None:
        """Tell that a request has begun; `work` and `span` are those at hand. What is returned is for `completed`."""
        shared = self._shared(method, path, work, span) if self._can and not work.fields else None
        if shared is None or not self._tell(self._started, shared, shared.attributes | self._last, b"", b""):
            return None
        return shared

    def completed(self, shared: Shared, route: str, status: int, seconds: float) -> bool:
        """Tell of an answer to a request to which nothing was bound."""
        here = shared.here
        if context.current() is not here.work or span_at_hand() is not here.span or type(status) is not int:
            return False
        answer = self._answers.get((route, status)) or self._answer(route, status)
        if answer is None:
            return False
        duration_ms = round(seconds * 1000, 3)
        attributes = {**shared.attributes, **answer.attributes, DURATION: duration_ms, **self._last}
        rendered, encoded = answer.rendered + orjson.dumps(duration_ms), answer.encoded + _double(duration_ms)
        return self._tell(self._completed, shared, attributes, rendered, encoded)

    def _tell(
        self, message: _Message, shared: Shared, attributes: dict[str, Any], rendered: bytes, encoded: bytes
    ) -> bool:
        now_ns, here = self._pipe.now(), shared.here
        stamp = self._pipe.stamp(now_ns).encode()
        line = b"".join((self._opening, stamp, message.rendered, shared.rendered, rendered, self._end))
        encoded = b"".join((shared.encoded, encoded, self._encoded_logger))
        record = LogRecord(
            now_ns,
            _SEVERITY,
            LEVEL,
            message.text,
            attributes,
            here.trace_id,
            here.span_id,
            here.trace_flags,
            "",
            encoded,
        )
        return self._pipe.tell(line, record)

    def _message(self, text: str) -> _Message:
        shown, keys = self._pipe.redactor.text(text), self._pipe.keys
        return _Message(shown, b'",' + json_fields({keys.level: LEVEL, keys.message: shown}) + b",")

    def _shared(self, method: str, path: str, work: context.Context, span: Span) -> Shared | None:
        here = self._pipe.at(work, span)
        attributes, encoded = here.attributes.copy(), [here.encoded]
        try:
            apart = self._pipe.fields.put(attributes, encoded, {METHOD: method, PATH: path})
            rendered = json_fields(here.line | attributes)
        except Exception:
            # Such as a path that is no Unicode: how that is told, `emit` knows.
            return None
        return Shared(here, attributes, rendered, b"".join(encoded)) if apart else None

    def _answer(self, route: str, status: int) -> _Answer | None:
        attributes: dict[str, Any] = {}
        encoded: list[bytes] = []
        try:
            apart = self._pipe.fields.put(attributes, encoded, {ROUTE: route, STATUS: status})
            rendered = b"," + json_fields(attributes) + self._before_duration
        except Exception:
            return None
        if not apart or not attributes:
            return None
        answer = _Answer(attributes, rendered, b"".join(encoded) + self._encoded_duration)
        if len(self._answers) >= ANSWERS_MAX:
            self._answers.clear()
        self._answers[route, status] = answer
        return answer
