"""Two Midwatch servers on one store and one PostgreSQL workspace, started at the same time."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import bodies
from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.other_store.conftest import OtherStore
from tests.postgresql import new_database

BODIES = 20
SPANS_A_BODY = 25


@pytest.fixture
def servers(other_store: OtherStore, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    with new_database() as database:
        options = ("--store", other_store.url, "--database", database)
        pair = Server(tmp_path / "one", options=options), Server(tmp_path / "two", options=options)
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
    """A key made at one server opens the doors of the other, and revoked there it closes here, in seconds."""
    one, two = servers
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
