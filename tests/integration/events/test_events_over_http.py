"""The door for domain events, and what is read of them: lists, entities, states, files, PromQL, the command line."""

import csv
import io
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests import bodies
from tests.conftest import Server
from tests.eventually import eventually

PLAN = """
entities:
  linkup:
    description: A group that is being brought together
    states: [created, broadcasting, locked, expired]
    initial: created
    transitions:
      created: [broadcasting]
      broadcasting: [locked, expired]
    stuck_after: {created: 1d, broadcasting: 1h}
    events:
      linkup.moved: {required: [region, actor], allowed: [region]}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("events")
    (plan := directory / "plan").mkdir()
    (plan / "midwatch.yml").write_text(PLAN)
    server = Server(directory / "data", options=("--plan", str(plan))).start()
    yield server
    server.stop()


def send(server: Server, *events: Any, **asked: str) -> Any:
    with server.door(content_type="application/json") as door:
        return door.post("/ingest/events", content=json.dumps(events), params=asked)


def wait(server: Server, *ids: str) -> None:
    with server.api() as api:
        for event_id in ids:
            eventually(lambda event_id=event_id: api.get(f"/api/v1/events/{event_id}").status_code == 200)  # type: ignore[misc]


def minutes_ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def moved(name: str, entity: int, from_: str, to: str, minutes: float, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "type": "linkup.moved",
        "time": minutes_ago(minutes),
        "entity": {"type": "linkup", "id": entity},
        "actor": "admin:ann",
        "from": from_,
        "to": to,
        "environment": "production",
        "metadata": {"region": "eu"},
        **more,
    }


def test_an_error_is_no_domain_event_and_its_frames_are_no_metadata(place: Server) -> None:
    """Both have ids; the line of an event may tell of an exception, whose frames its issue shows."""
    happened, error = f"ev-{uuid.uuid4().hex}", f"er-{uuid.uuid4().hex}"
    told = {"exception.type": "Gone", "exception.message": "no answer", "exception.frames": "[]", "breadcrumbs": "[]"}
    records = [
        {"event_name": "exception", "attributes": {"event.id": error, **told}},
        {"event_name": "handler.failed", "attributes": {"event.id": happened, "region": "eu", **told}},
    ]
    with place.door() as door:
        body = bodies.logs("worker", records).SerializeToString()
        assert door.post("/v1/logs", content=body, params={"wait": "visible"}).status_code == 200
    wait(place, happened)
    with place.api() as api:
        found = api.get(f"/api/v1/events/{happened}").json()
        assert api.get(f"/api/v1/events/{error}").status_code == 404
    metadata = found["metadata"]
    assert metadata == {"region": "eu", "exception.type": "Gone", "exception.message": "no answer"}


BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "no id": ({"type": "x"}, 400, "id: expected an id"),
    "a number as id": ({"id": 3, "type": "x"}, 400, "id: expected an id"),
    "no type": ({"id": "a"}, 400, "type: expected what happened"),
    "a long id": ({"id": "a" * 129, "type": "x"}, 400, "id: expected at most 128 characters, got 129"),
    "an unknown key": ({"id": "a", "type": "x", "typo": 1}, 400, "typo: no such key"),
    "a time that is none": ({"id": "a", "type": "x", "time": "yesterday"}, 400, "time='yesterday'"),
    "a year beyond all": ({"id": "a", "type": "x", "time": "9999-01-01T00:00:00Z"}, 400, "between 1900 and 2262"),
    "an entity without an id": ({"id": "a", "type": "x", "entity": "linkup"}, 400, 'entity: expected "linkup:42"'),
    "an entity of another shape": ({"id": "a", "type": "x", "entity": ["a", 1]}, 400, "entity: expected"),
    "states of nobody": ({"id": "a", "type": "x", "to": "locked"}, 400, "entity: expected whose state"),
    "a sequence below 0": ({"id": "a", "type": "x", "sequence": -1}, 400, "sequence: expected a whole number"),
    "a trace id that is none": ({"id": "a", "type": "x", "trace_id": "xyz"}, 400, "trace_id: expected 32 hex"),
    "metadata that is a list": ({"id": "a", "type": "x", "metadata": [1]}, 400, "metadata: expected an object"),
    "a megabyte": ({"id": "a", "type": "x", "metadata": {"a": "x" * (1 << 20)}}, 413, "bytes are over 64 KiB"),
    "too deep": ({"id": "a", "type": "x", "before": json.loads('{"a":' * 25 + "1" + "}" * 25)}, 400, "20 deep"),
    "a text": ("hello", 400, "expected an object such as"),  # type: ignore[dict-item]
}


def test_what_is_wrong_with_each_event_is_said_with_its_index(place: Server) -> None:
    """The good one between them is taken; alone a bad one is answered with its own status."""
    good = {"id": uuid.uuid4().hex, "type": "fine"}
    answer = send(place, *(event for event, _, _ in BAD.values()), good)
    assert answer.status_code == 207
    told = answer.json()
    assert (told["accepted"], told["refused"]) == (1, len(BAD))
    for index, (name, (_, status, said)) in enumerate(BAD.items()):
        one = told["errors"][index]
        assert (one["index"], one["status"]) == (index, status), name
        assert said in one["error"], name
    alone = send(place, BAD["a megabyte"][0])
    assert (alone.status_code, alone.json()["code"]) == (413, "bad_event")
    assert send(place, BAD["no id"][0]).status_code == 400
    wait(place, good["id"])


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"{", "JSON"), (b"[]", "empty array"), (b"nothing\nhere", "event 0"), (b"\xff\xfe", "JSON")],
)
def test_a_body_that_is_none_is_refused_as_a_whole(place: Server, content: bytes, said: str) -> None:
    with place.door(content_type="application/json") as door:
        answer = door.post("/ingest/events", content=content)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_lines_and_single_objects_are_bodies_too(place: Server) -> None:
    """NDJSON, one object, a page of a browser that asks first; without a key nothing."""
    first, second, third = (uuid.uuid4().hex for _ in range(3))
    lines = "\n".join(json.dumps({"id": one, "type": "line"}) for one in (first, second))
    with place.door(content_type="application/x-ndjson") as door:
        assert door.post("/ingest/events", content=lines).json() == {"accepted": 2}
        assert door.post("/ingest/events", content=json.dumps({"id": third, "type": "line"})).json() == {"accepted": 1}
        assert door.options("/ingest/events", headers={"origin": "https://a.example"}).status_code == 204
    wait(place, first, second, third)
    with place.door(key=None, content_type="application/json") as door:
        assert door.post("/ingest/events", content="{}").status_code == 401


def test_times_far_from_now_are_set_aside_and_said(place: Server) -> None:
    """Ten years ahead, ten years old: not lost, and not among the events."""
    ahead, old = uuid.uuid4().hex, uuid.uuid4().hex
    soon = {"id": uuid.uuid4().hex, "type": "odd.times"}
    assert (
        send(
            place,
            {"id": ahead, "type": "odd.times", "time": minutes_ago(-10 * 366 * 1440)},
            {"id": old, "type": "odd.times", "time": minutes_ago(10 * 366 * 1440)},
            soon,
        ).status_code
        == 200
    )
    wait(place, soon["id"])
    with place.api() as api:
        assert api.get(f"/api/v1/events/{ahead}").status_code == 404
        assert api.get(f"/api/v1/events/{old}").status_code == 404

        def reasons() -> set[str]:
            hits = api.get("/api/v1/system/limits").json()["hits"]
            return {hit["reason"] for hit in hits if hit["signal"] == "domain_events"}

        eventually(lambda: {"too_old", "too_far_ahead"} <= reasons())


def test_an_entity_s_story_and_its_kind_s_machine(place: Server) -> None:
    """Order by sequence before time; what the plan has against an event; who is stuck, and since when."""
    name = uuid.uuid4().hex[:8]
    events = [
        moved(f"{name}-1", 1, "", "created", 300),
        moved(f"{name}-2", 1, "created", "broadcasting", 200),
        moved(f"{name}-3", 2, "", "created", 50),
        moved(f"{name}-4", 2, "created", "locked", 40, metadata={}, actor=None),
        moved(f"{name}-5", 3, "broadcasting", "locked", 30, sequence=2),
        moved(f"{name}-6", 3, "created", "broadcasting", 20, sequence=1),
        moved(f"{name}-7", 4, "", "created", 10, before={"a": 1, "password": "x"}, after={"a": 2}, sequence=0),
    ]
    events[3].pop("actor")
    assert send(place, *events, *events).json()["accepted"] == 14
    wait(place, *(one["id"] for one in events))
    with place.api() as api:
        asked = {"start": "now-1d"}
        story = api.get("/api/v1/entities/linkup/3", params=asked).json()
        assert (story["state"], [one["id"] for one in story["events"]]) == ("locked", [f"{name}-5", f"{name}-6"])
        story = api.get("/api/v1/entities/linkup/1", params=asked).json()
        assert (story["state"], story["stuck"], story["stuck_after_seconds"]) == ("broadcasting", True, 3600)
        assert story["since"][:16] == events[1]["time"][:16]
        wrong = api.get(f"/api/v1/events/{name}-4").json()
        expected = ["illegal transition: created → locked", "region is missing", "actor is missing"]
        assert wrong["remarks"] == expected
        changed = api.get(f"/api/v1/events/{name}-7").json()
        assert (changed["before"], changed["after"]) == ({"a": 1, "password": "[removed]"}, {"a": 2})
        assert changed["sequence"] == 0

        machine = api.get("/api/v1/entities/linkup", params=asked).json()
        now = {one["state"]: (one["entities"], one["stuck"]) for one in machine["states"]}
        assert now == {"created": (1, 0), "broadcasting": (1, 1), "locked": (2, 0), "expired": (0, 0)}
        assert [one["state"] for one in machine["states"] if one["terminal"]] == ["locked", "expired"]
        moves = {(one["from_state"], one["to_state"]): one for one in machine["transitions"]}
        assert (moves["created", "broadcasting"]["count"], moves["created", "locked"]["count"]) == (2, 1)
        assert moves["created", "locked"]["share"] == pytest.approx(1 / 3)
        assert [pair for pair, one in moves.items() if not one["legal"]] == [("created", "locked")]
        assert moves["broadcasting", "expired"]["count"] == 0
        assert sum(moves["created", "broadcasting"]["points"]) == 2
        assert [one["id"] for one in machine["illegal"]] == [f"{name}-4"]
        assert [(one["id"], one["environment"]) for one in machine["stuck"]] == [("1", "production")]
        kinds = {one["type"]: one for one in api.get("/api/v1/entities", params=asked).json()["kinds"]}
        assert (kinds["linkup"]["entities"], kinds["linkup"]["stuck"], kinds["linkup"]["illegal"]) == (4, 1, 1)

        def value(query: str) -> float | None:
            found = api.get("/prometheus/api/v1/query", params={"query": query}).json()["data"]["result"]
            return float(found[0]["value"][1]) if found else None

        assert value('increase(illegal_transitions_total{entity="linkup",from="created",to="locked"}[1h])') == 1
        assert eventually(lambda: value('entity_stuck{entity="linkup",state="broadcasting"}'), seconds=40) == 1
        assert value('entity_states{entity="linkup",state="locked",env="production"}') == 2
        assert value('entity_states{entity="linkup",state="expired"}') == 0


def test_who_did_what_is_an_audit_log(place: Server) -> None:
    """Filters, pages and files; formulas of spreadsheets are made harmless."""
    name = f"act.{uuid.uuid4().hex[:8]}"
    events = [
        {
            "id": f"{name}-{number}",
            "type": name,
            "time": minutes_ago(10 - number),
            "actor": f"admin:{'=ann' if number % 2 else 'bob'}",
            "entity": f"user:{number}",
            "correlation_id": f"c-{number}",
            "metadata": {"reason": "asked"},
        }
        for number in range(6)
    ]
    send(place, *events, {"id": f"{name}-nobody", "type": name})
    wait(place, *(one["id"] for one in events), f"{name}-nobody")
    with place.api() as api:

        def ids(**asked: str) -> list[str]:
            found = api.get("/api/v1/events", params={"type": name, "start": "now-1d", **asked}).json()["events"]
            return [one["id"].removeprefix(f"{name}-") for one in found]

        assert ids(acts="true") == ["5", "4", "3", "2", "1", "0"]
        assert ids(actor="admin:bob") == ["4", "2", "0"]
        assert ids(actor="bob", entity="user", entity_id="2") == ["2"]
        assert ids(correlation_id="c-3") == ["3"]
        assert ids(env="staging") == []
        first = api.get("/api/v1/events", params={"type": name, "start": "now-1d", "limit": 4}).json()
        rest = api.get(
            "/api/v1/events", params={"type": name, "start": "now-1d", "limit": 4, "cursor": first["next_cursor"]}
        ).json()
        assert [one["id"] for one in (*first["events"], *rest["events"])][1:] == [one["id"] for one in events[::-1]]
        assert rest["next_cursor"] is None
        assert api.get("/api/v1/events", params={"cursor": "x"}).status_code == 400
        file = api.get("/api/v1/events/export", params={"type": name, "start": "now-1d", "format": "csv"}).text
        rows = list(csv.DictReader(io.StringIO(file)))
        assert [row["actor"] for row in rows][:2] == ["admin:bob", "admin:=ann"]
        assert json.loads(rows[0]["metadata"]) == {"reason": "asked"}
        lines = api.get("/api/v1/events/export", params={"type": name, "start": "now-1d", "acts": "true"}).text
        assert [json.loads(line)["id"] for line in lines.splitlines()] == [one["id"] for one in events]
        api.post("/api/v1/keys", json={"name": name, "project": 1, "environment": None, "origins": []})
        audit = [json.loads(line) for line in api.get("/api/v1/audit/export").text.splitlines()]
        assert [row["action"] for row in audit if name in json.dumps(row)] == ["key.create"]


def test_the_command_line_verifies_and_prints(place: Server) -> None:
    send(place, {"id": (known := uuid.uuid4().hex), "type": "told.to.cli"})
    wait(place, known)

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "midwatch", "events", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    here = ("--data", str(place.data))
    assert run("verify", *here).startswith("intact: ")
    assert known in run("export", *here)
    assert "told.to.cli" in run("list", "--type", "told.to.cli", *here)
    assert "CREATE TABLE IF NOT EXISTS domain_events" in run("ddl", "postgresql")
