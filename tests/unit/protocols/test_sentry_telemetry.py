"""Items of Sentry's envelopes that are no errors, as OTLP: of real SDKs, and with what nobody should send."""

import contextlib
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from midwatch.server.protocols.sentry.envelope import read_envelope
from midwatch.server.protocols.sentry.telemetry import TYPES, BadItem, PageLoads, Telemetry, convert

CAPTURED = Path(__file__).parent / "captured_sentry"
NOW_NS = 1_795_799_510_000_000_000
NOW = NOW_NS / 1e9
TRACE = "4e6b58c157ff4cb09218555b84f08475"
SPAN = "aa64ce23528adbf0"


def converted(item_type: str, payload: Any, headers: dict[str, Any] | None = None) -> Telemetry:
    into = Telemetry()
    raw = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    convert(item_type, {}, raw, {"_service": "shop", **(headers or {})}, NOW_NS, into)
    return into


def captured(*names: str, loads: PageLoads | None = None) -> Telemetry:
    """What real SDKs sent from Chromium (tests/integration/clients/node/web)."""
    into = Telemetry(loads)
    for name in names:
        envelope = read_envelope((CAPTURED / f"{name}.envelope").read_bytes())
        for item in envelope.items:
            convert(item.type, item.headers, item.payload, {**envelope.headers, "_service": "shop"}, NOW_NS, into)
    return into


