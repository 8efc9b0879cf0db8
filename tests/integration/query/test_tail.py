"""The tail: what becomes visible while it is open is shown once or counted, in parts of any number and any order."""

import json
import uuid
from typing import Any

import pytest
from tests import bodies
from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.query.conftest import SendLogs, now_ns
from tests.integration.query.tailing import Reader

pytestmark = pytest.mark.thorough

SHOWN_MAX = 500


@pytest.fixture
def reader(server: Server) -> Reader:
    return Reader(server, f"service:tail{uuid.uuid4().hex[:8]}")


def service(reader: Reader) -> str:
    return reader.query.removeprefix("service:")


def lines(name: str, count: int, *, start_ns: int | None = None, step_ns: int = 1) -> list[dict[str, Any]]:
    first = now_ns() if start_ns is None else start_ns
    return [{"body": f"{name} {index}", "time_unix_nano": first + index * step_ns} for index in range(count)]


def send_text(reader: Reader, name: str, count: int, *, wait: bool) -> None:
    """The other kind of segment, which is stored on its own."""
    text = "\n".join(json.dumps({"service": service(reader), "msg": f"{name} {index}"}) for index in range(count))
    params = {"wait": "visible"} if wait else {}
    with reader.server.door(content_type="application/x-ndjson") as door:
        answer = door.post(f"{reader.server.url}/ingest/ndjson", params=params, content=text)
        assert answer.status_code in (200, 202), answer.text


def test_each_line_is_shown_once_as_it_comes(reader: Reader, send_logs: SendLogs) -> None:
    """Lines sent while the tail is open, those of last year too; none twice and none of another service."""
    send_logs(lines("before", 1), service=service(reader))
    with reader.connected():
        send_logs(lines("first", 1), service=service(reader))
        send_logs(lines("other", 1))
        send_logs(lines("late", 1, start_ns=now_ns() - 3600 * 10**9), service=service(reader))
        send_logs(lines("very late", 1, start_ns=now_ns() - 370 * 86400 * 10**9), service=service(reader))
        send_logs(lines("last", 1), service=service(reader))
        reader.read(lambda seen: "last 0" in seen.bodies)
    assert reader.bodies == ["first 0", "late 0", "very late 0", "last 0"]


def test_what_is_left_out_is_counted_before_what_comes_after_it(reader: Reader, send_logs: SendLogs) -> None:
    """At any line of a flood, those before it have been shown or counted."""
    with reader.connected():
        send_logs(lines("flood", 2000), service=service(reader))
        reader.read(lambda seen: bool(seen.rows))
        assert reader.dropped == 2000 - SHOWN_MAX
        assert reader.bodies == [f"flood {reader.dropped}"]
        reader.read(lambda seen: seen.arrived == 2000)
        send_logs(lines("after", 1), service=service(reader))
        reader.read(lambda seen: "after 0" in seen.bodies)
    assert reader.arrived == 2001
    assert reader.bodies == [f"flood {index}" for index in range(1500, 2000)] + ["after 0"]


def test_parts_in_any_order_of_time_add_up(reader: Reader, send_logs: SendLogs) -> None:
    """Two kinds of segment: what came first becomes visible last; and times of one part lie between those of others."""
    start = now_ns()
    with reader.connected():
        for part in range(3):
            send_text(reader, f"waits {part}", 300, wait=False)
            send_logs(lines(f"part {part}", 700, start_ns=start - part, step_ns=10), service=service(reader))
        send_text(reader, "end", 1, wait=True)
        send_logs(lines("end of the others", 1), service=service(reader))
        reader.read(lambda seen: seen.arrived >= 3 * (300 + 700) + 2)
    assert reader.arrived == 3 * (300 + 700) + 2
    assert len(reader.bodies) == len(set(reader.bodies))


@pytest.mark.parametrize("by_parameter", [False, True], ids=["header", "parameter"])
def test_a_reader_that_was_cut_off_goes_on(reader: Reader, send_logs: SendLogs, by_parameter: bool) -> None:
    """In the middle of a flood, and over what came meanwhile: no line twice, none lost, none counted twice."""
    with reader.connected():
        send_logs(lines("flood", 800), service=service(reader))
        reader.read(lambda seen: len(seen.rows) == 120)
    send_text(reader, "meanwhile", 100, wait=True)
    send_logs(lines("meanwhile, late", 50, start_ns=now_ns() - 3600 * 10**9), service=service(reader))
    with reader.connected(**({"after": reader.last_id} if by_parameter else {})):
        reader.read(lambda seen: seen.arrived == 950)
        send_logs(lines("after", 1), service=service(reader))
        reader.read(lambda seen: "after 0" in seen.bodies)
    assert reader.arrived == 951
    assert len(reader.bodies) == len(set(reader.bodies)) == 651


def test_a_reader_that_saw_nothing_yet_goes_on(reader: Reader, send_logs: SendLogs) -> None:
    """The first event has an id, so that lines that come between two connections are not lost."""
    with reader.connected():
        pass
    send_logs(lines("between", 3), service=service(reader))
    with reader.connected():
        reader.read(lambda seen: seen.arrived == 3)
    assert reader.bodies == ["between 0", "between 1", "between 2"]


def test_a_reader_goes_on_over_a_kill(own_server: Server) -> None:
    """What was acknowledged and not visible when the server was killed is shown after it, once."""
    reader = Reader(own_server, "service:killed")
    with reader.connected(), own_server.door() as door:
        for name, wait in (("seen", {"wait": "visible"}), ("waiting", {})):
            body = bodies.logs("killed", lines(name, 5)).SerializeToString()
            assert door.post("/v1/logs", params=wait, content=body).status_code == 200
            reader.read(lambda seen: len(seen.rows) == 5)
        own_server.kill()
    own_server.start()
    with own_server.api() as api:
        eventually(lambda: api.get("/api/v1/logs", params={"query": "service:killed"}).json()["rows"][9:])
    with reader.connected(), own_server.door() as door:
        body = bodies.logs("killed", lines("after", 1)).SerializeToString()
        assert door.post("/v1/logs", content=body).status_code == 200
        reader.read(lambda seen: "after 0" in seen.bodies)
    assert sorted(reader.bodies) == sorted([*(f"{n} {i}" for n in ("seen", "waiting") for i in range(5)), "after 0"])


@pytest.mark.parametrize("text", ["nonsense", "00", "0" * 16 + "p" + "0" * 16 + ".99999999999", "é"])
def test_an_id_that_is_none_of_ours_is_refused(server: Server, text: str) -> None:
    """A 400 that quotes it, and no stream."""
    with server.api() as api:
        answer = api.get("/api/v1/logs/tail", params={"after": text})
    assert answer.status_code == 400
    assert "expected an id as the tail gives them" in answer.json()["error"]
