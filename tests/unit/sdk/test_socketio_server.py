"""What a Socket.IO server's hooks count, and their limits."""

from collections.abc import Iterator
from typing import Any

import pytest
import socketio

import midwatch
from midwatch.sdk.integrations.socketio_server import QUIET_MAX, Told
from midwatch.sdk.setup import running
from midwatch.sdk.web_socket_metrics import EventMetrics

METRICS = EventMetrics("websocket")


@pytest.fixture(autouse=True)
def _set_up() -> Iterator[None]:
    midwatch.init(service="chat")
    yield
    midwatch.shutdown()


@pytest.fixture
def server() -> Any:
    return socketio.AsyncServer(async_mode="asgi")


def sent(route: str, event: str) -> float:
    return float(METRICS.messages.labels(route=route, direction="sent", event=event)._value.get())


async def test_what_is_sent_is_counted_by_who_gets_it(server: Any) -> None:
    """All, a room, several rooms with some in both, without who is left out; nobody is no message."""
    midwatch.instrument(server)
    for sid in ("a", "b", "c"):
        server.manager.basic_enter_room(sid, "/counted", None, eio_sid=f"eio-{sid}")
        server.manager.basic_enter_room(sid, "/counted", sid, eio_sid=f"eio-{sid}")
    for sid, room in (("a", "one"), ("b", "one"), ("b", "two")):
        server.manager.basic_enter_room(sid, "/counted", room)
    for options, count in (
        ({}, 3),
        ({"room": "one"}, 2),
        ({"to": ["one", "two"]}, 2),
        ({"room": "one", "skip_sid": "a"}, 1),
        ({"skip_sid": ["a", "b", "elsewhere"]}, 1),
        ({"to": "c"}, 1),
        ({"room": "empty"}, 0),
    ):
        before = sent("/counted", "told")
        await server.emit("told", {"x": 1}, namespace="/counted", **options)
        assert sent("/counted", "told") - before == count, options


def test_names_that_clients_make_up_are_no_labels(server: Any) -> None:
    class Lobby(socketio.AsyncNamespace):  # type: ignore[misc]
        async def on_knock(self, sid: str) -> None:
            """Nobody is there."""

    server.register_namespace(Lobby("/lobby"))
    server.on("say", lambda sid: None, namespace="/chat")
    server.on("*", lambda event, sid: None, namespace="/any")
    told = Told(server, 1.0, None)
    assert [told._event("/chat", event) for event in ("say", "made up", "")] == ["say", "_other", "_other"]
    assert [told._event("/lobby", event) for event in ("knock", "made up")] == ["knock", "_other"]
    assert told._event("/any", "made up") == "*"
    assert [told._route(one) for one in ("/chat", "/lobby", "/", "/made-up")] == ["/chat", "/lobby", "/", "_other"]
    server.namespaces = "*"
    assert told._route("/made-up") == "*"


def test_paths_that_are_learnt_are_few(server: Any) -> None:
    """Whoever asks for ever new paths below Engine.IO's does not fill the memory, and hides none of the app's."""
    told = Told(server, 1.0, None)
    assert "/socket.io/" in running().web.quiet
    for number in range(100):
        list(told.request(({"type": "http", "path": f"/socket.io/{number}"}, None, None), {}))
    assert len(running().web.quiet) == QUIET_MAX
    assert "/items" not in running().web.quiet


def test_what_cannot_be_instrumented_is_refused_by_name(server: Any) -> None:
    with pytest.raises(TypeError, match="expected a Server, AsyncServer, Client or AsyncClient"):
        midwatch.instrument(socketio)
    with pytest.raises(TypeError, match="nonsense"):
        midwatch.instrument(server, nonsense=1)


async def test_a_hook_that_fails_leaves_the_app_alone(server: Any) -> None:
    """An event whose name is no text, and an emit with arguments that are none: as without us."""
    handled = []
    server.on("say", lambda sid, *args: handled.append(args))
    midwatch.instrument(server)
    assert await server._trigger_event("say", "/", "unknown-sid", 1) is None
    with pytest.raises(TypeError):
        await server._trigger_event(["no", "text"], "/", "unknown-sid")
    with pytest.raises(TypeError):
        await server.emit()
    assert handled == [(1,)]