def value_of(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [value_of(one) for one in value.array_value.values]
    if kind == "kvlist_value":
        return {one.key: value_of(one.value) for one in value.kvlist_value.values}
    return getattr(value, kind)


def said(item: Any) -> dict[str, Any]:
    return {one.key: value_of(one.value) for one in item.attributes}


def spans(told: Telemetry) -> list[Any]:
    return [span for one in told.traces.resource_spans for scope in one.scope_spans for span in scope.spans]


def records(told: Telemetry) -> list[Any]:
    return [record for one in told.logs.resource_logs for scope in one.scope_logs for record in scope.log_records]


def resource(told: Telemetry) -> dict[str, Any]:
    parts: tuple[Any, ...] = (told.traces.resource_spans, told.logs.resource_logs, told.metrics.resource_metrics)
    (one,) = (found for part in parts for found in part)
    return said(one.resource)


def vitals(told: Telemetry) -> dict[str, dict[str, Any]]:
    found = [said(one) for one in records(told) if one.event_name == "browser.web_vital"]
    return {one["browser.web_vital.name"]: one for one in found}


def transaction(**more: Any) -> dict[str, Any]:
    trace = {"trace_id": TRACE, "span_id": SPAN, "op": "http.server", **more.pop("trace", {})}
    contexts = {"trace": trace, **more.pop("contexts", {})}
    return {
        "start_timestamp": NOW - 2,
        "timestamp": NOW - 1,
        "transaction": "/orders/{id}",
        "contexts": contexts,
        **more,
    }


def test_a_page_load_of_version_9_is_a_trace_with_its_vitals_resources_and_long_tasks() -> None:
    told = captured("browser-9-1", "browser-9-3")
    names = {span.name for span in spans(told)}
    assert {"/sentry9.html", "Main UI thread blocked", "resource.script", "browser.request", "GET 127.0.0.1"} <= names
    root = next(span for span in spans(told) if span.name == "/sentry9.html")
    assert not root.parent_span_id
    assert {span.parent_span_id for span in spans(told) if span.trace_id == root.trace_id and span is not root} == {
        root.span_id
    }
    script = next(span for span in spans(told) if span.name == "resource.script")
    assert said(script)["url.path"].endswith(".js")
    found = vitals(told)
    assert set(found) == {"lcp", "fcp", "ttfb", "cls", "fid", "inp"}
    assert found["fid"]["browser.web_vital.value"] == 2.5
    assert found["lcp"]["url.path"] == "/sentry9.html"
    assert found["inp"]["url.path"] == "/sentry9.html"
    assert "Chrome" in found["cls"]["user_agent.original"]


def test_vitals_of_version_11_know_their_page_whatever_comes_first() -> None:
    """Its span comes behind that of LCP in one container, and in another envelope than that of CLS."""
    loads = PageLoads()
    first, second = captured("browser-11-2", loads=loads), captured("browser-11-6", loads=loads)
    found = vitals(first) | vitals(second)
    assert set(found) == {"lcp", "fcp", "ttfb", "cls", "inp"}
    assert {one["url.path"] for one in found.values()} == {"/sentry11.html"}
    assert found["lcp"]["browser.web_vital.lcp.element"] == "body > h1"
    assert found["inp"]["user.id"] == "u-7"
    load = next(span for span in spans(first) if span.name == "Pageload")
    assert {record.span_id for record in records(second)} == {load.span_id}
    assert {one.key: one.value.string_value for one in second.logs.resource_logs[0].resource.attributes}[
        "service.name"
    ] == "shop"
    alone = vitals(captured("browser-11-6"))
    assert "url.path" not in alone["cls"]


def test_a_transaction_says_who_sent_it_and_what_it_was() -> None:
    told = converted(
        "transaction",
        transaction(
            trace={"status": "internal_error", "data": {"http.method": "GET", "http.response.status_code": 500}},
            transaction_info={"source": "route"},
            release="shop@1",
            environment="staging",
            server_name="web-1",
            dist="7",
            tags={"plan": "pro", "service": "api"},
            user={"id": 7, "ip_address": "{{auto}}"},
            request={"url": "http://shop/orders/1?q=2", "headers": [["User-Agent", "curl"], ["Cookie", "secret"]]},
            sdk={"name": "sentry.python.fastapi", "version": "2.75.0"},
            spans=[
                {
                    "span_id": "b" * 16,
                    "op": "db",
                    "description": 'SELECT * FROM "stock" WHERE id = %s',
                    "data": {"db.system": "postgresql"},
                    "start_timestamp": NOW - 1.5,
                    "timestamp": NOW - 1.4,
                },
                {"span_id": "nonsense", "start_timestamp": NOW, "timestamp": NOW},
            ],
        ),
        {"trace": {"sample_rate": "0.25"}},
    )
    assert resource(told) == {
        "service.name": "api",
        "service.version": "shop@1",
        "deployment.environment.name": "staging",
        "host.name": "web-1",
        "sentry.dist": "7",
        "telemetry.sdk.name": "sentry.python.fastapi",
        "telemetry.sdk.version": "2.75.0",
        "telemetry.sdk.language": "python",
    }
    root, child = spans(told)
    assert (root.name, root.kind, root.status.code) == (
        "GET /orders/{id}",
        Span.SPAN_KIND_SERVER,
        Status.STATUS_CODE_ERROR,
    )
    about = said(root)
    assert about["http.route"] == "/orders/{id}"
    assert about["plan"] == "pro"
    assert about["user.id"] == "7"
    assert about["user_agent.original"] == "curl"
    assert about["url.path"] == "/orders/1"
    assert about["error.type"] == "500"
    assert not [key for key in about if "cookie" in key or key == "client.address"]
    # Three of four are dropped: the threshold is three quarters of 2^56.
    assert root.trace_state == child.trace_state == "ot=th:c"
    assert (child.name, child.kind, child.parent_span_id.hex()) == ("SELECT stock", Span.SPAN_KIND_CLIENT, SPAN)
    assert said(child)["db.system.name"] == "postgresql"
    assert said(child)["db.query.text"].startswith("SELECT *")
    assert told.skipped == {"span_ids_invalid": 1}
    assert told.span_count == 2


@pytest.mark.parametrize(
    ("op", "status", "code"),
    [
        ("http.server", "not_found", Status.STATUS_CODE_UNSET),
        ("http.client", "not_found", Status.STATUS_CODE_ERROR),
        ("http.server", "deadline_exceeded", Status.STATUS_CODE_ERROR),
        ("queue.process", "ok", Status.STATUS_CODE_OK),
        ("task", "unknown_error", Status.STATUS_CODE_UNSET),
    ],
)
def test_what_a_caller_got_wrong_is_no_error_of_the_server(op: str, status: str, code: int) -> None:
    (span,) = spans(converted("transaction", transaction(trace={"op": op, "status": status})))
    assert span.status.code == code


def test_logs_keep_types_order_level_and_trace() -> None:
    def item(text: str, sequence: int, **more: Any) -> dict[str, Any]:
        typed = {"sentry.timestamp.sequence": {"value": sequence, "type": "integer"}, **more}
        return {"timestamp": NOW, "level": "warn", "body": text, "trace_id": TRACE, "attributes": typed}

    attributes = {
        "n": {"value": 3, "type": "integer"},
        "share": {"value": 1, "type": "double"},
        "paid": {"value": False, "type": "boolean"},
        "sentry.environment": {"value": "staging", "type": "string"},
        "sentry.trace.parent_span_id": {"value": SPAN, "type": "string"},
    }
    told = converted("log", {"items": [item("first", 0, **attributes), item("second", 1)]})
    first, second = records(told)
    assert first.body.string_value == "first"
    assert first.severity_number == 13
    assert (first.trace_id.hex(), first.span_id.hex()) == (TRACE, SPAN)
    assert said(first) == {"n": 3, "share": 1.0, "paid": False}
    assert isinstance(said(first)["share"], float)
    assert first.time_unix_nano < second.time_unix_nano
    assert told.logs.resource_logs[0].resource.attributes[1].value.string_value == "staging"


def test_points_of_a_series_are_summed_up_and_people_make_none() -> None:
    def point(kind: str, value: Any, user: str) -> dict[str, Any]:
        attributes = {"where": {"value": "top", "type": "string"}, "user.id": {"value": user, "type": "string"}}
        return {
            "name": kind,
            "type": kind,
            "value": value,
            "timestamp": NOW,
            "trace_id": TRACE,
            "attributes": attributes,
        }

    items = [point("counter", 2, "a"), point("counter", 3, "b"), point("counter", -1, "c")]
    items += [point("distribution", 10, "a"), point("distribution", 30, "b"), point("gauge", 7, "a")]
    told = converted("trace_metric", {"items": items})
    metrics = {one.name: one for one in told.metrics.resource_metrics[0].scope_metrics[0].metrics}
    (counter,) = metrics["counter"].sum.data_points
    assert (counter.as_double, said(counter)) == (5.0, {"where": "top"})
    assert counter.start_time_unix_nano < counter.time_unix_nano
    (distribution,) = metrics["distribution"].exponential_histogram.data_points
    assert (distribution.count, distribution.sum) == (2, 40.0)
    assert metrics["gauge"].gauge.data_points[0].as_double == 7.0
    assert told.point_count == 3
    assert told.skipped == {"metric_invalid": 1}


def test_statsd_lines_and_client_reports_are_metrics() -> None:
    lines = f"clicks@none:1:2|c|#where:top,environment:prod|T{int(NOW)}\nload@second:0.5|d\nrooms:5:1:9:30:6|g\n?|c\n"
    told = converted("statsd", lines.encode())
    points = {
        metric.name: metric
        for one in told.metrics.resource_metrics
        for scope in one.scope_metrics
        for metric in scope.metrics
    }
    assert points["clicks"].sum.data_points[0].as_double == 3.0
    assert points["load"].unit == "s"
    assert points["rooms"].gauge.data_points[0].as_double == 5.0
    assert told.skipped == {"metric_invalid": 1}
    report = {"timestamp": NOW, "discarded_events": [{"reason": "sample_rate", "category": "span", "quantity": 9}]}
    (metric,) = converted("client_report", report).metrics.resource_metrics[0].scope_metrics[0].metrics
    assert metric.name == "sentry.client.discarded"
    assert said(metric.sum.data_points[0]) == {"reason": "sample_rate", "category": "span"}


def test_sessions_are_records_at_their_beginning() -> None:
    about = {"release": "shop@1", "environment": "staging", "user_agent": "Firefox/1"}
    session = {"sid": "s-1", "did": "u-1", "init": True, "started": "2026-11-27T17:11:39.755Z", "status": "exited"}
    told = converted("session", {**session, "duration": 12.5, "errors": 2, "attrs": about})
    (record,) = records(told)
    assert record.event_name == "sentry.session"
    assert record.time_unix_nano == 1_795_799_499_755_000_000
    assert said(record) == {
        "session.id": "s-1",
        "user.id": "u-1",
        "session.status": "exited",
        "session.init": True,
        "session.errors": 2,
        "session.count": 1,
        "session.duration": 12.5,
        "user_agent.original": "Firefox/1",
    }
    assert resource(told)["service.version"] == "shop@1"
    summed = {
        "aggregates": [{"started": "2026-11-27T17:11:00Z", "exited": 40, "crashed": 2, "errored": 0}],
        "attrs": about,
    }
    found = [said(one) for one in records(converted("sessions", summed))]
    assert [(one["session.status"], one["session.count"]) for one in found] == [("exited", 40), ("crashed", 2)]


def test_feedback_says_who_what_where_and_about_which_error() -> None:
    said_ = {
        "name": "Ann",
        "contact_email": "ann@example.com",
        "message": "Slow",
        "url": "http://shop/",
        "replay_id": "r",
    }
    event = {
        "contexts": {"feedback": {**said_, "associated_event_id": "e" * 32}},
        "timestamp": NOW,
        "event_id": "f" * 32,
    }
    (record,) = records(converted("feedback", event))
    assert (record.event_name, record.body.string_value) == ("user.feedback", "Slow")
    about = said(record)
    assert about["feedback.contact_email"] == "ann@example.com"
    assert about["sentry.event_id"] == "e" * 32
    assert about["sentry.replay_id"] == "r"
    assert about["url.full"] == "http://shop/"
    older = {"event_id": "e" * 32, "name": "Bob", "email": "bob@example.com", "comments": "Broken"}
    (record,) = records(converted("user_report", older))
    assert said(record) == {
        "feedback.name": "Bob",
        "feedback.contact_email": "bob@example.com",
        "sentry.event_id": "e" * 32,
    }


def test_a_clock_that_is_off_by_years_is_corrected_and_a_slow_line_is_not() -> None:
    years_ago = NOW - 10 * 366 * 86_400
    event = transaction(start_timestamp=years_ago - 2, timestamp=years_ago - 1)
    (span,) = spans(converted("transaction", event, {"sent_at": years_ago}))
    assert span.start_time_unix_nano == pytest.approx(NOW_NS - 2_000_000_000, abs=10_000)
    assert said(span)["sentry.clock_drift_seconds"] == pytest.approx(10 * 366 * 86_400, abs=1)
    (span,) = spans(converted("transaction", transaction(), {"sent_at": NOW - 600}))
    assert span.start_time_unix_nano == pytest.approx(NOW_NS - 2_000_000_000, abs=10_000)
    # Without `sent_at` a time stays what it was: the store judges it.
    (span,) = spans(converted("transaction", event))
    assert span.start_time_unix_nano == pytest.approx((years_ago - 2) * 1e9, abs=10_000)


@pytest.mark.parametrize(
    ("item_type", "payload", "told"),
    [
        ("transaction", b"{", "JSON"),
        ("transaction", b"[]", "object"),
        ("transaction", {"contexts": {}}, "trace_id"),
        ("transaction", transaction(start_timestamp="soon"), "start_timestamp"),
        ("transaction", b'{"a":' * 5000, "JSON"),
        ("span", b'{"trace_id": NaN}', "JSON"),
        ("span", {"items": {}}, "items"),
        ("span", {"items": [{}] * 10_001}, "at most 10,000"),
        ("span", {"trace_id": "0" * 32}, "trace_id"),
        ("log", {}, "items"),
        ("trace_metric", {"items": 3}, "items"),
        ("statsd", b"\xff", "UTF-8"),
        ("session", {"status": "ok"}, "sid"),
        ("session", {"sid": "s", "status": "odd"}, "status=odd"),
        ("session", {"sid": "s", "status": "ok", "started": -1}, "started"),
        ("sessions", {"aggregates": 1}, "aggregates"),
        ("feedback", {}, "message"),
        ("user_report", {"comments": " "}, "comments"),
        ("event", {}, "type=event"),
    ],
)
def test_what_cannot_be_kept_says_why(item_type: str, payload: Any, told: str) -> None:
    with pytest.raises(BadItem, match=told):
        converted(item_type, payload)


_ODD_TEXTS = ("NaN", "-1", "1e999", "9" * 30, TRACE, SPAN, "2026-11-27T17:11:39Z", "0001-01-01", "{{auto}}")
_NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
_SCALARS = st.none() | st.booleans() | _NUMBERS | st.text(max_size=8) | st.sampled_from((*_ODD_TEXTS, NOW, -NOW))
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
_KEYS = st.sampled_from(
    [
        *(
            "items",
            "attributes",
            "value",
            "type",
            "unit",
            "name",
            "trace_id",
            "span_id",
            "timestamp",
            "start_timestamp",
        ),
        *(
            "end_timestamp",
            "contexts",
            "trace",
            "data",
            "spans",
            "tags",
            "measurements",
            "lcp",
            "status",
            "op",
            "links",
        ),
        *(
            "request",
            "headers",
            "url",
            "user",
            "sid",
            "started",
            "aggregates",
            "exited",
            "feedback",
            "message",
            "level",
        ),
        *(
            "discarded_events",
            "quantity",
            "breadcrumbs",
            "sentry.op",
            "browser.web_vital.cls.value",
            "attrs",
            "duration",
        ),
        *("url.full", "server.address", "http.status_code", "sentry.sample_rate", "severity_number", "parent_span_id"),
    ]
)
_OBJECTS = st.recursive(
    _JSON, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=6), max_leaves=25
)
_WHOLE = st.fixed_dictionaries(
    {},
    optional={
        "contexts": st.fixed_dictionaries(
            {"trace": st.just({"trace_id": TRACE, "span_id": SPAN})}, optional={"app": _OBJECTS}
        ),
        "start_timestamp": st.just(NOW),
        "items": st.lists(st.dictionaries(_KEYS, _OBJECTS, max_size=8), max_size=3),
        "spans": st.lists(st.dictionaries(_KEYS, _OBJECTS, max_size=8), max_size=3),
        "measurements": _OBJECTS,
        "tags": _OBJECTS,
        "request": _OBJECTS,
        "user": _OBJECTS,
        "breadcrumbs": _OBJECTS,
        "sid": _SCALARS,
        "attrs": _OBJECTS,
        "aggregates": _OBJECTS,
    },
)


