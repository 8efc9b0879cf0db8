"""What waits, what is sent, what is given up: against a real server on loopback."""

import gzip
import itertools
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from midwatch.sdk.buffer import Buffer
from midwatch.sdk.export import Exporter
from midwatch.sdk.lane import BATCH_MAX, BODY_BYTES_MAX, ENDED, QUEUE_BYTES_MAX, SPILL_BYTES, WAITING_BYTES_MAX
from midwatch.sdk.problems import ENCODING, QUEUE_FULL, REFUSED, TOO_LARGE, UNREACHABLE, Problems
from midwatch.sdk.transport import Connection
from tests.eventually import eventually
from tests.unit.sdk.odd_servers import odd_server
from tests.unit.sdk.sink import Sink, serving


@pytest.fixture
def sink() -> Iterator[Sink]:
    with serving() as sink:
        yield sink


@pytest.fixture
def problems() -> Problems:
    return Problems()


def joined(items: Any) -> bytes:
    return b",".join(items)


def lane(exporter: Exporter, url: str, *, compression: str = "none", encode: Any = joined) -> Callable[[Any], None]:
    connection = Connection(f"{url}/v1/logs", {"Authorization": "Bearer k"}, timeout_seconds=5, compression=compression)
    return exporter.add_lane("logs", encode, connection)


def nowhere() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


def test_what_is_put_is_sent_soon(sink: Sink, problems: Problems) -> None:
    exporter = Exporter(problems, interval_seconds=0.05)
    put = lane(exporter, sink.url)
    put(b"one")
    put(b"two")
    eventually(lambda: joined(sink.bodies("logs")) == b"one,two")
    assert sink.requests[0][1]["authorization"] == "Bearer k"
    assert sink.requests[0][1]["content-type"] == "application/x-protobuf"
    exporter.shutdown()
    assert problems.counts() == {}


def test_a_flush_ends_when_all_was_taken(sink: Sink, problems: Problems) -> None:
    exporter = Exporter(problems, interval_seconds=60)
    put = lane(exporter, sink.url)
    for number in range(3 * BATCH_MAX):
        put(b"%d" % number)
    assert exporter.flush(20)
    assert joined(sink.bodies("logs")).count(b",") == 3 * BATCH_MAX - 1
    assert all(body.count(b",") < BATCH_MAX for body in sink.bodies("logs"))


def test_a_full_queue_drops_and_counts(problems: Problems) -> None:
    """The app goes on at once; the newest are given up, not what waits already."""
    exporter = Exporter(problems, queue_max=10, interval_seconds=60)
    put = lane(exporter, nowhere())
    for _ in range(25):
        put(b"x")
    assert problems.counts() == {("logs", QUEUE_FULL): 15}


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_may_be_sent_again_is(sink: Sink, problems: Problems, status: int) -> None:
    """The same body, once more, after what the server asks for; nothing is lost and nothing comes twice."""
    sink.answers = [(status, {"Retry-After": "0"})]
    exporter = Exporter(problems, interval_seconds=0.05)
    lane(exporter, sink.url)(b"one")
    eventually(lambda: len(sink.requests) == 2, seconds=30)
    assert sink.bodies("logs") == [b"one", b"one"]
    exporter.shutdown()
    assert len(sink.requests) == 2
    assert problems.counts() == {}


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_what_is_refused_for_good_is_counted(sink: Sink, problems: Problems, status: int) -> None:
    sink.answers = [(status, {})]
    exporter = Exporter(problems, interval_seconds=0.05)
    put = lane(exporter, sink.url)
    put(b"bad")
    eventually(lambda: problems.counts() == {("logs", REFUSED): 1})
    put(b"good")
    eventually(lambda: sink.bodies("logs") == [b"bad", b"good"])
    exporter.shutdown()


