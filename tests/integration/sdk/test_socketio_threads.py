"""python-socketio in threads under gunicorn, its own clients, and several processes behind one Redis."""

import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Run, free_port
from tests.integration.sdk.heard import Heard, Line
from tests.integration.sdk.node_socketio import Browser, browser

pytestmark = pytest.mark.thorough

CHAT = "/chat"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
IDS = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "x-correlation-id": "talk-1"}


@pytest.fixture
def page() -> Iterator[Browser]:
    with browser() as page:
        yield page


def lines(heard: Heard, message: str, **attributes: object) -> list[Line]:
    return [one for one in heard.lines(message) if attributes.items() <= one.attributes.items()]


def value(heard: Heard, name: str, **labels: str) -> float:
    return sum(one.value for one in heard.points(name, **labels))


@pytest.mark.node
@pytest.mark.xdist_group("node")
def test_a_server_in_threads(run: Run, page: Browser, heard: Heard) -> None:
    """Under gunicorn, with a namespace that is a class: events, deliveries, who comes back; requests beside it, too."""
    port = free_port()
    told = ("--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "20")
    server = run("gunicorn", f"{APPS}.chatting_threads:app", *told, listens_at=port)
    seat = {"user": "anna", "seat": "7"}
    page.connect(f"{server.url}{CHAT}", headers=IDS, auth=seat, transports=["polling", "websocket"], silent=["silent"])
    assert page.ask("say", {"words": "hello"})["ids"]["x-correlation-id"] == "talk-1"
    page.ask("ask", "question")
    page.ask("ask", "silent")
    page.do("emit", event="fail")
    assert httpx.get(f"{server.url}/items").json() == ["lamp"]
    assert eventually(lambda: lines(heard, "message not acknowledged"))[0].attributes["event"] == "silent"
    assert eventually(lambda: lines(heard, "event failed"))[0].attributes["exception.message"] == "cannot say that"
    said, answered = heard.lines("said")[0], heard.lines("answered")[0]
    assert (said.trace_id, said.attributes["user_id"], answered.trace_id) == (TRACE, "anna", TRACE)
    page.do("cut")
    back = eventually(lambda: lines(heard, "socket connected", reconnected=True))[0]
    page.do("disconnect")
    ended = eventually(lambda: lines(heard, "socket disconnected", sid=back.attributes["sid"]))[0]
    assert (ended.attributes["by"], ended.attributes["reason"]) == ("client", "client_disconnect")
    eventually(lambda: value(heard, "websocket_disconnects_total", route=CHAT) == 2)
    assert value(heard, "websocket_reconnects_total", route=CHAT) == 1
    assert value(heard, "websocket_active_connections", route=CHAT) == 0
    requests = {one.attributes["path"] for one in heard.lines("request completed")}
    assert requests == {"/items"}


@pytest.mark.parametrize("mode", ["asyncio", "threads"])
def test_a_client_of_the_same_library(run: Run, heard: Heard, mode: str) -> None:
    """Its story goes on in the server and comes back; an acknowledgement never comes; the server starts again."""
    port = free_port()
    uvicorn = ("uvicorn", f"{APPS}.chatting:app", "--port", str(port), "--timeout-graceful-shutdown", "1")
    server = run(*uvicorn, listens_at=port)
    bot = run(f"{APPS}.chat_bot", URL=server.url, MODE=mode, SERVICE_NAME="bot")
    late = eventually(lambda: lines(heard, "message not acknowledged"))[0]
    assert (late.attributes["event"], late.attributes["correlation_id"]) == ("nobody knows", "bot-story"), bot.output()
    there, here = heard.lines("said")[0], eventually(lambda: heard.lines("heard"))[0]
    assert {one.attributes["correlation_id"] for one in (there, here, heard.lines("told")[0])} == {"bot-story"}
    assert heard.lines("told")[0].attributes["answer"] == "bot-story"
    assert there.trace_id == here.trace_id
    server.stop()
    ended = eventually(
        lambda: [one for one in heard.lines("socket disconnected") if one.resource["service.name"] == "bot"]
    )[0]
    assert (ended.level, ended.attributes["by"]) == ("warning", "server")
    run(*uvicorn, listens_at=port)
    eventually(lambda: value(heard, "websocket_client_reconnects_total", route=CHAT) == 1)
    assert value(heard, "websocket_client_connections_total", route=CHAT, outcome="accepted") == 2
    assert value(heard, "websocket_client_messages_total", route=CHAT, direction="sent", event="say") == 1
    assert (
        value(heard, "websocket_client_delivery_failures_total", event="nobody knows", reason="not_acknowledged") == 1
    )


@pytest.mark.node
@pytest.mark.xdist_group("node")
def test_processes_behind_one_redis(run: Run, page: Browser, heard: Heard) -> None:
    """A room is spread over two: each counts what it sends to its own clients; an acknowledgement finds its way."""
    ports = [free_port(), free_port()]
    behind = {"CHAT_REDIS": "redis://127.0.0.1:6379/0", "CHAT_CHANNEL": f"midwatch-{uuid.uuid4().hex}"}
    app = f"{APPS}.chatting:app"
    servers = [run("uvicorn", app, "--port", str(port), listens_at=port, **behind) for port in ports]
    first = page.connect(f"{servers[0].url}{CHAT}", "one", headers=IDS, auth={"user": "anna"})
    page.connect(f"{servers[1].url}{CHAT}", "two", auth={"user": "bob"})
    for name in ("one", "two"):
        page.ask("join", name=name)
    page.ask("say", {"words": "to both"}, name="two")
    eventually(lambda: page.told("event", "one", event="said") and page.told("event", "two", event="said"))
    eventually(lambda: value(heard, "websocket_messages_total", direction="sent", event="said") == 2)
    assert len(heard.points("websocket_messages_total", direction="sent", event="said")) == 2
    page.do("emit", "two", event="ask of", args=[first, "question"])
    assert eventually(lambda: heard.lines("answered"))[0].attributes["user_id"] == "bob"
    eventually(lambda: value(heard, "websocket_ack_seconds", event="question") == 1)
    assert heard.lines("message not acknowledged") == []
