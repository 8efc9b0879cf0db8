"""The ids that came with a request or message, and those that go on with the next."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context as OtelContext
from opentelemetry.context import create_key, get_current, get_value, set_value
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    TraceFlags,
    TraceState,
    get_current_span,
    set_span_in_context,
)

from midwatch.contract.fields import PROBE
from midwatch.sdk import context
from midwatch.sdk.redaction_signals import may_be_carried

TRACEPARENT, TRACESTATE, BAGGAGE = "traceparent", "tracestate", "baggage"
REQUEST_ID, TRACE_ID, CORRELATION_ID = "x-request-id", "x-trace-id", "x-correlation-id"
SENTRY_TRACE = "sentry-trace"
NAMES = (TRACEPARENT, TRACESTATE, BAGGAGE, REQUEST_ID, TRACE_ID, CORRELATION_ID, SENTRY_TRACE)

_EMPTY = OtelContext()
_FROM_SENTRY = create_key("midwatch-from-sentry")
"""The work came from one of Sentry's SDKs: those read no `traceparent`, so what it asks is told in their way, too."""
_HEX = frozenset("0123456789abcdef")
_baggage = W3CBaggagePropagator()
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_PROBED: Mapping[str, Any] = MappingProxyType({PROBE: True})
"""Bound to the work of a request that asks where the wires go."""


@dataclass(slots=True)
class Arrived:
    """What came in: the parent span's context, our own context, and the ids to echo as they were sent."""

    parent: OtelContext
    context: context.Context
    echo: tuple[tuple[str, str], ...]


def extract(carrier: Mapping[str, str]) -> Arrived:
    """Read the names of `NAMES` (small letters) from what came; ids that are none are replaced by new ones.

    `traceparent` says which trace; without it `sentry-trace` does, or a UUID or 32 hex digits in `x-trace-id`,
    `x-correlation-id` or `x-request-id`. Anything else there is a correlation id only.
    """
    if not carrier:
        made = context.new_id()
        return Arrived(_EMPTY, context.Context(made, made), ((REQUEST_ID, made), (CORRELATION_ID, made)))
    get = carrier.get
    request, trace, correlation = (context.sound_id(get(name, "")) for name in (REQUEST_ID, TRACE_ID, CORRELATION_ID))
    remote = _remote(get(TRACEPARENT, ""), get(TRACESTATE, ""))
    sentry = get(SENTRY_TRACE, "")
    if remote is None:
        remote = (_remote_of_sentry(sentry) if sentry else None) or _adopted(trace, correlation, request)
    parent = _EMPTY if remote is None else set_span_in_context(NonRecordingSpan(remote), _EMPTY)
    if sentry:
        parent = set_value(_FROM_SENTRY, True, parent)
    carried_id, fields = "", _NOTHING
    if carried := get(BAGGAGE):
        parent = _baggage.extract({BAGGAGE: carried}, parent)
        carried_id = context.sound_id(str(baggage.get_baggage("correlation_id", parent) or ""))
        if baggage.get_baggage(PROBE, parent) == "true":
            fields = _PROBED
    request_id = request or context.new_id()
    correlation_id = correlation or carried_id or trace or request_id
    echo = [(REQUEST_ID, request_id)]
    if trace:
        echo.append((TRACE_ID, trace))
    echo.append((CORRELATION_ID, correlation_id))
    return Arrived(parent, context.Context(correlation_id, request_id, fields), tuple(echo))


def inject(carrier: MutableMapping[str, str]) -> None:
    """Write the ids of the work at hand, for a request or a message that leaves."""
    span = get_current_span().get_span_context()
    if span.is_valid:
        carrier[TRACEPARENT] = f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"
        if span.trace_state:
            carrier[TRACESTATE] = span.trace_state.to_header()
        if get_value(_FROM_SENTRY):
            carrier[SENTRY_TRACE] = f"{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags & 1}"
    work = context.current()
    if work.correlation_id:
        carrier[CORRELATION_ID] = work.correlation_id
    if work.request_id:
        carrier[REQUEST_ID] = work.request_id
    if carried := baggage.get_all():
        _baggage.inject(carrier, _without_private(carried))


def _without_private(carried: Mapping[str, object]) -> OtelContext:
    """The context with what may be told of the baggage: it goes to whoever is asked, in clear text."""
    at_hand = get_current()
    for name, value in carried.items():
        if not may_be_carried(name, str(value)):
            at_hand = baggage.remove_baggage(name, at_hand)
    return at_hand


def _remote(traceparent: str, tracestate: str) -> SpanContext | None:
    """W3C Trace Context: versions to come are read as far as the first is known; a broken one counts as none."""
    parts = traceparent.strip().split("-", 4)
    if len(parts) < 4 or (parts[0] == "00" and len(parts) != 4) or parts[0] == "ff":
        return None
    version, trace, span, flags = parts[:4]
    if (len(version), len(trace), len(span), len(flags)) != (2, 32, 16, 2):
        return None
    if not _HEX.issuperset(version + trace + span + flags):
        return None
    state = TraceState.from_header([tracestate]) if tracestate else None
    found = SpanContext(int(trace, 16), int(span, 16), True, TraceFlags(int(flags, 16)), state)
    return found if found.is_valid else None


def _remote_of_sentry(sentry_trace: str) -> SpanContext | None:
    """`TRACE-SPAN[-SAMPLED]`, as Sentry's SDKs send it; one that has not decided leaves it to us."""
    trace, _, rest = sentry_trace.strip().partition("-")
    span, _, sampled = rest.partition("-")
    if (len(trace), len(span)) != (32, 16) or not _HEX.issuperset(trace + span) or sampled not in ("", "0", "1"):
        return None
    flags = TraceFlags.DEFAULT if sampled == "0" else TraceFlags.SAMPLED
    found = SpanContext(int(trace, 16), int(span, 16), True, TraceFlags(flags))
    return found if found.is_valid else None


def _adopted(*ids: str) -> SpanContext | None:
    """A remote parent of which only the trace is known: the first id that can be one."""
    for one in ids:
        trace_id = context.trace_id_of(one)
        if trace_id:
            # No span of the caller is known: our tracer starts a root in this trace.
            return SpanContext(trace_id, 0, True)
    return None
