"""Messages between processes: the ids go along with each, and the work that it brings goes on under them."""

from collections.abc import Mapping, MutableMapping
from contextvars import Token
from types import TracebackType
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context

from midwatch.contract.redaction.said import safe_text
from midwatch.sdk import context
from midwatch.sdk.guard import guarded
from midwatch.sdk.log_lines import type_name
from midwatch.sdk.propagation import NAMES, extract, inject

_tracer = trace.get_tracer("midwatch.messages")
_KNOWN = {spelled: name for name in NAMES for spelled in (name, name.encode(), name.replace("-", "_"))}


def ids() -> dict[str, str]:
    """The ids of the work at hand, to be sent along with a message: a WebSocket frame, an event, a job."""
    carrier: dict[str, str] = {}
    stamp(carrier)
    return carrier


@guarded
def stamp(carrier: MutableMapping[str, str]) -> None:
    """The ids of the work at hand, put into what is sent along."""
    inject(carrier)


def carried_by(payload: Any) -> dict[str, str]:
    """The ids in a message that is a mapping: under `ids`, as in `{"x": 1, "ids": midwatch.ids()}`, or beside the rest.

    Only these names are looked for, however much there is: a message may come from anybody.
    """
    if not isinstance(payload, Mapping):
        return {}
    own = payload.get("ids")
    return _named(own) if isinstance(own, Mapping) else _named(payload)


class received:
    """The work that a message brings, under the ids that came with it: a span, and a context for its lines.

    `carrier` is what was sent along, such as the fields of an entry of a Redis stream; keys and values may be bytes.
    What it has besides ids is not looked at.
    """

    def __init__(
        self,
        carrier: Mapping[Any, Any] | None,
        name: str = "message",
        *,
        attributes: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        """`fields` are bound to the work, as by `bind`; `attributes` are the span's."""
        self._carrier = carrier
        self._name = name
        self._attributes = attributes
        self._fields = fields
        self._begun: _Begun | None = None

    def __enter__(self) -> "received":
        self._begun = self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._begun is not None:
            self._end(self._begun, error)
            self._begun = None

    @guarded
    def _begin(self) -> "_Begun":
        parent, outer = self._from()
        attributes = {**(self._attributes or {}), "correlation_id": outer.correlation_id}
        span = _tracer.start_span(self._name, parent, SpanKind.CONSUMER, attributes)
        fields = {**outer.fields, **self._fields}
        work = context.Context(outer.correlation_id, outer.request_id, fields)
        return _Begun(span, otel_context.attach(set_span_in_context(span, parent)), context.enter(work))

    def _from(self) -> tuple[otel_context.Context, context.Context]:
        """What came along; where nothing did, the work at hand, if there is any."""
        carried = _texts(self._carrier or {})
        if not carried and context.current().correlation_id:
            return otel_context.get_current(), context.current()
        arrived = extract(carried)
        return arrived.parent, arrived.context

    @guarded
    def _end(self, begun: "_Begun", error: BaseException | None) -> None:
        try:
            if error is not None:
                begun.span.record_exception(error)
                begun.span.set_attribute("error.type", type_name(error))
                begun.span.set_status(StatusCode.ERROR, f"{type_name(error)}: {safe_text(error)}")
            begun.span.end()
        finally:
            if context.leave(begun.entered):
                context.reset(begun.span_token)


class _Begun:
    __slots__ = ("entered", "span", "span_token")

    def __init__(self, span: Span, span_token: Token[otel_context.Context], entered: context.Entered) -> None:
        self.span = span
        self.span_token = span_token
        self.entered = entered


def _named(carrier: Mapping[Any, Any]) -> dict[str, str]:
    found = {}
    # Goes through the smaller of the two.
    for spelled in carrier.keys() & _KNOWN.keys():
        value = carrier[spelled]
        if isinstance(value, str):
            found[_KNOWN[spelled]] = value
    return found


def _texts(carrier: Mapping[Any, Any]) -> dict[str, str]:
    found = {}
    for key, value in carrier.items():
        name = _KNOWN.get(key)
        if name is not None:
            found[name] = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return found
