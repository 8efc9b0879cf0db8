"""A store elsewhere: away, slow, unwilling, behind TLS, compressed. Doors stay open; nothing is lost or doubled."""

import gzip
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import trustme
from tests import bodies
from tests.conftest import Server
from tests.eventually import eventually
from tests.faults.load import Load
from tests.integration.other_store.conftest import OtherStore
from tests.integration.other_store.wire import CAN_VANISH, WHY_NOT, Wire, refusal

pytestmark = pytest.mark.thorough

VANISHED_SECONDS_MAX = 60.0
"""Three times what a connection may be silent for: a query is tried twice."""


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who signs the store's certificate; nobody trusts it unless told to."""
    return trustme.CA()


@pytest.fixture
def tls_wire(other_store: OtherStore, authority: trustme.CA) -> Iterator[Wire]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    wire = Wire(other_store.supervisor.port, tls=tls)
    wire.up()
    yield wire
    wire.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Not started: each test says where its store is."""
    server = Server(tmp_path / "data")
    yield server
    if server.process is not None:
        server.stop()


def start(server: Server, store: str, *more: str) -> None:
    server.options = ("--store", store, *more)
    server.start()


def ready(server: Server) -> httpx.Response:
    with server.api() as api:
        return api.get("/ready", timeout=60)


def store_says(server: Server) -> str:
    (check,) = [check for check in ready(server).json()["checks"] if check["name"] == "store"]
    return str(check["message"])


def settle(server: Server) -> None:
    eventually(lambda: ready(server).status_code == 200, seconds=30)


def test_a_server_starts_without_its_store(server: Server, other_store: OtherStore, wire: Wire) -> None:
    """Doors are open at once, queries say to come back, /ready says why; with the store comes all that was taken in."""
    wire.down()
    start(server, other_store.through(wire))
    load = Load(server)
    for signal in ("traces", "logs"):
        assert load.send(signal, load.body(signal)) == 200
    with server.api() as api:
        refused = api.get("/api/v1/services")
        assert (refused.status_code, "retry-after" in refused.headers) == (503, True), refused.text
    assert ready(server).status_code == 503
    assert "cannot reach the store" in store_says(server)
    wire.up()
    settle(server)
    load.judge()


def test_the_system_tells_of_itself_without_its_store(server: Server, other_store: OtherStore, wire: Wire) -> None:
    """System health answers while the store is away: what waits, the disk, and which part is unwell and why."""
    wire.down()
    start(server, other_store.through(wire))
    with server.api() as api:
        answer = api.get("/api/v1/system/status", timeout=60)
    assert answer.status_code == 200, answer.text
    status = answer.json()
    assert (status["ready"], status["signals"]) == (False, [])
    assert {check["name"]: check["healthy"] for check in status["checks"]}["store"] is False


def test_what_waits_for_a_store_is_bounded(server: Server, other_store: OtherStore, wire: Wire) -> None:
    """While the store is away as much waits as may; then 429 with Retry-After; later all that was taken is there."""
    start(server, other_store.through(wire), "--wal-bytes-max", "1MiB")
    settle(server)
    load = Load(server)
    assert load.send("logs", load.body("logs")) == 200
    assert load.send("traces", load.body("traces")) == 200
    wire.down()
    body = load.body("traces", name="n" * 900)
    while (status := load.send("traces", body)) == 200:
        body = load.body("traces", name="n" * 900)
    assert status == 429
    with server.door() as door:
        refused = door.post("/v1/traces", content=body)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    wire.up()
    eventually(lambda: load.send("traces", load.body("traces")) == 200, seconds=60)
    load.judge()


@pytest.mark.faults
def test_broken_connections_double_nothing(server: Server, other_store: OtherStore, wire: Wire) -> None:
    """Connections that break again and again under load, in the middle of INSERTs too."""
    start(server, other_store.through(wire))
    settle(server)
    with Load(server) as load, server.api() as api:

        def one_insert_was_cut_off() -> bool:
            # Somebody looks, whatever the answer: so there is an INSERT a second to cut off.
            api.get("/api/v1/services")
            load.acknowledge(50)
            wire.cut()
            return "writer.retry" in server.output()

        for _ in range(5):
            one_insert_was_cut_off()
        eventually(one_insert_was_cut_off, seconds=90)
    load.judge()


def test_a_store_that_answers_late_is_waited_for(server: Server, other_store: OtherStore, wire: Wire) -> None:
    """Nothing passes for a while: the doors take in, /ready says so in two seconds, and nothing is lost or doubled."""
    start(server, other_store.through(wire))
    settle(server)
    with Load(server) as load:
        load.acknowledge(100)
        wire.hold()
        load.acknowledge(2000)
        began = time.monotonic()
        assert ready(server).status_code == 503
        assert time.monotonic() - began < 10
        wire.release()
        load.acknowledge(100)
    load.judge()


@pytest.mark.faults
@pytest.mark.skipif(not CAN_VANISH, reason=WHY_NOT)
def test_connections_that_vanish_are_noticed(server: Server, other_store: OtherStore, wire: Wire) -> None:
    """The other end is gone without a word, amid INSERTs and queries: seen in seconds, nothing lost or doubled."""
    start(server, other_store.through(wire))
    settle(server)
    with Load(server) as load, server.api() as api:
        load.acknowledge(500)
        wire.forget()
        began = time.monotonic()
        asked = {"query": f"SELECT count() FROM spans WHERE ServiceName = '{load.service}'"}
        told = api.post("/api/v1/sql", json=asked, timeout=VANISHED_SECONDS_MAX)
        assert told.status_code in (200, 503), told.text
        load.acknowledge(500)
        sent = load.fates["traces"].acknowledged

        def stored() -> int:
            return int(api.post("/api/v1/sql", json=asked, timeout=VANISHED_SECONDS_MAX).json()["rows"][0][0])

        eventually(lambda: stored() >= sent, seconds=VANISHED_SECONDS_MAX)
        assert time.monotonic() - began < VANISHED_SECONDS_MAX
    load.judge()


def test_a_start_does_not_wait_for_a_store_that_hangs(server: Server, other_store: OtherStore, wire: Wire) -> None:
    """A store that takes the connection and says nothing: doors open all the same, and it is used once it answers."""
    wire.hold()
    start(server, other_store.through(wire))
    load = Load(server)
    for signal in ("traces", "logs"):
        assert load.send(signal, load.body(signal)) == 200
    assert ready(server).status_code == 503
    wire.release()
    settle(server)
    load.judge()


def test_wrong_credentials_are_told_and_tried_again(server: Server, other_store: OtherStore, wire: Wire) -> None:
    """/ready and the log say whose mistake it is, without the password; once the store takes it, all is well."""
    wire.answer = lambda _request: refusal(516, "midwatch: Authentication failed: password is incorrect.")
    start(server, other_store.through(wire))
    load = Load(server)
    for signal in ("traces", "logs"):
        assert load.send(signal, load.body(signal)) == 200
    assert "does not take the user and password" in store_says(server)
    wire.answer = lambda _request: None
    wire.cut()
    settle(server)
    load.judge()
    assert "does not take the user and password" in server.output()
    assert other_store.supervisor.password not in server.output()


def test_the_engine_refuses_a_wrong_password(server: Server, other_store: OtherStore) -> None:
    """The same against the engine's own refusal."""
    start(server, other_store.url_for("midwatch", "not-the-password"))
    assert "does not take the user and password" in store_says(server)
    assert "not-the-password" not in server.output()


