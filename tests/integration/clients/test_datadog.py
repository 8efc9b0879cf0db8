"""The Datadog client over UDP, Unix datagrams and Unix streams: what it counts is what is stored."""

import contextlib
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from datadog.dogstatsd import DogStatsd
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough


@contextlib.contextmanager
def client(server: Server, transport: str, service: str) -> Iterator[DogStatsd]:
    port = int(server.statsd_url.rsplit(":", 1)[1])
    where: dict[str, Any] = {
        "udp": {"host": "127.0.0.1", "port": port},
        "datagrams": {"socket_path": f"unix://{server.data / 'd'}"},
        "streams": {"socket_path": f"unixstream://{server.data / 's'}"},
    }[transport]
    tags = [f"service:{service}", "env:staging", "version:1.2"]
    # Buffered: a Unix socket holds few datagrams, and the client gives up on those for which there is no room.
    statsd = DogStatsd(**where, constant_tags=tags, namespace="shop", disable_telemetry=True, disable_buffering=False)
    yield statsd
    statsd.flush()
    statsd.close_socket()


def rows(server: Server, query: str) -> list[list[Any]]:
    with server.api() as api:
        answer = api.post("/api/v1/sql", json={"query": query})
    assert answer.status_code == 200, answer.text
    found: list[list[Any]] = answer.json()["rows"]
    return found


def when(server: Server, query: str, enough: Callable[[list[list[Any]]], bool]) -> list[list[Any]]:
    def ask() -> list[list[Any]] | None:
        found = rows(server, query)
        return found if enough(found) else None

    return eventually(ask)


@pytest.mark.parametrize("transport", ["udp", "datagrams", "streams"])
def test_what_the_client_counts_is_stored(server: Server, transport: str) -> None:
    """All six kinds, sampled counts included, with the sender as resource and the other tags as attributes."""
    service = f"statsd-{uuid.uuid4().hex[:8]}"
    with client(server, transport, service) as statsd:
        for number in range(100):
            statsd.increment("page.views", tags=["route:/cart"])
            statsd.timing("request.time", number + 1)
            statsd.histogram("basket", number / 10)
        statsd.decrement("page.views", 10, tags=["route:/cart"])
        statsd.distribution("size", 3.5, tags=["beta"])
        statsd.gauge("queue.depth", 7)
        statsd.gauge("queue.depth", 5)
        for user in ("ada", "bob", "ada"):
            statsd.set("users", user)

    query = (
        "SELECT MetricName, toString(any(MetricType)), sum(Value), sum(Count), sum(Sum), any(Attributes),"
        " any(Environment), any(ResourceAttributes['service.version']), any(toString(Temporality)),"
        " argMax(Value, Timestamp)"
        f" FROM metric_points WHERE ServiceName = '{service}' GROUP BY MetricName ORDER BY MetricName"
    )

    def whole(found: list[list[Any]]) -> bool:
        of = {row[0]: row for row in found}
        return len(of) == 6 and of["shop.page.views"][2] == 90 and int(of["shop.request.time"][3]) == 100

    found = {name: rest for name, *rest in when(server, query, whole)}
    views = found["shop.page.views"]
    assert views[0] == "sum"
    assert views[4] == {"route": "/cart", "service": service, "version": "1.2"}
    assert views[5:8] == ["staging", "1.2", "delta"]
    timing = found["shop.request.time"]
    assert (timing[0], int(timing[2]), timing[3], timing[7]) == ("exponential_histogram", 100, 5050, "delta")
    assert found["shop.basket"][3] == pytest.approx(495)
    assert found["shop.size"][4]["beta"] == "true"
    assert (found["shop.queue.depth"][0], found["shop.queue.depth"][8]) == ("gauge", 5)
    assert (found["shop.users"][0], found["shop.users"][8]) == ("gauge", 2)

    asked = {"query": f'histogram_quantile(0.9, shop_request_time{{job="{service}",env="staging"}})'}

    def told() -> list[Any]:
        with server.api() as api:
            return list(api.get("/prometheus/api/v1/query", params=asked).json()["data"]["result"])

    assert float(eventually(told)[0]["value"][1]) == pytest.approx(90, rel=0.02)


def test_events_and_checks_become_lines_and_a_status(server: Server) -> None:
    """An event is a line of its alert's level, a service check one of its status's, and a gauge to alert on."""
    service = f"statsd-{uuid.uuid4().hex[:8]}"
    with client(server, "udp", service) as statsd:
        statsd.event("Deploy", "2.0 is out\nfor all", alert_type="error", aggregation_key="deploys", tags=["team:web"])
        statsd.service_check("db.up", DogStatsd.CRITICAL, message="no answer", hostname="db-1")

    query = (
        "SELECT EventName, toString(Level), Body, LogAttributes, Environment"
        f" FROM logs WHERE ServiceName = '{service}' ORDER BY EventName"
    )
    event, check = when(server, query, lambda found: len(found) == 2)
    assert event[:3] == ["dogstatsd.event", "error", "Deploy\n2.0 is out\nfor all"]
    expected = {"event.title": "Deploy", "alert_type": "error", "aggregation_key": "deploys", "team": "web"}
    assert event[3].items() >= expected.items()
    assert check[:3] == ["dogstatsd.service_check", "error", "db.up is critical: no answer"]
    assert check[3]["host.name"] == "db-1"
    status = f"SELECT Value, Attributes['check'] FROM metric_points WHERE ServiceName = '{service}'"
    assert when(server, status, bool)[0][0] == 2


def test_a_time_of_the_clients_is_kept(server: Server) -> None:
    """What a client has aggregated itself is stored for the second that it names."""
    service, seconds = f"statsd-{uuid.uuid4().hex[:8]}", int(time.time()) - 600
    with client(server, "udp", service) as statsd:
        statsd.count_with_timestamp("orders", 12, seconds)
        statsd.gauge_with_timestamp("stock", 3, seconds)
    query = (
        "SELECT MetricName, Value, toUnixTimestamp(Timestamp)"
        f" FROM metric_points WHERE ServiceName = '{service}' ORDER BY MetricName"
    )
    found = when(server, query, lambda found: len(found) == 2)
    assert [(name, value, int(time)) for name, value, time in found] == [
        ("shop.orders", 12, seconds),
        ("shop.stock", 3, seconds),
    ]


def test_a_bad_line_is_counted_and_quoted_and_harms_no_other(server: Server) -> None:
    """Of one packet: the good lines are stored, the bad ones counted in /metrics and the limits, one is in the log."""
    service = f"statsd-{uuid.uuid4().hex[:8]}"
    port = int(server.statsd_url.rsplit(":", 1)[1])
    lines = ["before:1|c|#service:{0}", "broken:x|c", "\xff:1|g", "after:2|c|#service:{0}", "lost"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto("\n".join(lines).format(service).encode("latin-1"), ("127.0.0.1", port))
    query = f"SELECT MetricName, sum(Value) FROM metric_points WHERE ServiceName = '{service}' GROUP BY MetricName"
    found = when(server, query, lambda found: len(found) == 2)
    assert sorted(map(tuple, found)) == [("after", 2), ("before", 1)]
    with server.api() as api:
        assert 'midwatch_statsd_dropped_total{reason="statsd_bad_line"} 3.0' in api.get("/metrics").text
        hits = {hit["reason"]: hit for hit in api.get("/api/v1/system/limits").json()["hits"]}
    assert hits["statsd_bad_line"]["count"] == 3
    assert "value='x': expected a number" in server.output()
