"""A canary in every field of every signal, by every door."""

import json
import time
import uuid
import zlib
from typing import Any

import httpx

from tests import bodies
from tests.conftest import KEY, Server
from tests.integration.loki.conftest import body_of
from tests.integration.privacy.canaries import Canaries
from tests.integration.replays.segments import event as replay_event
from tests.remote_write import packed, series_1, version_1
from tests.sentry_project import Project, envelope, event

VISIBLE = {"wait": "visible"}


def everything(server: Server, canaries: Canaries) -> None:
    """But for `otlp`; returns when all of it is stored."""
    for send in (_ndjson, _loki, _remote_write, _product_events):
        send(server, canaries)
    _errors(server, canaries)


def otlp(server: Server, canaries: Canaries) -> None:
    for send in (_traces, _logs, _metrics):
        send(server, canaries)


def _values(canaries: Canaries, place: str) -> dict[str, Any]:
    """Attributes of every type."""
    at = canaries.text
    return {
        "note": at(f"{place} value"),
        at(f"{place} key"): "x",
        "password": canaries.secret(f"{place} password"),
        "listed": [at(f"{place} list"), 1],
        "mapped": {"inner": at(f"{place} map"), "token": canaries.secret(f"{place} map token")},
        "bytes": at(f"{place} bytes").encode(),
        "harmless": "checkout",
    }


def _post(server: Server, path: str, message: Any) -> None:
    with server.door() as door:
        answer = door.post(path, params=VISIBLE, content=message.SerializeToString())
    assert answer.status_code == 200, answer.text


def _traces(server: Server, canaries: Canaries) -> None:
    at = canaries.text
    span = bodies.span(
        name=at("span name"), attributes=_values(canaries, "span"), trace_state=f"a={at('trace state')}"[:500]
    )
    span.status.message = at("status message")
    told = span.events.add(name=at("event name"), time_unix_nano=time.time_ns())
    told.attributes.extend(
        bodies.attributes({"exception.message": at("event value"), "secret": canaries.secret("event")})
    )
    link = span.links.add(trace_id=b"t" * 16, span_id=b"s" * 8, trace_state=at("link state")[:500])
    link.attributes.extend(bodies.attributes({"note": at("link value")}))
    request = bodies.traces(at("service name"), [span], **_values(canaries, "resource"))
    scope = request.resource_spans[0].scope_spans[0].scope
    scope.name, scope.version = at("scope name"), at("scope version")
    _post(server, "/v1/traces", request)


def _logs(server: Server, canaries: Canaries) -> None:
    at = canaries.text
    records: list[dict[str, Any]] = [
        {"body": at("body"), "attributes": _values(canaries, "record"), "severity_text": canaries.email("severity")},
        {"body": {"deep": at("map body"), "list": [1]}},
        {
            "body": "boom",
            "severity_number": 17,
            "attributes": {"exception.type": "E", "exception.message": at("exception")},
        },
    ]
    request = bodies.logs("canaries", records)
    request.resource_logs[0].scope_logs[0].log_records[0].event_name = at("event of a record")
    _post(server, "/v1/logs", request)


def _metrics(server: Server, canaries: Canaries) -> None:
    at = canaries.text
    request = bodies.gauge("canaries", "canary_gauge", 1.0)
    metric = request.resource_metrics[0].scope_metrics[0].metrics[0]
    metric.description, metric.unit = at("description"), canaries.email("unit")[:60]
    point = metric.gauge.data_points[0]
    point.attributes.extend(bodies.attributes({"who": at("label"), "token": canaries.secret("label token")}))
    exemplar = point.exemplars.add(time_unix_nano=time.time_ns(), as_double=1.0)
    exemplar.filtered_attributes.extend(bodies.attributes({"who": at("exemplar")}))
    _post(server, "/v1/metrics", request)


def _ndjson(server: Server, canaries: Canaries) -> None:
    at = canaries.text
    lines = [
        {"msg": at("line message"), "user": {"note": at("line inner"), "apiKey": canaries.secret("line inner key")}},
        {"level": "info", "service": at("line service"), "env": at("line env"), "deep": {"a": {"b": at("line deep")}}},
    ]
    content = "\n".join([*map(json.dumps, lines), at("bare line")]).encode()
    with server.door(content_type="application/x-ndjson") as door:
        assert door.post("/ingest/ndjson", params=VISIBLE, content=content).status_code == 200


def _loki(server: Server, canaries: Canaries) -> None:
    at = canaries.text
    entries = [
        (time.time_ns() - 10**9, at("loki line"), {"note": at("loki metadata"), "secret": canaries.secret("loki")})
    ]
    with server.door() as door:
        content = body_of({"job": "canaries", "who": at("loki label")}, entries)
        assert door.post("/loki/api/v1/push", params=VISIBLE, content=content).status_code == 204