def test_a_server_that_is_away_costs_nothing_and_is_found_again(problems: Problems) -> None:
    address = nowhere()
    exporter = Exporter(problems, interval_seconds=0.05)
    put = lane(exporter, address)
    began = time.perf_counter()
    put(b"one")
    assert time.perf_counter() - began < 1
    exporter.shutdown(0.3)
    assert problems.counts() == {("logs", UNREACHABLE): 1}


def test_what_cannot_be_encoded_costs_its_batch_alone(sink: Sink, problems: Problems) -> None:
    def encode(items: Any) -> bytes:
        return joined(item.upper() for item in items)

    exporter = Exporter(problems, interval_seconds=60)
    put = lane(exporter, sink.url, encode=encode)
    put(5)
    assert not exporter.flush(20)
    put(b"a")
    assert exporter.flush(20)
    assert sink.bodies("logs") == [b"A"]
    assert problems.counts() == {("logs", ENCODING): 1}


def test_bodies_are_packed_where_asked(sink: Sink, problems: Problems) -> None:
    exporter = Exporter(problems, interval_seconds=60)
    put = lane(exporter, sink.url, compression="gzip")
    put(b"x" * 5000)
    assert exporter.flush(20)
    ((_, headers, body),) = sink.requests
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == b"x" * 5000


def test_a_connection_that_was_closed_is_made_anew(problems: Problems) -> None:
    """Servers close what is idle: the next body goes over a new connection and is not lost."""
    exporter = Exporter(problems, interval_seconds=0.05)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        put = lane(exporter, f"http://127.0.0.1:{listening.getsockname()[1]}")
        for word in (b"one", b"two"):
            put(word)
            connection, _ = listening.accept()
            with connection:
                while word not in connection.recv(65536):
                    pass
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            eventually(lambda: exporter.flush(1))
    assert problems.counts() == {}


def test_sources_are_read_now_and_then_and_at_the_end(sink: Sink, problems: Problems) -> None:
    reads = iter(range(100))
    exporter = Exporter(problems, interval_seconds=0.02)
    connection = Connection(f"{sink.url}/v1/metrics", {}, timeout_seconds=5, compression="none")
    exporter.add_source("metrics", lambda: b"read %d" % next(reads), connection, 0.05)
    eventually(lambda: len(sink.bodies("metrics")) >= 2)
    before = len(sink.bodies("metrics"))
    exporter.shutdown()
    assert len(sink.bodies("metrics")) > before


