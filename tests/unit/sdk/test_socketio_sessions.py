"""Clients of Socket.IO that come back, and what is kept to know them."""

from typing import Any

import pytest
from opentelemetry.context import Context as OtelContext

from midwatch.sdk.context import EMPTY, Context
from midwatch.sdk.integrations import socketio_sessions
from midwatch.sdk.integrations.socketio_deliveries import Deliveries
from midwatch.sdk.integrations.socketio_hooks import goes_on
from midwatch.sdk.integrations.socketio_sessions import REMEMBERED_MAX, Session, Sessions, client_fields
from midwatch.sdk.web_socket_metrics import EventMetrics

METRICS = EventMetrics("websocket")
SECRET = {"token": "t0p-s3cret"}


@pytest.fixture
def sessions() -> Sessions:
    return Sessions(METRICS, Deliveries(METRICS, 1.0), None)


def session(sid: str, key: str = "", previous: str = "") -> Session:
    return Session(sid, "/remembered", EMPTY, OtelContext(), {"sid": sid}, key, previous, f"eio-{sid}")


def reconnects() -> float:
    return float(METRICS.reconnects.labels(route="/remembered")._value.get())


def test_who_has_left_is_forgotten_after_a_while_and_beyond_a_number(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(socketio_sessions, "monotonic", lambda: now)
    for number in range(REMEMBERED_MAX + 1):
        made = session(f"s{number}")
        sessions.opened(made)
        sessions.closed(made, "transport close", None)
    assert not sessions.has_left("s0")
    assert sessions.has_left("s1")
    now += socketio_sessions.RECONNECT_SECONDS + 1
    last = session("last")
    sessions.opened(last)
    sessions.closed(last, "transport close", None)
    assert not sessions.has_left(f"s{REMEMBERED_MAX}")
    assert sessions.has_left("last")


@pytest.mark.parametrize(("away", "back"), [(119.0, 1), (121.0, 0)])
def test_who_comes_back_in_time_has_come_back(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch, away: float, back: int
) -> None:
    now, before = 1000.0, reconnects()
    monkeypatch.setattr(socketio_sessions, "monotonic", lambda: now)
    first = session("a", key="browser-1")
    sessions.opened(first)
    sessions.closed(first, "transport close", 1006)
    sessions.opened(session("other", key="browser-2"))
    now += away
    sessions.opened(session("b", key="browser-1"))
    sessions.opened(session("c", key="browser-1"))
    assert reconnects() - before == back


def test_a_client_is_told_by_what_it_says_of_itself(sessions: Sessions) -> None:
    """Its id; else all of its `auth`, of which only a hash is kept; nobody is nobody."""
    assert sessions.key_of({}, {"clientId": "b1", "token": "x"}) == "b1"
    hashed = sessions.key_of({}, SECRET)
    assert hashed is not None
    assert len(hashed) == 64
    assert hashed == sessions.key_of({}, {**SECRET, "previousSid": "s1"})
    assert hashed != sessions.key_of({}, {"token": "another"})
    assert [sessions.key_of({}, auth) for auth in (None, {}, "")] == ["", "", ""]
    assert sessions.key_of({}, ["not", "a", "mapping"])
    assert client_fields({"client_id": "b1", "previous_sid": "s1", **SECRET}) == ({"client_id": "b1"}, "s1")
    assert client_fields({"clientId": "no id\r\n", "previousSid": {"x": 1}}) == ({}, "")
    assert client_fields("token") == ({}, "")


ENDS = [
    ("client disconnect", None, ("client", "client_disconnect")),
    ("server disconnect", 1000, ("server", "server_disconnect")),
    ("ping timeout", None, ("client", "ping_timeout")),
    ("transport close", None, ("client", "transport_close")),
    ("transport close", 1006, ("client", "lost")),
    ("transport close", 1001, ("client", "going_away")),
    ("transport close", 4999, ("client", "transport_close")),
    ("transport close", 1012, ("server", "restart")),
    ("transport error", None, ("client", "transport_error")),
]


@pytest.mark.parametrize(("reason", "code", "told"), ENDS)
def test_who_has_ended_it_and_why(reason: str, code: int | None, told: tuple[str, str]) -> None:
    assert socketio_sessions._ended(reason, code) == told


CONNECTED = Context("talk-1", "r-1", {"user_id": "anna"})
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GOES_ON: list[tuple[str, tuple[Any, ...], str, bool]] = [
    ("nothing came", (), "talk-1", False),
    ("no ids came", ({"x": 1}, "text", 7, None), "talk-1", False),
    ("a correlation id", ({"ids": {"x-correlation-id": "order-7"}},), "order-7", False),
    ("beside the rest", ({"x": 1, "x-correlation-id": "order-7"},), "order-7", False),
    ("a trace alone", ({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},), "talk-1", True),
    ("in the second", ({"x": 1}, {"ids": {"x-trace-id": TRACE}}), TRACE, True),
    ("a request id", ({"ids": {"x-request-id": "r-2"}},), "talk-1", False),
    ("what is no id", ({"ids": {"traceparent": 7, "x-request-id": ["r"]}},), "talk-1", False),
]


@pytest.mark.parametrize(
    ("payloads", "correlation", "elsewhere"), [one[1:] for one in GOES_ON], ids=[one[0] for one in GOES_ON]
)
def test_an_event_goes_on_under_its_connection_but_for_what_it_brings(
    payloads: tuple[Any, ...], correlation: str, elsewhere: bool
) -> None:
    parent = OtelContext()
    work, found, links = goes_on(payloads, CONNECTED, parent)
    assert (work.correlation_id, dict(work.fields)) == (correlation, {"user_id": "anna"})
    assert work.request_id not in ("", "r-1")
    assert (found is not parent, len(links)) == (elsewhere, int(elsewhere))


def test_deliveries_beyond_what_can_be_waited_for_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from midwatch.sdk.deadlines import Deadlines
    from midwatch.sdk.integrations import socketio_deliveries
    from midwatch.sdk.problems import PROBLEMS

    monkeypatch.setattr(socketio_deliveries, "_deadlines", Deadlines(PROBLEMS, waiting_max=2))
    deliveries = Deliveries(METRICS, 60.0)
    made = [deliveries.sent("question", "/full", f"s{number}", None) for number in range(3)]
    assert [one is not None and one.over for one in made] == [False, False, True]
    assert [deliveries.lost(f"s{number}") for number in range(3)] == [1, 1, 0]
    assert deliveries._waiting == {}
