"""python-socketio under uvicorn with the official JavaScript client."""

from collections.abc import Callable, Iterator

import pytest

from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Process, Run, free_port
from tests.integration.sdk.heard import Heard, Line
from tests.integration.sdk.node_socketio import Browser, browser

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("node"), pytest.mark.thorough]

Serve = Callable[..., Process]
CHAT = "/chat"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
IDS = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "x-correlation-id": "talk-1"}
ANNA = {"user": "anna", "token": "t0p-s3cret", "clientId": "browser-1"}
OTHER_TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def page() -> Iterator[Browser]:
    with browser() as page:
        yield page


@pytest.fixture
def chat(serve: Serve) -> Process:
    return serve("chatting:app")


def lines(heard: Heard, message: str, **attributes: object) -> list[Line]:
    return [one for one in heard.lines(message) if attributes.items() <= one.attributes.items()]


def value(heard: Heard, name: str, **labels: str) -> float:
    return sum(one.value for one in heard.points(name, **labels))


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]], ids="-".join)
def test_events_go_on_under_the_ids_of_their_connection(
    chat: Process, page: Browser, heard: Heard, transports: list[str]
) -> None:
    """Those of its headers, what the app has bound when it connected, or the ids that an event brings itself; and how
    Engine.IO carries them is not told once more as requests."""
    sid = page.connect(f"{chat.url}{CHAT}", headers=IDS, auth=ANNA, transports=transports)
    page.ask("join")
    assert page.ask("say", {"words": "hello"})["ids"]["x-correlation-id"] == "talk-1"
    own = {"traceparent": f"00-{OTHER_TRACE}-00f067aa0ba902b7-01", "x-correlation-id": "order-77"}
    assert page.ask("say", {"words": "an order", "ids": own})["ids"]["x-correlation-id"] == "order-77"
    told = [
        one["args"][0]["ids"]["x-correlation-id"]
        for one in eventually(lambda: page.told("event", event="said")[1:] and page.told("event", event="said"))
    ]
    assert told == ["talk-1", "order-77"]
    page.do("disconnect")
    ended = eventually(lambda: lines(heard, "socket disconnected"))[0]
    assert {key: ended.attributes[key] for key in ("route", "by", "reason", "received", "undelivered", "sid")} == {
        "route": CHAT,
        "by": "client",
        "reason": "client_disconnect",
        "received": 3,
        "undelivered": 0,
        "sid": sid,
    }
    connected = lines(heard, "socket connected")[0]
    assert connected.attributes["client_id"] == "browser-1"
    said = {one.attributes["words"]: one for one in heard.lines("said")}
    assert {said["hello"].trace_id, ended.trace_id, connected.trace_id, heard.lines("welcome")[0].trace_id} == {TRACE}
    assert {one.attributes["user_id"] for one in (*said.values(), ended)} == {"anna"}
    assert (said["an order"].trace_id, said["an order"].attributes["correlation_id"]) == (OTHER_TRACE, "order-77")
    eventually(lambda: heard.spans(f"DISCONNECT {CHAT}"))
    connect, (first, second) = heard.spans(f"CONNECT {CHAT}")[0], heard.spans("EVENT say")
    assert (connect.parent_id, first.parent_id, first.kind) == ("00f067aa0ba902b7", connect.span_id, "server")
    assert (second.trace_id, second.links) == (OTHER_TRACE, [connect.span_id])
    assert said["hello"].span_id == first.span_id
    eventually(lambda: value(heard, "websocket_disconnects_total", route=CHAT, by="client", reason="client_disconnect"))
    assert value(heard, "websocket_connections_total", route=CHAT, outcome="accepted") == 1
    assert value(heard, "websocket_messages_total", route=CHAT, direction="received", event="say") == 2
    assert value(heard, "websocket_messages_total", route=CHAT, direction="sent", event="said") == 2
    assert value(heard, "websocket_event_duration_seconds", route=CHAT, event="say", status="handled") == 2
    assert value(heard, "websocket_active_connections") == 0
    assert [one.message for one in heard.lines() if one.level != "info"] == []
    assert [one.message for one in heard.lines() if one.attributes.get("path")] == []
    assert b"t0p-s3cret" not in heard.all_bytes()


