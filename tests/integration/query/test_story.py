"""A story over every signal that the server stores, asked over HTTP."""

import asyncio
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests import bodies
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.integration.query.conftest import SendLogs

from midwatch.server.engine.supervisor import EngineSupervisor
from midwatch.server.store.address import Target
from midwatch.server.store.client import Store

HOUR_NS = 3600 * 10**9


@pytest.fixture
def api(server: Server) -> Iterator[httpx.Client]:
    with server.api() as client:
        yield client


def story(api: httpx.Client, **asked: Any) -> dict[str, Any]:
    answer = api.get("/api/v1/story", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def of_spans(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Without what other tests have deployed meanwhile."""
    return [line for line in told["lines"] if line["kind"] == "span"]


def some_id(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:10]}"


def kinds(told: dict[str, Any]) -> set[str]:
    return {line["kind"] for line in told["lines"]}


def test_a_user_has_errors_product_events_and_lines(server: Server, api: httpx.Client, send_logs: SendLogs) -> None:
    """Also those that have no trace, by their own ids; a deploy of their service is beside them, of others not."""
    user, session, mark = some_id("u"), some_id("s"), some_id("mark")
    service = send_logs([{"body": "signed in", "attributes": {"user_id": user}}], environment="production")
    with httpx.Client(base_url=server.url, timeout=60) as client:
        event = {"event_id": uuid.uuid4().hex, "timestamp": time.time(), "platform": "python", "level": "error"}
        event |= {"user": {"id": user}, "message": f"cannot pay {mark}", "tags": {"service": service}}
        answer = client.post(f"/api/1/store/?sentry_key={KEY}", json=event)
        assert answer.is_success, answer.text
        made = {"event": "clicked pay", "distinct_id": user, "uuid": str(uuid.uuid4())}
        batch = [{**made, "properties": {"$session_id": session, "$pathname": "/cart"}}]
        answer = client.post("/batch", params={"wait": "visible"}, json={"api_key": KEY, "batch": batch})
        assert answer.is_success, answer.text
    for name in (service, "another"):
        deploy = {"version": f"{service}@1", "environment": "production", "service": name}
        assert api.post("/api/v1/deploys", json=deploy).is_success
    told = eventually(lambda: found if {"error", "product"} <= kinds(found := story(api, user_id=user)) else None)
    assert {(line["kind"], line["title"]) for line in told["lines"] if line["kind"] != "alert"} == {
        ("log", "signed in"),
        ("error", f"cannot pay {mark}"),
        ("product", "clicked pay"),
        ("deploy", f"{service}@1 deployed"),
    }
    assert told["kinds"]["deploy"] == 1
    assert kinds(story(api, session_id=session)) >= {"product"}
    (error,) = (line for line in told["lines"] if line["kind"] == "error")
    assert error["link"] == f"/errors/event/{event['event_id']}"


def test_alerts_and_deploys_of_its_services_are_lines(api: httpx.Client, send_logs: SendLogs) -> None:
    """An alert with the service's label, or with one of the story's ids, and a deploy; of other services none."""
    correlation = some_id("c")
    service = send_logs([{"body": "began", "attributes": {"correlation_id": correlation}}], environment="production")
    fired = [
        {"alertname": "Slow", "service": service},
        {"alertname": "Stuck", "correlation_id": correlation},
        {"alertname": "Other", "service": some_id("other")},
    ]
    assert api.post("/alertmanager/api/v2/alerts", json=[{"labels": labels} for labels in fired]).is_success
    for name in (service, some_id("other")):
        deploy = {"version": f"{name}@2", "environment": "production", "service": name}
        assert api.post("/api/v1/deploys", json=deploy).is_success

    def lines(kind: str) -> list[dict[str, Any]]:
        return [one for one in story(api, correlation_id=correlation)["lines"] if one["kind"] == kind]

    told = eventually(lambda: found if len(found := lines("alert")) == 2 else None)
    assert {(one["title"], one["service"]) for one in told} == {("Slow fires", service), ("Stuck fires", "")}
    assert all(one["link"].startswith("/alerts/history?") for one in told)
    assert [one["title"] for one in lines("deploy")] == [f"{service}@2 deployed"]


def test_of_many_stories_the_newest_are_told_and_the_others_counted(api: httpx.Client, send_logs: SendLogs) -> None:
    """Until there is enough to read; the whole is one question away, and few lines of many stories are all told."""
    user, quiet, now = some_id("u"), some_id("u"), time.time_ns()
    for at in range(9):
        trace = uuid.uuid4().bytes
        moment = now - at * 60 * 10**9
        lines = [
            {"body": f"{at}", "trace_id": trace, "time_unix_nano": moment + line, "attributes": {"user_id": user}}
            for line in range(120)
        ]
        few = {"body": f"{at}", "trace_id": uuid.uuid4().bytes, "time_unix_nano": moment}
        send_logs([*lines, {**few, "attributes": {"user_id": quiet}}])
    told = story(api, user_id=user)
    assert (told["kinds"]["log"], told["older"]) == (4 * 120, 5)
    assert "the newest stories are told; 5 older traces are not" in told["cut"]
    assert {one["title"] for one in told["lines"] if one["kind"] == "log"} <= {"0", "1", "2", "3"}
    whole = story(api, user_id=user, stories="all")
    assert (whole["kinds"]["log"], whole["older"], whole["cut"]) == (9 * 120, 0, [])
    assert (story(api, user_id=quiet)["kinds"]["log"], story(api, user_id=quiet)["older"]) == (9, 0)


def test_what_was_stored_before_the_index_is_said(tmp_path: Path) -> None:
    """A store of an older version: its lines are told by their trace, and whoever asks by another id reads why not."""
    trace, user = uuid.uuid4().hex, some_id("u")
    server = Server(tmp_path / "data").start()
    server.stop()
    asyncio.run(_store_before_the_index(tmp_path / "data" / "store", trace, user))
    server.start_as_it_is()
    with server.api() as client:
        (said,) = story(client, user_id=user)["cut"]
        assert said.startswith("ids are indexed since ")
        assert story(client, user_id=user, start="now-1m")["total_lines"] == 0
        told = story(client, trace_id=trace)
        assert ([line["title"] for line in told["lines"]], told["cut"]) == (["of old"], [])
    server.stop()


async def _store_before_the_index(directory: Path, trace: str, user: str) -> None:
    supervisor = EngineSupervisor(directory, memory_bytes=1 << 30)
    await supervisor.start()
    target = Target("127.0.0.1", supervisor.port, supervisor.user, supervisor.password)
    store = await Store.connect(target, memory_bytes=1 << 30)
    await store.execute(
        """INSERT INTO logs (Project, Timestamp, ReceivedAt, TraceId, Body, ServiceName, LogAttributes)
        SELECT 1, now64(9) - INTERVAL 1 HOUR, now64(3) - INTERVAL 1 HOUR, {trace:String}, 'of old', 's',
            map('user_id', {user:String})""",
        {"trace": trace, "user": user},
    )
    await store.close()
    await supervisor.stop()


def test_domain_events_by_any_door_are_told_once(server: Server, api: httpx.Client, send_logs: SendLogs) -> None:
    """One by HTTP, found by its entity and by its correlation id; one by a log record, which is that record's line."""
    correlation, linkup = some_id("c"), some_id("l")
    attributes = {"event.id": some_id("e"), "entity.type": "linkup", "entity.id": linkup}
    send_logs([{"body": "linkup.opened", "event_name": "linkup.opened", "attributes": attributes}])
    event = {"id": some_id("e"), "type": "linkup.locked", "entity": {"type": "linkup", "id": linkup}}
    event |= {"from": "open", "to": "locked", "correlation_id": correlation, "service": "matcher"}
    with server.door(content_type="application/json") as door:
        assert door.post("/ingest/events", json=event).status_code == 200

    def titles(**asked: Any) -> list[tuple[str, str]]:
        lines = [one for one in story(api, **asked)["lines"] if one["kind"] != "alert"]
        return [(one["kind"], one["title"]) for one in lines]

    both = [("event", "linkup.opened"), ("event", "linkup.locked")]
    assert eventually(lambda: titles(entity=f"linkup:{linkup}") == both or None)
    assert titles(correlation_id=correlation) == both[1:]
    locked = story(api, correlation_id=correlation)["lines"][0]
    assert (locked["service"], locked["detail"]) == ("matcher", f"linkup:{linkup} open → locked")
    assert locked["link"].startswith(f"/events?open={event['id']}")


def test_an_error_is_found_by_its_tags(server: Server, api: httpx.Client) -> None:
    """Without a trace, and whoever its user is."""
    correlation = some_id("c")
    with httpx.Client(base_url=server.url, timeout=60) as client:
        event = {"event_id": uuid.uuid4().hex, "timestamp": time.time(), "message": "by tag", "platform": "python"}
        tags = {"correlation_id": correlation, "linkup_id": correlation}
        assert client.post(f"/api/1/store/?sentry_key={KEY}", json={**event, "tags": tags}).is_success
    told = eventually(lambda: found if (found := story(api, correlation_id=correlation))["total_lines"] else None)
    assert kinds(told) - {"alert"} == {"error"}
    assert kinds(story(api, entity=f"linkup:{correlation}")) - {"alert"} == {"error"}


def test_a_trace_without_spans_is_told_by_its_lines(server: Server, api: httpx.Client, send_logs: SendLogs) -> None:
    """Its spans were not sampled; written with dashes it is the same."""
    trace = uuid.uuid4()
    send_logs([{"body": "alone", "trace_id": trace.bytes}])
    for asked in ({"trace_id": trace.hex}, {"trace_id": str(trace)}, {"id": trace.hex.upper()}):
        assert [line["title"] for line in story(api, **asked)["lines"]] == ["alone"], asked


def test_a_story_is_narrowed_and_read_page_after_page(api: httpx.Client, send_logs: SendLogs) -> None:
    """By environment, time, kind, level and service; pages follow one another without a gap."""
    correlation, now = some_id("c"), time.time_ns()
    records = [
        {
            "body": f"line {at}",
            "time_unix_nano": now - HOUR_NS + at,
            "severity_number": 17 if at % 5 == 0 else 9,
            "attributes": {"correlation_id": correlation},
        }
        for at in range(25)
    ]
    service = send_logs(records, **{"deployment.environment.name": "staging"})
    old = {"body": "yesterday", "time_unix_nano": now - 25 * HOUR_NS, "attributes": {"correlation_id": correlation}}
    send_logs([old], service=service, **{"deployment.environment.name": "production"})

    def bodies_of(**asked: Any) -> list[str]:
        return [line["title"] for line in story(api, correlation_id=correlation, **asked)["lines"]]

    whole = ["yesterday", *(f"line {at}" for at in range(25))]
    assert bodies_of() == whole
    assert bodies_of(env="production") == ["yesterday"]
    assert bodies_of(start="now-2h") == whole[1:]
    assert bodies_of(level="error") == [f"line {at}" for at in range(0, 25, 5)]
    assert bodies_of(kind="span") == []
    assert bodies_of(service="nobody") == []
    read: list[str] = []
    cursor = None
    while True:
        page = story(api, correlation_id=correlation, limit=10, **({"cursor": cursor} if cursor else {}))
        read += [line["title"] for line in page["lines"]]
        assert page["total_lines"] == len(whole)
        if (cursor := page["next_cursor"]) is None:
            break
    assert read == whole


def test_spans_are_folded_unless_all_are_asked_for(server: Server, api: httpx.Client) -> None:
    trace, root = uuid.uuid4().bytes, b"r" * 8
    inner = {"kind": 1, "trace_id": trace, "parent_span_id": root}
    spans = [bodies.span(trace_id=trace, span_id=root), *(bodies.span(name=f"inner {at}", **inner) for at in range(3))]
    with server.door() as door:
        body = bodies.traces(some_id("folding"), spans).SerializeToString()
        assert door.post("/v1/traces", params={"wait": "visible"}, content=body).is_success
    folded = story(api, trace_id=trace.hex())
    assert [line["spans"] for line in of_spans(folded)] == [1, 3]
    assert len(of_spans(story(api, trace_id=trace.hex(), fold="none"))) == 4


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "say whose"),
        ({"trace_id": "12"}, "32 hexadecimal digits"),
        ({"job_id": [str(at) for at in range(6)], "user_id": [str(at) for at in range(6)]}, "at most 10"),
        ({"id": "x", "cursor": "nonsense"}, "next_cursor"),
    ],
)
def test_what_cannot_be_told_says_why(api: httpx.Client, asked: dict[str, Any], said: str) -> None:
    answer = api.get("/api/v1/story", params=asked)
    assert answer.status_code == 400
    assert said in json.dumps(answer.json())


def test_an_id_that_nobody_has_is_an_empty_story(api: httpx.Client) -> None:
    """Not an error: what was asked, that it is not found, and nothing else."""
    told = story(api, id="nobody-has-this")
    assert told["asked"] == [{"kind": "correlation", "value": "nobody-has-this", "found": False}]
    assert (told["lines"], told["remarks"], told["related"], told["start"]) == ([], [], [], None)