def test_a_user_who_may_not_make_databases_can_use_one(server: Server, other_store: OtherStore, wire: Wire) -> None:
    """A database that is not there and cannot be made is named; once somebody has made it, it is used."""

    def without_grant(request: bytes) -> bytes | None:
        return refusal(497, "midwatch: Not enough privileges.") if b"CREATE DATABASE" in request else None

    wire.answer = without_grant
    start(server, other_store.through(wire))
    assert other_store.database in (said := store_says(server)), said
    assert "UNKNOWN_DATABASE" in said, said
    other_store.ask(f"CREATE DATABASE {other_store.database}")
    settle(server)
    load = Load(server)
    for signal in ("traces", "logs"):
        assert load.send(signal, load.body(signal)) == 200
    load.judge()


def test_certificates_are_checked(
    server: Server, other_store: OtherStore, tls_wire: Wire, authority: trustme.CA, tmp_path: Path
) -> None:
    """A certificate of nobody we trust is refused; with its authority's file, or unchecked by wish, it is used."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    plain = other_store.through(tls_wire).replace("clickhouse://", "clickhouses://")
    start(server, plain)
    assert "its certificate is not trusted" in (said := store_says(server)), said
    assert "?ca=" in said
    load = Load(server)
    for signal in ("traces", "logs"):
        assert load.send(signal, load.body(signal)) == 200
    for options in (f"?ca={tmp_path / 'ca.pem'}", "?verify=0"):
        server.stop()
        start(server, plain + options)
        settle(server)
        for signal in ("traces", "logs"):
            assert load.send(signal, load.body(signal)) == 200
        load.judge()


def crossed(wire: Wire, server: Server, body: bytes) -> int:
    """Bytes that one body of records costs on the wire."""
    wire.sent.clear()
    with server.door() as door:
        assert door.post("/v1/logs?wait=visible", content=body).status_code == 200
    return len(wire.sent)


def test_what_crosses_the_network_is_compressed(server: Server, other_store: OtherStore, wire: Wire) -> None:
    """Segments cross compressed unless the URL says not to, and answers are asked for compressed."""
    records = [{"body": f"request {number} of the checkout took a while"} for number in range(5000)]
    body = bodies.logs("zstd", records).SerializeToString()
    start(server, other_store.through(wire, options="?compression=none"))
    settle(server)
    as_it_is = crossed(wire, server, body)
    assert as_it_is > len(body)
    server.stop()
    start(server, other_store.through(wire))
    settle(server)
    packed = crossed(wire, server, bodies.logs("other", records).SerializeToString())
    assert packed < as_it_is / 3
    assert packed < 3 * len(gzip.compress(body))
    with server.api() as api:
        wire.sent.clear()
        assert api.get("/api/v1/services").status_code == 200
    assert b"accept-encoding: zstd" in bytes(wire.sent).lower()
