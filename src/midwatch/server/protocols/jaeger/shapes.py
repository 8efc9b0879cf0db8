"""Traces in the JSON of Jaeger's query API (jaeger `model/json`): times in microseconds, tags with types."""

import json
from typing import Any

_KINDS = {"server", "client", "producer", "consumer", "internal"}


def tag(key: str, value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"key": key, "type": "bool", "value": value}
    if isinstance(value, int):
        return {"key": key, "type": "int64", "value": value}
    if isinstance(value, float):
        return {"key": key, "type": "float64", "value": value}
    return {"key": key, "type": "string", "value": value if isinstance(value, str) else json.dumps(value)}


def trace(trace_id: str, spans: list[dict[str, Any]], warning: str | None) -> dict[str, Any]:
    """A trace of spans as `WholeTraces` gives them."""
    processes: dict[str, dict[str, Any]] = {}
    ids: dict[str, str] = {}
    shown = []
    for span in spans:
        resource = {key: value for key, value in span["resource"].items() if key != "service.name"}
        identity = f"{span['service']}\0{sorted(resource.items())!r}"
        process = ids.setdefault(identity, f"p{len(ids) + 1}")
        if process not in processes:
            tags = [tag(key, value) for key, value in resource.items()]
            processes[process] = {"serviceName": span["service"], "tags": tags}
        shown.append(_span(trace_id, span, process))
    warnings = [warning] if warning else None
    return {"traceID": trace_id, "spans": shown, "processes": processes, "warnings": warnings}


def _span(trace_id: str, span: dict[str, Any], process: str) -> dict[str, Any]:
    tags = [tag(key, value) for key, value in span["attributes"].items()]
    if span["kind"] in _KINDS:
        tags.append(tag("span.kind", span["kind"]))
    if span["status"] == "error":
        tags.append(tag("error", value=True))
    if span["status"] != "unset":
        tags.append(tag("otel.status_code", span["status"].upper()))
    if span["status_message"]:
        tags.append(tag("otel.status_description", span["status_message"]))
    if span["scope"]:
        tags.append(tag("otel.scope.name", span["scope"]))
    references = []
    if span["parent"]:
        references.append({"refType": "CHILD_OF", "traceID": trace_id, "spanID": span["parent"]})
    for linked_trace, linked_span in span["links"]:
        references.append({"refType": "FOLLOWS_FROM", "traceID": linked_trace, "spanID": linked_span})
    logs = [
        {
            "timestamp": at // 1000,
            "fields": [tag("event", name), *(tag(key, value) for key, value in attributes.items())],
        }
        for at, name, attributes in span["events"]
    ]
    return {
        "traceID": trace_id,
        "spanID": span["span_id"],
        "operationName": span["name"],
        "references": references,
        "startTime": span["ts"] // 1000,
        "duration": span["duration"] // 1000,
        "tags": tags,
        "logs": logs,
        "processID": process,
        "warnings": None,
    }


def answer(data: list[Any], warning: str = "") -> dict[str, Any]:
    """`warning`: why there may be more; errors beside data are how Jaeger itself says so."""
    errors = [{"code": 503, "msg": warning}] if warning else None
    return {"data": data, "total": len(data), "limit": 0, "offset": 0, "errors": errors}


def failure(status: int, message: str) -> dict[str, Any]:
    """What the Jaeger UI and Grafana show of an answer that is an error."""
    return {"data": None, "errors": [{"code": status, "msg": message}]}
