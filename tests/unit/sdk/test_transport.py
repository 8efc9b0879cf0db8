"""One POST to servers that hang, trickle, answer nonsense or have forgotten the connection: it ends, and says how."""

import http.client
import socket
import threading
import time
from email.utils import formatdate

import pytest

from midwatch.sdk.transport import IDLE_SECONDS_MAX, RETRY_SECONDS_MAX, Connection
from tests.unit.sdk.odd_servers import OK, odd_server, read_request
from tests.unit.sdk.sink import serving

SECONDS = 0.4


def connection(url: str, **more: object) -> Connection:
    options = {"timeout_seconds": SECONDS, "compression": "none", **more}
    return Connection(f"{url}/v1/logs", {}, **options)  # type: ignore[arg-type]


def silent(client: socket.socket) -> None:
    while client.recv(65536):
        pass


def trickling(client: socket.socket) -> None:
    read_request(client)
    for byte in OK * 100:
        client.sendall(bytes([byte]))
        time.sleep(SECONDS / 10)


def never_reading(client: socket.socket) -> None:
    threading.Event().wait(20)


@pytest.mark.parametrize("talk", [silent, trickling, never_reading])
def test_a_server_that_takes_its_time_gets_no_more_than_ours(talk: object) -> None:
    """All of it together: a byte now and then does not make it longer."""
    with odd_server(talk) as url:  # type: ignore[arg-type]
        began = time.monotonic()
        outcome = connection(url).post(b"x" * (8 << 20))
        assert time.monotonic() - began < 5 * SECONDS
        assert (outcome.taken, outcome.again, outcome.status) == (False, True, 0)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff\xfe garbage \r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000,
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n",
    ],
    ids=["nothing", "bytes", "no status", "chunks", "long head", "many heads"],
)
def test_an_answer_that_is_none_is_no_answer(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same body may be taken later; the server that has it knows it again."""
    # Other libraries in this process may have raised Python's own bound.
    monkeypatch.setattr(http.client, "_MAXHEADERS", 100)

    def talk(client: socket.socket) -> None:
        read_request(client)
        client.sendall(answer)

    with odd_server(talk) as url:
        outcome = connection(url).post(b"one")
        assert (outcome.taken, outcome.again, outcome.status) == (False, True, 0)
        assert outcome.reason


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    def talk(client: socket.socket) -> None:
        read_request(client)
        client.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 1000000000\r\n\r\n")
        while True:
            client.sendall(b"why? " * 10_000)

    with odd_server(talk) as url:
        outcome = connection(url, timeout_seconds=10).post(b"one")
        assert (outcome.status, outcome.reason[:12]) == (400, "400 why? why")


def test_a_connection_that_is_idle_is_made_anew() -> None:
    """A process that was frozen for hours does not wait for a server that has forgotten it."""
    now, met = [0.0], []

    def talk(client: socket.socket) -> None:
        met.append(client)
        while True:
            read_request(client)
            client.sendall(OK)

    with odd_server(talk) as url:
        posting = connection(url, monotonic=lambda: now[0])
        assert posting.post(b"one").taken
        now[0] = IDLE_SECONDS_MAX
        assert posting.post(b"two").taken
        assert len(met) == 1
        now[0] = 2 * IDLE_SECONDS_MAX + 0.1
        assert posting.post(b"three").taken
        assert len(met) == 2


def test_a_post_that_waits_can_be_called_off() -> None:
    """From another thread; and it is not tried again on a connection of its own."""
    asked, met = threading.Event(), []

    def talk(client: socket.socket) -> None:
        met.append(client)
        read_request(client)
        client.sendall(OK)
        read_request(client)
        asked.set()
        client.recv(1)

    with odd_server(talk) as url:
        posting = connection(url, timeout_seconds=60)
        assert posting.post(b"one").taken
        outcomes = []
        thread = threading.Thread(target=lambda: outcomes.append(posting.post(b"two")))
        thread.start()
        assert asked.wait(20)
        posting.abort()
        thread.join(20)
        assert [(one.taken, one.again) for one in outcomes] == [(False, True)]
        assert len(met) == 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("86400", RETRY_SECONDS_MAX),
        ("-1", 0.0),
        ("soon", 0.0),
        ("nan", 0.0),
        ("inf", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Thu, 01 Jan 99999 00:00:00 GMT", 0.0),
    ],
)
def test_how_long_the_server_asks_to_wait(said: str, seconds: float) -> None:
    with serving() as sink:
        sink.answers = [(429, {"retry-after": said})]
        outcome = connection(sink.url, timeout_seconds=10).post(b"one")
        assert (outcome.again, outcome.after_seconds, outcome.status) == (True, seconds, 429)


def test_a_date_is_a_time_to_wait_for() -> None:
    with serving() as sink:
        sink.answers = [(503, {"retry-after": formatdate(time.time() + 100, usegmt=True)})]
        assert 95 < connection(sink.url, timeout_seconds=10).post(b"one").after_seconds <= 100


def test_what_cannot_be_asked_is_refused_for_good() -> None:
    """Such as a key that no header can hold: it will be no better the next time."""
    with serving() as sink:
        posting = Connection(f"{sink.url}/v1/logs", {"a": "b\r\nc: d"}, timeout_seconds=5, compression="none")
        outcome = posting.post(b"one")
        assert (outcome.taken, outcome.again, outcome.status) == (False, False, -1)
        assert sink.requests == []