def test_a_child_sends_its_own_and_not_its_parents(sink: Sink, problems: Problems) -> None:
    """After a fork: a thread of its own, and nothing is sent twice."""
    exporter = Exporter(problems, interval_seconds=60)
    put = lane(exporter, sink.url)
    put(b"parent")
    child = os.fork()
    if child == 0:
        put(b"child")
        taken = exporter.flush(20)
        os._exit(0 if taken else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert exporter.flush(20)
    assert sorted(sink.bodies("logs")) == [b"child", b"parent"]


def records(bodies: list[bytes]) -> list[str]:
    sent = [ExportLogsServiceRequest.FromString(body) for body in bodies]
    return [one.body.string_value for body in sent for one in body.resource_logs[0].scope_logs[0].log_records]


def as_logs(items: Any) -> bytes:
    request = ExportLogsServiceRequest()
    scope = request.resource_logs.add().scope_logs.add()
    for item in items:
        scope.log_records.add().body.string_value = item
    return request.SerializeToString()


def test_a_batch_that_is_too_large_is_halved_until_it_is_taken(sink: Sink, problems: Problems) -> None:
    """In order; only the one item that is too large by itself is lost."""
    sink.check = lambda body: 413 if len(body) > 100 else 200
    exporter = Exporter(problems, interval_seconds=60)
    put = lane(exporter, sink.url, encode=as_logs)
    words = [f"word {number}" for number in range(20)]
    for word in [*words[:10], "x" * 200, *words[10:]]:
        put(word)
    assert not exporter.flush(20)
    assert records([body for body in sink.bodies("logs") if len(body) <= 100]) == words
    assert problems.counts() == {("logs", TOO_LARGE): 1}


def test_a_large_batch_is_halved_before_it_is_sent(sink: Sink, problems: Problems) -> None:
    """No body is larger than the bound, but one of a single item."""
    exporter = Exporter(problems, interval_seconds=60)
    put = lane(exporter, sink.url, encode=as_logs)
    for number in range(9):
        put(f"{number}" * (BODY_BYTES_MAX // 4))
    put("y" * (BODY_BYTES_MAX + 1))
    assert exporter.flush(30)
    bodies = sink.bodies("logs")
    assert [one[0] for one in records(bodies)] == [*"012345678", "y"]
    assert all(len(body) <= BODY_BYTES_MAX for body in bodies[:-1])


def test_fewer_large_items_may_wait_than_small_ones(problems: Problems) -> None:
    """The queue holds so many bytes, going by what was sent."""
    exporter = Exporter(problems, interval_seconds=60)
    put = lane(exporter, nowhere(), encode=as_logs)
    size = QUEUE_BYTES_MAX // 100
    put("x" * size)
    assert not exporter.flush(5)
    for _ in range(150):
        put("x" * size)
    assert 45 <= problems.counts()[("logs", QUEUE_FULL)] <= 52


def test_memory_is_bounded_while_the_server_is_away(problems: Problems) -> None:
    """So many bytes of requests wait; the rest stays in the queue, and what comes then is given up."""
    exporter = Exporter(problems, queue_max=50, interval_seconds=0.01)
    put = lane(exporter, nowhere(), encode=as_logs)
    size = WAITING_BYTES_MAX // 100
    for number in range(400):
        put("x" * size)
        if number % 10 == 0:
            time.sleep(0.02)
    dropped = problems.counts()[("logs", QUEUE_FULL)]
    assert 400 - 100 - 50 - 10 <= dropped <= 400 - 100
    exporter.shutdown(0.1)
    assert problems.counts()[("logs", UNREACHABLE)] == 400 - dropped


def test_a_flush_ends_at_once_where_nobody_is(problems: Problems) -> None:
    exporter = Exporter(problems, interval_seconds=60)
    put = lane(exporter, nowhere())
    put(b"one")
    began = time.monotonic()
    assert not exporter.flush(30)
    exporter.shutdown(30)
    assert time.monotonic() - began < 10
    assert problems.counts() == {("logs", UNREACHABLE): 1}


def test_a_server_that_hangs_costs_the_end_no_more_than_its_time(problems: Problems) -> None:
    with odd_server(lambda client: time.sleep(30)) as url:
        exporter = Exporter(problems, interval_seconds=0.01)
        put = exporter.add_lane("logs", joined, Connection(url, {}, timeout_seconds=30, compression="none"))
        put(b"one")
        began = time.monotonic()
        assert not exporter.flush(0.3)
        assert 0.3 <= time.monotonic() - began < 2
        exporter.shutdown(0.3)
        assert time.monotonic() - began < 5
        assert problems.counts() == {("logs", UNREACHABLE): 1}


def test_what_comes_after_the_end_is_counted(sink: Sink, problems: Problems) -> None:
    exporter = Exporter(problems, interval_seconds=60)
    put = lane(exporter, sink.url)
    put(b"one")
    exporter.shutdown()
    put(b"two")
    assert sink.bodies("logs") == [b"one"]
    assert problems.counts() == {("logs", ENDED): 1}


def test_a_thread_that_cannot_be_had_costs_nothing_but_time(
    sink: Sink, problems: Problems, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the interpreter is leaving (3.12 starts none then): a flush sends by itself."""

    start = threading.Thread.start

    def none_left(thread: threading.Thread) -> None:
        if thread.name.startswith("midwatch"):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", none_left)
    exporter = Exporter(problems, interval_seconds=60)
    put = lane(exporter, sink.url)
    put(b"one")
    assert exporter.flush(20)
    assert sink.bodies("logs") == [b"one"]


def test_what_cannot_be_sent_is_sent_by_the_next_process(sink: Sink, problems: Problems, tmp_path: Path) -> None:
    """Kept on disk at the end, the oldest sent first, new items meanwhile, and nothing twice."""

    moments = itertools.count(1_764_195_498.0)

    def opened() -> Buffer:
        return Buffer(str(tmp_path), "api", problems, now=lambda: next(moments))

    away = nowhere()
    for word in ("one", "two"):
        exporter = Exporter(problems, buffer=opened(), interval_seconds=60)
        lane(exporter, away, encode=as_logs)(word)
        exporter.shutdown(2)
    assert problems.counts() == {}
    exporter = Exporter(problems, buffer=opened(), interval_seconds=0.05)
    lane(exporter, sink.url, encode=as_logs)("three")
    eventually(lambda: len(records(sink.bodies("logs"))) == 3)
    exporter.shutdown()
    assert records(sink.bodies("logs")) == ["three", "one", "two"]
    assert list(tmp_path.rglob("*.mwb")) == []
    assert problems.counts() == {}


def test_a_long_outage_goes_to_the_disk_and_back(sink: Sink, problems: Problems, tmp_path: Path) -> None:
    """More than memory holds, while the process runs; in few files."""
    sink.check = lambda _: 503
    exporter = Exporter(problems, buffer=Buffer(str(tmp_path), "api", problems), interval_seconds=0.01)
    put = lane(exporter, sink.url, encode=as_logs)
    words = [f"{number:03d}" + "x" * (SPILL_BYTES // 8) for number in range(40)]
    for word in words:
        put(word)
        if word[:3].endswith("9"):
            eventually(lambda: not any(waiting.queue for waiting in exporter._lanes.values()))
    eventually(lambda: len(list(tmp_path.rglob("*.mwb"))) >= 3)
    assert len(list(tmp_path.rglob("*.mwb"))) <= 10
    sink.check = lambda _: 200
    sink.requests.clear()

    def all_came() -> bool:
        exporter.flush(1)
        return len(records(sink.bodies("logs"))) >= len(words)

    eventually(all_came, seconds=40)
    exporter.shutdown()
    assert sorted(records(sink.bodies("logs"))) == words
    assert problems.counts() == {}


def test_a_file_that_the_server_refuses_is_counted_and_gone(sink: Sink, problems: Problems, tmp_path: Path) -> None:
    buffer = Buffer(str(tmp_path), "api", problems)
    buffer.keep("logs", as_logs(["bad"]), 1)
    buffer.keep("logs", as_logs(["good"]), 1)
    sink.answers = [(400, {})]
    exporter = Exporter(problems, buffer=buffer, interval_seconds=0.01)
    lane(exporter, sink.url, encode=as_logs)
    exporter.start()
    eventually(lambda: records(sink.bodies("logs")) == ["bad", "good"])
    exporter.shutdown()
    assert problems.counts() == {("logs", REFUSED): 1}
    assert list(tmp_path.rglob("*.mwb")) == []


def test_a_file_that_is_too_large_is_halved(sink: Sink, problems: Problems, tmp_path: Path) -> None:
    buffer = Buffer(str(tmp_path), "api", problems)
    words = [f"word {number}" for number in range(20)]
    buffer.keep("logs", as_logs(words), 20)
    sink.check = lambda body: 413 if len(body) > 100 else 200
    exporter = Exporter(problems, buffer=buffer, interval_seconds=0.01)
    lane(exporter, sink.url, encode=as_logs)
    exporter.start()
    taken = lambda: records([body for body in sink.bodies("logs") if len(body) <= 100])  # noqa: E731
    eventually(lambda: len(taken()) == 20)
    exporter.shutdown()
    assert taken() == words
    assert problems.counts() == {}