def _remote_write(server: Server, canaries: Canaries) -> None:
    at = canaries.text
    now = time.time_ns() // 10**6
    labels = {
        "__name__": "canary_total",
        "job": "canaries",
        "who": at("series label"),
        "password": canaries.secret("series"),
    }
    exemplars = [{"labels": [{"name": "who", "value": at("series exemplar")}], "value": 1.0, "timestamp": now}]
    one = series_1(labels, samples=[{"value": 1.0, "timestamp": now}], exemplars=exemplars)
    metadata = [{"type": 1, "metric_family_name": "canary_total", "help": at("help"), "unit": ""}]
    with server.door() as door:
        headers = {"content-encoding": "snappy", "x-prometheus-remote-write-version": "0.1.0"}
        content = packed(version_1(one, metadata=metadata))
        answer = door.post("/prometheus/api/v1/write", params=VISIBLE, content=content, headers=headers)
    assert answer.status_code in (200, 204), answer.text


def _product_events(server: Server, canaries: Canaries) -> None:
    at = canaries.text
    body = {
        "api_key": KEY,
        "batch": [
            {
                "event": at("event"),
                "distinct_id": canaries.email("distinct id"),
                "properties": {
                    "note": at("property"),
                    "token_secret": canaries.secret("property"),
                    "$current_url": f"https://shop.test/?q={canaries.email('url')}",
                    "$feature/flag": at("flag"),
                    "nested": {"a": at("nested property")},
                    "$set": {"mail": canaries.email("person"), "password": canaries.secret("person")},
                    "$set_once": {"first": at("person once")},
                },
            },
            {
                "event": "$identify",
                "distinct_id": canaries.email("identified"),
                "properties": {"$anon_distinct_id": canaries.email("anonymous")},
            },
        ],
    }
    answer = httpx.post(f"{server.url}/batch/", params=VISIBLE, json=body, timeout=60)
    assert answer.status_code == 200, answer.text


def _errors(server: Server, canaries: Canaries) -> None:
    at, project = canaries.text, Project(server, 1, KEY)
    sent = event(
        at("error value"),
        type="CanaryError",
        message=at("error message"),
        user={"id": canaries.email("user id"), "email": canaries.email("user email"), "note": at("user note")},
        tags={"note": canaries.email("tag"), "password": canaries.secret("tag")},
        extra={"note": at("extra"), "secret": canaries.secret("extra"), "deep": {"a": [at("deep extra")]}},
        contexts={"shop": {"note": at("context")}},
        breadcrumbs={
            "values": [{"message": at("crumb"), "data": {"note": at("crumb data"), "token": canaries.secret("crumb")}}]
        },
        request={
            "url": f"https://shop.test/?mail={canaries.email('request url')}",
            "data": {"note": at("request data"), "password": canaries.secret("request data")},
            "headers": {"X-Note": at("header"), "Authorization": canaries.secret("authorization")},
            "cookies": canaries.secret("cookies"),
            "query_string": f"password={canaries.secret('query')}",
        },
        transaction=canaries.email("transaction"),
        server_name=canaries.email("server name"),
        logger=canaries.email("logger"),
        fingerprint=[canaries.email("fingerprint")],
        frames=[
            {
                "function": "pay",
                "filename": "app/pay.py",
                "in_app": True,
                "vars": {"note": at("var"), "pwd": canaries.secret("var")},
            }
        ],
    )
    attachment = b"a line\nthen " + at("attachment").encode() + b"\n"
    item = json.dumps({"type": "attachment", "length": len(attachment), "filename": "log.txt"}).encode()
    content = envelope(("event", sent), event_id=sent["event_id"]) + b"\n" + item + b"\n" + attachment
    assert project.post("envelope/", content).status_code == 200
    replay = uuid.uuid4().hex
    said = replay_event(replay, at=time.time(), urls=[f"https://shop.test/?token={canaries.secret('replay url')}"])
    said["user"] = {"email": canaries.email("replay user")}
    assert (
        project.post(
            "envelope/", envelope(("replay_event", said), ("replay_recording", _recording(canaries)))
        ).status_code
        == 200
    )
    assert project.issues(query="CanaryError")
    with server.api() as api:
        from tests.eventually import eventually

        eventually(lambda: api.get("/api/v1/replays").json()["replays"], seconds=40)


def _recording(canaries: Canaries) -> bytes:
    at = time.time() * 1000
    typed = {"type": 3, "timestamp": at + 20, "data": {"source": 5, "text": canaries.text("typed"), "id": 1}}
    seen = {
        "type": 2,
        "timestamp": at + 10,
        "data": {"node": {"type": 3, "textContent": canaries.text("seen"), "id": 2}},
    }
    said = {
        "type": 5,
        "timestamp": at + 30,
        "data": {"tag": "breadcrumb", "payload": {"category": "console", "message": canaries.text("console")}},
    }
    return json.dumps({"segment_id": 0}).encode() + b"\n" + zlib.compress(json.dumps([seen, typed, said]).encode())
