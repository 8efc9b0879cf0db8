"""WebSockets of a FastAPI app under uvicorn, with a real client."""

from collections.abc import Callable

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.eventually import eventually
from tests.integration.sdk.conftest import Process
from tests.integration.sdk.heard import Heard, Line

Serve = Callable[..., Process]
ROUTE = "/ws/{room}"


@pytest.fixture
def address(serve: Serve) -> str:
    return serve("fast:app").url.replace("http", "ws") + "/ws"


def ended(heard: Heard) -> Line:
    return eventually(lambda: heard.lines("socket disconnected"))[0]


def test_a_connection_is_a_handshake_and_a_span_with_its_messages(address: str, heard: Heard) -> None:
    """The handshake has been told while the connection is open: nobody waits as long as somebody stays."""
    with connect(f"{address}/hall", additional_headers={"x-correlation-id": "talk-1"}) as socket:
        assert socket.response is not None
        assert socket.response.headers["x-correlation-id"] == "talk-1"
        for said in ("one", "two"):
            socket.send(said)
            assert socket.recv() == said
        (handshake,) = eventually(lambda: heard.spans(f"WEBSOCKET {ROUTE}"))
        assert heard.spans(f"SOCKET {ROUTE}") == []
    line = ended(heard)
    told = {key: line.attributes[key] for key in ("by", "reason", "received", "sent", "undelivered", "route")}
    assert told == {
        "by": "client",
        "reason": "normal",
        "received": 2,
        "sent": 2,
        "undelivered": 0,
        "route": ROUTE,
    }
    span = eventually(lambda: heard.spans(f"SOCKET {ROUTE}"))[0]
    assert (handshake.kind, handshake.attributes["http.response.status_code"]) == ("server", 101)
    assert (span.kind, span.failed, span.attributes["websocket.messages.sent"]) == ("internal", False, 2)
    assert (span.parent_id, span.trace_id) == (handshake.span_id, handshake.trace_id)
    assert {one.span_id for one in (line, *heard.lines("heard"))} == {span.span_id}
    assert {one.attributes["correlation_id"] for one in heard.lines("heard")} == {"talk-1"}
    eventually(lambda: heard.points("websocket_disconnects_total", route=ROUTE, by="client", reason="normal"))
    assert heard.points("websocket_connections_total", route=ROUTE, outcome="accepted")[0].value == 1
    assert heard.points("websocket_messages_total", route=ROUTE, direction="received")[0].value == 2
    assert heard.points("websocket_active_connections")[0].value == 0


def test_what_the_app_closes_is_told_with_its_code(address: str, heard: Heard) -> None:
    with connect(f"{address}/hall") as socket:
        socket.send("leave")
        with pytest.raises(ConnectionClosed):
            socket.recv()
    line = ended(heard)
    assert (line.level, line.attributes["by"], line.attributes["reason"]) == ("info", "server", "4001")


def test_an_app_that_fails_is_an_error(address: str, heard: Heard) -> None:
    with connect(f"{address}/hall") as socket:
        socket.send("fail")
        with pytest.raises(ConnectionClosed):
            socket.recv()
    line = ended(heard)
    assert (line.level, line.attributes["reason"]) == ("error", "server_error")
    assert line.attributes["exception.message"] == "cannot say that"
    assert eventually(lambda: heard.spans(f"SOCKET {ROUTE}"))[0].failed


def test_what_is_sent_to_a_client_that_is_gone_is_counted(address: str, heard: Heard) -> None:
    with connect(f"{address}/hall", close_timeout=0.1) as socket:
        socket.send("send when gone")
        assert socket.recv() == "are you there?"
        _cut(socket)
    line = ended(heard)
    assert (line.attributes["by"], line.attributes["undelivered"]) == ("client", 1)
    eventually(lambda: heard.points("websocket_delivery_failures_total", route=ROUTE))


def test_a_connection_that_is_refused_is_counted(address: str, heard: Heard) -> None:
    with pytest.raises(InvalidStatus):
        connect(f"{address}/private")
    assert eventually(lambda: heard.lines("socket refused"))[0].level == "warning"
    assert eventually(lambda: heard.spans(f"WEBSOCKET {ROUTE}"))[0].kind == "server"
    points = eventually(lambda: heard.points("websocket_connections_total", outcome="rejected"))
    assert points[0].labels["route"] == ROUTE


def _cut(socket: ClientConnection) -> None:
    """As when the network goes: without the closing words."""
    socket.socket.close()