def test_deliveries_that_nobody_acknowledges(chat: Process, page: Browser, heard: Heard) -> None:
    """In time, not in time, not before the client is gone, and to one who is gone; `call` has a time of its own."""
    gone = page.connect(f"{chat.url}{CHAT}", "gone", auth={"user": "bob"})
    page.do("disconnect", "gone")
    eventually(lambda: lines(heard, "socket disconnected", sid=gone))
    page.connect(f"{chat.url}{CHAT}", headers=IDS, auth=ANNA, silent=["silent"])
    page.ask("ask", "question")
    page.ask("ask", "silent")
    assert page.ask("call", "question") == "yes"
    assert page.ask("call", "silent") == "no answer"
    page.ask("whisper", gone)
    late = eventually(
        lambda: (
            lines(heard, "message not acknowledged", reason="not_acknowledged")[1:]
            and heard.lines("message not acknowledged")
        )
    )
    assert sorted(one.attributes["waited_ms"] // 100 for one in late) == [2, 4]
    assert {(one.level, one.trace_id, one.attributes["correlation_id"]) for one in late} == {
        ("warning", TRACE, "talk-1")
    }
    assert {one.attributes["event"] for one in late} == {"silent"}
    page.ask("ask", "silent")
    page.do("cut")
    lost = eventually(lambda: lines(heard, "message not acknowledged", reason="lost"))[0]
    assert lines(heard, "socket disconnected", undelivered=1)[0].trace_id == lost.trace_id == TRACE
    answered = heard.lines("answered")[0]
    sent = next(one for one in heard.spans("send question") if one.span_id == answered.span_id)
    assert (answered.trace_id, sent.kind, sent.failed) == (TRACE, "producer", False)
    assert [
        one.failed for one in eventually(lambda: heard.spans("send silent")[2:] and heard.spans("send silent"))
    ] == [True] * 3
    assert lines(heard, "message not delivered")[0].attributes["sid"] == gone
    eventually(lambda: value(heard, "websocket_delivery_failures_total", route=CHAT, event="silent", reason="lost"))
    failures = {
        (one.labels["event"], one.labels["reason"]): one.value
        for one in heard.points("websocket_delivery_failures_total")
    }
    assert failures == {("silent", "not_acknowledged"): 2, ("silent", "lost"): 1, ("whispered", "gone"): 1}
    assert value(heard, "websocket_ack_seconds", route=CHAT, event="question") == 2
    assert value(heard, "websocket_ack_seconds", route=CHAT, event="silent") == 0


def test_who_is_thrown_out_and_who_comes_back(chat: Process, page: Browser, heard: Heard) -> None:
    """By the server, by the network; the official client connects again by itself after the latter alone."""
    page.connect(f"{chat.url}{CHAT}", auth=ANNA)
    first = page.told("connect")[0]["sid"]
    page.do("cut")
    second = eventually(lambda: page.told("connect")[1:])[0]["sid"]
    back = eventually(lambda: lines(heard, "socket connected", reconnected=True))[0]
    assert (back.attributes["sid"], back.attributes["previous_sid"]) == (second, first)
    assert back.attributes["away_ms"] > 0
    page.do("emit", event="kick")
    assert eventually(lambda: page.told("disconnect")[1:])[0]["reason"] == "io server disconnect"
    ends = eventually(lambda: heard.lines("socket disconnected")[1:] and heard.lines("socket disconnected"))
    assert [(one.attributes["by"], one.attributes["reason"]) for one in ends] == [
        ("client", "no_status"),
        ("server", "server_disconnect"),
    ]
    eventually(lambda: value(heard, "websocket_disconnects_total", by="server", reason="server_disconnect"))
    assert value(heard, "websocket_reconnects_total", route=CHAT) == 1
    assert value(heard, "websocket_active_connections", route=CHAT) == 0


def test_a_server_that_starts_again(run: Run, page: Browser, heard: Heard) -> None:
    """Its end is told as its own; who comes back to the new process says which connection it had."""
    port = free_port()
    uvicorn = ("uvicorn", f"{APPS}.chatting:app", "--port", str(port))
    server = run(*uvicorn, listens_at=port)
    first = page.connect(f"{server.url}{CHAT}", auth=ANNA, remembers=True)
    assert server.stop() in (0, -15)
    ended = lines(heard, "socket disconnected")[0]
    assert (ended.attributes["by"], ended.attributes["reason"]) == ("server", "restart"), ended
    assert heard.spans(f"DISCONNECT {CHAT}")
    run(*uvicorn, listens_at=port)
    back = eventually(lambda: lines(heard, "socket connected", reconnected=True))[0]
    assert (back.attributes["previous_sid"], back.attributes["client_id"]) == (first, "browser-1")
    eventually(lambda: value(heard, "websocket_reconnects_total", route=CHAT))


def test_who_is_refused_what_fails_and_what_nobody_knows(chat: Process, page: Browser, heard: Heard) -> None:
    for name, user in (("banned", "banned"), ("broken", "broken")):
        page.do("connect", name, url=f"{chat.url}{CHAT}", auth={"user": user})
    page.do("connect", "lost", url=f"{chat.url}/nowhere-{'x' * 50}")
    refused = eventually(lambda: heard.lines("socket refused")[2:] and heard.lines("socket refused"))
    assert sorted((one.attributes["route"], one.level, one.attributes["reason"]) for one in refused) == [
        ("/chat", "error", "failed"),
        ("/chat", "warning", "refused"),
        ("_other", "warning", "unknown_namespace"),
    ]
    page.connect(f"{chat.url}/plain", "plain")
    page.connect(f"{chat.url}{CHAT}", auth=ANNA)
    page.do("emit", event="fail")
    page.do("emit", event="made-up-by-the-client")
    page.ask("ponder")
    failed = eventually(lambda: lines(heard, "event failed"))[0]
    assert (failed.level, failed.attributes["event"], failed.attributes["user_id"]) == ("error", "fail", "anna")
    assert failed.attributes["exception.message"] == "cannot say that"
    slow = eventually(lambda: lines(heard, "event handled"))[0]
    assert (slow.level, slow.attributes["event"], slow.attributes["slow"]) == ("warning", "ponder", True)
    assert eventually(lambda: heard.spans("EVENT fail"))[0].failed
    assert eventually(lambda: heard.spans("EVENT _other"))[0].attributes["socketio.status"] == "not_handled"
    counted = eventually(
        lambda: heard.points("websocket_messages_total", event="ponder") and heard.points("websocket_messages_total")
    )
    assert {one.labels["event"] for one in counted} == {"fail", "_other", "ponder"}
    outcomes = {
        (one.labels["route"], one.labels["outcome"]): one.value for one in heard.points("websocket_connections_total")
    }
    assert outcomes == {
        ("/chat", "accepted"): 1,
        ("/chat", "failed"): 1,
        ("/chat", "rejected"): 1,
        ("/plain", "accepted"): 1,
        ("_other", "rejected"): 1,
    }


def test_rooms_and_connections_are_counted_while_they_are_there(serve: Serve, page: Browser, heard: Heard) -> None:
    """And how far away the clients are, by each ping of Engine.IO."""
    chat = serve("chatting:app", CHAT_PING_SECONDS="0.1")
    for name in ("one", "two", "three"):
        page.connect(f"{chat.url}{CHAT}", name, auth={"user": name})
    page.ask("join")
    page.ask("join", name="two")
    page.ask("say", {"words": "to both"})
    eventually(lambda: value(heard, "websocket_messages_total", direction="sent", event="said") == 2)
    assert value(heard, "websocket_active_connections", route=CHAT) == 3
    assert value(heard, "websocket_rooms", route=CHAT) == 1
    eventually(lambda: value(heard, "websocket_ping_seconds") > 3)
