"""Two Midwatch servers on one store and one PostgreSQL workspace, started at the same time."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests import bodies
from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.other_store.conftest import OtherStore
from tests.integration.query.tailing import Reader
from tests.postgresql import new_database

pytestmark = pytest.mark.faults

BODIES = 20
SPANS_A_BODY = 25


@pytest.fixture
def environment() -> dict[str, str]:
    """Of both servers, beside what all servers of tests have."""
    return {}


@pytest.fixture
def servers(other_store: OtherStore, tmp_path: Path, environment: dict[str, str]) -> Iterator[tuple[Server, Server]]:
    with new_database() as database:
        options = ("--store", other_store.url, "--database", database)
        one, two = (Server(tmp_path / name, environment, options) for name in ("one", "two"))
        pair = one, two
        starts = [threading.Thread(target=server.start) for server in pair]
        for start in starts:
            start.start()
        for start in starts:
            start.join()
        yield pair
        for server in pair:
            server.stop()


def send(server: Server, service: str, count: int) -> None:
    with server.door() as door:
        for _ in range(count):
            body = bodies.traces(service, [bodies.span() for _ in range(SPANS_A_BODY)]).SerializeToString()
            assert door.post("/v1/traces", content=body).status_code == 200


def counts(server: Server) -> tuple[int, int, int]:
    """Spans, distinct spans, and what the roll-up counts."""
    with server.api() as api:
        query = "SELECT count(), uniqExact(SpanId), (SELECT sum(Count) FROM service_red) FROM spans"
        rows, distinct, counted = api.post("/api/v1/sql", json={"query": query}).json()["rows"][0]
        return int(rows), int(distinct), int(counted or 0)


def test_both_take_data_and_both_answer_for_all(servers: tuple[Server, Server]) -> None:
    """What either acknowledged is found by both, once; after kill -9 of one nothing is missing."""
    senders = [
        threading.Thread(target=send, args=(server, name, BODIES))
        for server, name in zip(servers, ("first", "second"), strict=True)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    total = 2 * BODIES * SPANS_A_BODY
    for server in servers:
        eventually(lambda server=server: counts(server) == (total, total, total))  # type: ignore[misc]
    one, two = servers
    send(one, "first", BODIES)
    one.kill()
    send(two, "second", BODIES)
    one.start()
    for server in servers:
        eventually(lambda server=server: counts(server) == (2 * total, 2 * total, 2 * total))  # type: ignore[misc]
    with two.api() as api:
        services = {row["name"] for row in api.get("/api/v1/services").json()["services"]}
    assert services == {"first", "second"}


def test_both_know_the_same_people_and_keys(servers: tuple[Server, Server]) -> None:
    """Failed sign-ins count together; a key made at one opens the other's doors, and revoked there it closes here."""
    one, two = servers
    with httpx.Client(timeout=30) as browser:
        guess = {"email": "mallory@example.com", "password": "a guess"}
        found = [browser.post(f"{server.url}/api/v1/auth/login", json=guess).status_code for server in servers * 4]
    assert found[-1] == 429, "four tries at each are free, eight at both are not"
    with one.api() as api:
        made = api.post("/api/v1/keys", json={"name": "shared"})
        assert made.status_code == 201, made.text
        key = made.json()
    body = bodies.traces("keyed", [bodies.span()]).SerializeToString()

    def status(server: Server) -> int:
        with server.door(key["key"]) as door:
            return door.post("/v1/traces", content=body).status_code

    eventually(lambda: status(two) == 200)
    with two.api() as api:
        assert api.delete(f"/api/v1/keys/{key['id']}").status_code == 204
    eventually(lambda: status(one) == 401)


@pytest.mark.parametrize("environment", [{"MIDWATCH_API_TOKEN": ""}])
def test_the_command_line_works_beside_each(servers: tuple[Server, Server]) -> None:
    """Where no token is fixed, each leaves one in its data directory; starting one does not end the other's."""
    for server in servers:
        token = json.loads((server.data / "server.json").read_text())["token"]
        with server.api(token) as api:
            assert api.get("/api/v1/users").status_code == 200


def test_a_tail_shows_lines_of_both_and_goes_on_at_the_other(servers: tuple[Server, Server]) -> None:
    """Each line once, whichever server took it and whichever shows it, also to a reader that changes over."""
    one, two = servers

    def send_lines(server: Server, name: str, count: int) -> None:
        body = bodies.logs("tailed", [{"body": f"{name} {index}"} for index in range(count)]).SerializeToString()
        with server.door() as door:
            assert door.post("/v1/logs", params={"wait": "visible"}, content=body).status_code == 200

    reader = Reader(one, "service:tailed")
    with reader.connected():
        send_lines(two, "there", 700)
        send_lines(one, "here", 3)
        reader.read(lambda seen: seen.arrived == 703)
    send_lines(one, "between, here", 2)
    send_lines(two, "between, there", 2)
    reader.server = two
    with reader.connected():
        send_lines(two, "after", 1)
        reader.read(lambda seen: "after 0" in seen.bodies)
    assert reader.arrived == 708
    assert len(reader.bodies) == len(set(reader.bodies))
