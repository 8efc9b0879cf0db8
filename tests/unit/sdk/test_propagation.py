"""Which ids are taken over, made, echoed and carried on."""

import pytest
from opentelemetry.context import attach, detach
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import get_current_span, set_span_in_context, use_span

from midwatch.sdk import context
from midwatch.sdk.propagation import extract, inject
from midwatch.sdk.sampling import sampler_for
from midwatch.sdk.tracing import TracerProvider

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
OTHER = "0af7651916cd43dd8448eb211c80319c"
UUID = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"

TAKEN_OVER = [
    ("traceparent alone", {"traceparent": PARENT}, TRACE, None),
    ("traceparent wins over x-trace-id", {"traceparent": PARENT, "x-trace-id": OTHER}, TRACE, OTHER),
    ("a dashed UUID is the trace", {"x-trace-id": UUID}, TRACE, UUID),
    ("32 digits are the trace", {"x-trace-id": TRACE}, TRACE, TRACE),
    ("capitals are the same trace", {"x-trace-id": TRACE.upper()}, TRACE, TRACE.upper()),
    ("a correlation id may be one", {"x-correlation-id": UUID}, TRACE, UUID),
    ("so may a request id", {"x-request-id": UUID}, TRACE, UUID),
    ("anything else is a correlation id only", {"x-correlation-id": "order-7"}, None, "order-7"),
    ("a broken traceparent counts as none", {"traceparent": "00-zz-1-01", "x-trace-id": UUID}, TRACE, UUID),
    ("a traceparent of zeros is none", {"traceparent": f"00-{'0' * 32}-{'0' * 16}-01"}, None, None),
    ("a version to come", {"traceparent": f"01-{TRACE}-00f067aa0ba902b7-01-more"}, TRACE, None),
    ("version ff is none", {"traceparent": f"ff-{TRACE}-00f067aa0ba902b7-01"}, None, None),
    ("baggage carries the correlation id", {"baggage": "correlation_id=c-9"}, None, "c-9"),
]


@pytest.fixture
def provider() -> TracerProvider:
    return TracerProvider(resource=Resource({}), sampler=sampler_for(1))


@pytest.mark.parametrize(
    ("headers", "trace", "correlation"), [row[1:] for row in TAKEN_OVER], ids=[row[0] for row in TAKEN_OVER]
)
def test_what_is_taken_over(
    provider: TracerProvider, headers: dict[str, str], trace: str | None, correlation: str | None
) -> None:
    arrived = extract(headers)
    own = provider.get_tracer("t").start_span("s", arrived.parent).get_span_context()
    if trace is None:
        assert f"{own.trace_id:032x}" not in (TRACE, OTHER)
    else:
        assert f"{own.trace_id:032x}" == trace
    assert arrived.context.correlation_id == (correlation or arrived.context.request_id)
    assert own.trace_flags.sampled


def test_ids_are_echoed_as_they_were_sent() -> None:
    echo = dict(extract({"x-trace-id": UUID.upper(), "x-request-id": "r-1"}).echo)
    assert echo == {"x-trace-id": UUID.upper(), "x-request-id": "r-1", "x-correlation-id": UUID.upper()}


@pytest.mark.parametrize("bad", ["a b", "x\r\nset-cookie: a=b", "<script>", "é", "x" * 129, "", "'; drop"])
def test_a_bad_id_is_replaced_and_never_echoed(bad: str) -> None:
    arrived = extract({"x-request-id": bad, "x-trace-id": bad, "x-correlation-id": bad})
    assert bad not in dict(arrived.echo).values()
    assert context.sound_id(arrived.context.request_id)
    assert arrived.context.correlation_id == arrived.context.request_id


def test_what_leaves_is_what_came(provider: TracerProvider) -> None:
    """A service that only passes on: the next one finds the same story."""
    arrived = extract(
        {"traceparent": PARENT, "tracestate": "ot=th:8,vendor=1", "x-correlation-id": "c-1", "baggage": "tier=gold"}
    )
    span = provider.get_tracer("t").start_span("s", arrived.parent)
    token = context.enter(arrived.context)
    carrier: dict[str, str] = {}
    with use_span(span):
        assert get_current_span() is span
        inject(carrier)
    context.leave(token)
    assert carrier["traceparent"] == f"00-{TRACE}-{span.get_span_context().span_id:016x}-01"
    assert carrier["tracestate"] == "ot=th:8,vendor=1"
    assert carrier["x-correlation-id"] == "c-1"
    again = extract(carrier)
    assert again.context == arrived.context


def test_nothing_leaves_where_there_is_no_work() -> None:
    carrier: dict[str, str] = {}
    inject(carrier)
    assert carrier == {}


def test_work_has_one_correlation_id() -> None:
    with context.work("c-1", job_id="j-1") as outer, context.work(user_id="u-1") as inner:
        assert inner.correlation_id == outer.correlation_id == "c-1"
        assert dict(inner.fields) == {"job_id": "j-1", "user_id": "u-1"}
    assert context.current() is context.EMPTY


SENTRY = [
    ("sampled", f"{TRACE}-00f067aa0ba902b7-1", TRACE, 1),
    ("not sampled", f"{TRACE}-00f067aa0ba902b7-0", TRACE, 0),
    ("not decided", f" {TRACE}-00f067aa0ba902b7 ", TRACE, 1),
    ("nonsense", "x", "", 0),
    ("too short", f"{TRACE[:31]}-00f067aa0ba902b7-1", "", 0),
    ("zeros", f"{'0' * 32}-00f067aa0ba902b7-1", "", 0),
    ("capitals", f"{TRACE.upper()}-00f067aa0ba902b7-1", "", 0),
    ("odd flag", f"{TRACE}-00f067aa0ba902b7-2", "", 0),
]


@pytest.mark.parametrize(("sent", "trace", "flags"), [row[1:] for row in SENTRY], ids=[row[0] for row in SENTRY])
def test_sentrys_trace_is_read_where_there_is_no_other(sent: str, trace: str, flags: int) -> None:
    found = get_current_span(extract({"sentry-trace": sent}).parent).get_span_context()
    assert (f"{found.trace_id:032x}" if found.trace_id else "", int(found.trace_flags)) == (trace, flags)
    if trace:
        assert f"{found.span_id:016x}" == "00f067aa0ba902b7"


def test_w3cs_wins_over_sentrys() -> None:
    other = f"{'1' * 32}-{'2' * 16}-1"
    found = get_current_span(extract({"traceparent": PARENT, "sentry-trace": other}).parent).get_span_context()
    assert f"{found.trace_id:032x}" == TRACE


def test_what_came_from_sentry_goes_on_in_its_way_too(provider: TracerProvider) -> None:
    """Beside W3C's, with its baggage: the next service may have only one of Sentry's SDKs, which read no other."""
    arrived = extract({"sentry-trace": f"{TRACE}-00f067aa0ba902b7-1", "baggage": f"sentry-trace_id={TRACE}"})
    span = provider.get_tracer("t").start_span("s", arrived.parent)
    carrier: dict[str, str] = {}
    token = attach(set_span_in_context(span, arrived.parent))
    inject(carrier)
    detach(token)
    own = f"{span.get_span_context().span_id:016x}"
    assert carrier["sentry-trace"] == f"{TRACE}-{own}-1"
    assert carrier["traceparent"] == f"00-{TRACE}-{own}-01"
    assert carrier["baggage"] == f"sentry-trace_id={TRACE}"
