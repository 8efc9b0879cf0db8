"""Traces in the JSON of OTLP (opentelemetry-proto `trace.proto`, JSON mapping), as Jaeger's API v3 answers them."""

from typing import Any

_KINDS = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
_STATUS = {"ok": 1, "error": 2}
WARNINGS = "@jaeger@warnings"
"""Where Jaeger itself keeps what a span's reader should know: OTLP has no place for it."""


def resource_spans(trace_id: str, spans: list[dict[str, Any]], warning: str | None) -> list[dict[str, Any]]:
    """A trace of spans as `WholeTraces` gives them, by resource and scope; a warning is with the first span."""
    found: list[dict[str, Any]] = []
    resources: dict[str, dict[str, Any]] = {}
    scopes: dict[tuple[str, str], dict[str, Any]] = {}
    for span in spans:
        attributes = {**span["resource"], "service.name": span["service"]}
        identity = repr(sorted(attributes.items()))
        if identity not in resources:
            resources[identity] = {"resource": {"attributes": key_values(attributes)}, "scopeSpans": []}
            found.append(resources[identity])
        if (identity, span["scope"]) not in scopes:
            scopes[identity, span["scope"]] = scope = {"scope": {"name": span["scope"]}, "spans": []}
            resources[identity]["scopeSpans"].append(scope)
        scopes[identity, span["scope"]]["spans"].append(_span(trace_id, span, warning))
        warning = None
    return found


def key_values(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": any_value(value)} for key, value in attributes.items()]


def any_value(value: Any) -> dict[str, Any]:
    """Whole numbers are text there, because they have 64 bits."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [any_value(one) for one in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": key_values(value)}}
    return {"stringValue": str(value)} if value is not None else {}


def _span(trace_id: str, span: dict[str, Any], warning: str | None) -> dict[str, Any]:
    attributes = {**span["attributes"], **({WARNINGS: [warning]} if warning else {})}
    links = zip(span["links"], span.get("link_attributes", ()), strict=False)
    return {
        "traceId": trace_id,
        "spanId": span["span_id"],
        "parentSpanId": span["parent"],
        "traceState": span["trace_state"],
        "name": span["name"],
        "kind": _KINDS.get(span["kind"], 0),
        "startTimeUnixNano": str(span["ts"]),
        "endTimeUnixNano": str(span["ts"] + span["duration"]),
        "attributes": key_values(attributes),
        "events": [
            {"timeUnixNano": str(at), "name": name, "attributes": key_values(of_event)}
            for at, name, of_event in span["events"]
        ],
        "links": [
            {"traceId": linked_trace, "spanId": linked_span, "attributes": key_values(of_link)}
            for (linked_trace, linked_span), of_link in links
        ],
        "status": {"code": _STATUS.get(span["status"], 0), "message": span["status_message"]},
    }