_HEADERS = st.dictionaries(_KEYS | st.sampled_from(["sent_at", "sdk", "trace"]), _OBJECTS, max_size=4)
_LINES = st.text(alphabet="a:@|c#d,gTs19.-e\n", max_size=60).map(str.encode)


def kept_or_refused(item_type: str, raw: bytes, headers: dict[str, Any]) -> Telemetry:
    """No other failure than BadItem comes out, and what was kept can be written."""
    into = Telemetry()
    with contextlib.suppress(BadItem):
        convert(item_type, {}, raw, headers, NOW_NS, into)
    ExportTraceServiceRequest.FromString(into.traces.SerializeToString())
    ExportLogsServiceRequest.FromString(into.logs.SerializeToString())
    ExportMetricsServiceRequest.FromString(into.metrics.SerializeToString())
    return into


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(TYPES)), _WHOLE | st.dictionaries(_KEYS, _OBJECTS, max_size=6), _HEADERS)
def test_whatever_comes_is_kept_in_part_or_refused_in_words(
    item_type: str, payload: Any, headers: dict[str, Any]
) -> None:
    kept_or_refused(item_type, json.dumps(payload).encode(), headers)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(TYPES)), st.binary(max_size=60) | _LINES)
def test_bytes_that_are_no_item_are_refused_in_words(item_type: str, raw: bytes) -> None:
    kept_or_refused(item_type, raw, {})
