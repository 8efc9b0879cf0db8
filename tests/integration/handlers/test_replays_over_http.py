"""A failed run is told to the server, ordered to be run again by an engineer, and run by the app itself, once."""

import asyncio
import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

import midwatch
from midwatch.contract import handlers as contract
from midwatch.contract.handlers import State, run_id
from midwatch.sdk.handlers import channel
from midwatch.sdk.handlers.ledger import Asked, Ledger
from midwatch.sdk.handlers.registry import REGISTRY
from midwatch.sdk.handlers.server import Answer, Server
from midwatch.sdk.setup import in_force
from tests.conftest import KEY, TOKEN
from tests.conftest import Server as Midwatch
from tests.eventually import eventually

SENT: list[Any] = []
BROKEN: set[Any] = set()
REASON = "the gateway is back"


@midwatch.replayable("sms.outbound", key=lambda message, **_: message["id"])
def outbound(message: dict[str, Any], *, priority: int = 0) -> None:
    if message["id"] in BROKEN:
        raise TimeoutError("the gateway does not answer")
    SENT.append((message["id"], message["words"], priority))


@midwatch.replayable("linkup.broadcast", key=lambda linkup: linkup, left_out={"session": lambda: "a new session"})
async def broadcast(linkup: str, session: str = "") -> None:
    if linkup in BROKEN:
        raise RuntimeError("stuck")
    SENT.append((linkup, session))


@pytest.fixture(autouse=True)
def _nothing_sent() -> None:
    SENT.clear()
    BROKEN.clear()


@pytest.fixture
def api(app: Midwatch) -> Iterator[httpx.Client]:
    with app.api() as api:
        yield api


def failed(key: str, call: Callable[[], Any]) -> None:
    BROKEN.add(key)
    with pytest.raises((TimeoutError, RuntimeError)):
        call()
    BROKEN.discard(key)


def runs(api: httpx.Client, service: str, count: int = 1, **params: Any) -> list[dict[str, Any]]:
    def found() -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = api.get("/api/v1/handler-runs", params={"service": service, **params}).json()[
            "runs"
        ]
        return listed if len(listed) >= count else []

    return eventually(found)


def replay(api: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = api.post("/api/v1/handler-replays", json={"reason": REASON, **body})
    assert answer.status_code == 202, answer.text
    made: dict[str, Any] = answer.json()
    return made


def ended(api: httpx.Client, batch: str, count: int = 1) -> list[dict[str, Any]]:
    def found() -> list[dict[str, Any]]:
        orders = api.get(f"/api/v1/handler-replays/{batch}").json()["orders"]
        over = [one for one in orders if one["finished"]]
        return over if len(over) >= count else []

    return eventually(found, seconds=40)


def test_a_failed_run_is_run_again_in_the_app_with_all_of_its_arguments(
    api: httpx.Client, service: str, ledger: Ledger
) -> None:
    """Over every store; afterwards it is done, for the server too, and is not run again however often it is asked."""
    key = uuid.uuid4().hex
    message = {"id": key, "words": ["hi", {"n": 1.5}]}
    with midwatch.work(f"story-{key}"):
        failed(key, lambda: outbound(message, priority=2))
    (run,) = runs(api, service)
    assert (run["handler"], run["key"], run["state"], run["attempt"]) == ("sms.outbound", key, "failed", 1)
    assert (run["error_type"], run["correlation_id"]) == ("TimeoutError", f"story-{key}")
    assert (run["environment"], run["refusal"], run["is_sealed"]) == ("test", "", False)
    payload = api.get(f"/api/v1/handler-runs/{run['id']}/payload").json()
    assert payload["arguments"] == {"message": message, "priority": 2}

    rehearsed = replay(api, ids=[run["id"]], dry_run=True)
    (order,) = ended(api, rehearsed["batch_id"])
    assert (order["outcome"], order["dry_run"], SENT) == ("would_run", True, [])
    made = replay(api, ids=[run["id"]])
    assert (made["ordered"], made["left_out"]) == (1, 0)
    (order,) = ended(api, made["batch_id"])
    assert (order["outcome"], order["reason"], order["detail"]) == ("done", REASON, "")
    assert [(key, ["hi", {"n": 1.5}], 2)] == SENT
    eventually(lambda: api.get(f"/api/v1/handler-runs/{run['id']}").json()["run"]["state"] == "done")
    again = api.post("/api/v1/handler-replays", json={"ids": [run["id"]], "reason": REASON})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    outbound(message)
    assert len(SENT) == 1
    assert midwatch.flush()
    eventually(lambda: _events(api, key) >= {"handler.failed", "handler.replayed"})


def _events(api: httpx.Client, key: str) -> set[str]:
    rows = api.get("/api/v1/logs", params={"query": f"correlation_id:story-{key}"}).json()["rows"]
    return {row["body"] for row in rows}


def test_a_failed_run_is_found_by_the_issue_of_its_error(api: httpx.Client, service: str, one_ledger: Ledger) -> None:
    failed(key := uuid.uuid4().hex, lambda: outbound({"id": key, "words": ""}))
    assert midwatch.flush()
    (run,) = runs(api, service)

    def issue_id() -> int | None:
        return api.get(f"/api/v1/handler-runs/{run['id']}").json()["run"]["issue_id"]  # type: ignore[no-any-return]

    issue = eventually(issue_id, seconds=60)
    title = api.get(f"/api/v1/issues/{issue}").json()["issue"]["title"]
    assert "the gateway does not answer" in title
    (found,) = runs(api, service, issue=issue)
    assert found["id"] == run["id"]


def test_many_are_replayed_by_a_rate_and_the_rest_can_be_called_off(
    api: httpx.Client, service: str, one_ledger: Ledger
) -> None:
    """A coroutine function too, with what is not kept made anew."""
    keys = [f"linkup-{number}" for number in range(3)]
    for key in keys:
        failed(key, lambda key=key: asyncio.run(broadcast(key)))  # type: ignore[misc]
    found = runs(api, service, 3)
    began = time.monotonic()
    made = replay(api, service=service, handler="linkup.broadcast", rate_per_minute=120)
    orders = ended(api, made["batch_id"], 3)
    assert {one["outcome"] for one in orders} == {"done"}
    assert time.monotonic() - began >= 0.9, "two a second: the third is not before one second has gone"
    assert sorted(SENT) == [(key, "a new session") for key in keys]
    assert {one["handler"] for one in found} == {"linkup.broadcast"}
    for key in ("later-1", "later-2", "later-3"):
        failed(key, lambda key=key: outbound({"id": key, "words": ""}))  # type: ignore[misc]
    runs(api, service, 3, handler="sms.outbound")
    made = replay(api, service=service, handler="sms.outbound", rate_per_minute=1)
    ended(api, made["batch_id"], 1)
    assert api.delete(f"/api/v1/handler-replays/{made['batch_id']}").json() == {"cancelled": 2}
    counts = api.get(f"/api/v1/handler-replays/{made['batch_id']}").json()["counts"]
    assert {(one["state"], one["outcome"]): one["orders"] for one in counts} == {
        ("finished", "done"): 1,
        ("cancelled", ""): 2,
    }


def test_a_run_that_was_cut_off_is_not_run_again_until_a_person_confirms(
    api: httpx.Client, service: str, ledger: Ledger
) -> None:
    """Nobody knows whether it had finished: the list says so."""
    key = uuid.uuid4().hex
    handler = REGISTRY.handlers["sms.outbound"]
    number = run_id("sms.outbound", key)
    arguments = {"message": {"id": key, "words": "x"}}
    about = {"service": service, "environment": "test"}
    ledger.claim(
        Asked(number, "sms.outbound", key, handler.arguments.kept(arguments, REGISTRY.keys, number), about, -1)
    )
    (run,) = runs(api, service)
    assert run["state"] == "unknown"
    (order,) = ended(api, replay(api, ids=[run["id"]])["batch_id"])
    assert (order["outcome"], SENT) == ("unknown", [])
    (order,) = ended(api, replay(api, ids=[run["id"]], confirm_unknown=True)["batch_id"])
    assert (order["outcome"], SENT) == ("done", [(key, "x", 0)])


def test_what_cannot_be_run_is_said_and_why(
    api: httpx.Client, service: str, one_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown handler, arguments that fit no longer, a run that the app does not know, and one that fails again."""
    ids: dict[str, str] = {}
    for handler, arguments in (
        ("sms.outbound", {"message": {"id": "fits"}, "colour": "red"}),
        ("sms.gone", {"message": {"id": "a"}}),
        ("linkup.broadcast", {"linkup": "broken"}),
    ):
        number = run_id(handler, f"{service}-{handler}")
        kept = b'{"form":"plain","arguments":%s,"removed":[]}' % str(arguments).replace("'", '"').encode()
        claimed = one_ledger.claim(Asked(number, handler, "k", kept, {"service": service, "environment": "test"}, 60))
        one_ledger.settle(number, claimed.run.fence, State.FAILED, {"error_type": "Boom"})
        ids[handler] = number
    found = {run["handler"]: run["id"] for run in runs(api, service, 3)}
    monkeypatch.setitem(REGISTRY.handlers, "sms.gone", REGISTRY.handlers["sms.outbound"])
    # The app says that it has the handler, and has lost it when the order comes.
    monkeypatch.setattr(REGISTRY, "handlers", _Forgetful(REGISTRY.handlers, "sms.gone"))
    outcomes = {}
    for handler, run in found.items():
        (order,) = ended(api, replay(api, ids=[run])["batch_id"])
        outcomes[handler] = order["outcome"], order["detail"]
    assert outcomes["sms.outbound"] == ("does_not_fit", "the handler takes no colour any more")
    assert outcomes["sms.gone"][0] == "unknown_handler"
    assert outcomes["linkup.broadcast"] == ("does_not_fit", "its key= gives another key for these arguments now")
    one_ledger.store.forget(1e12)
    (order,) = ended(api, replay(api, ids=[found["sms.outbound"]])["batch_id"])
    assert order["outcome"] == "gone"
    failed("again", lambda: outbound({"id": "again", "words": ""}))
    BROKEN.add("again")
    (run,) = (one for one in runs(api, service, 4) if one["key"] == "again")
    (order,) = ended(api, replay(api, ids=[run["id"]])["batch_id"])
    assert (order["outcome"], "TimeoutError" in order["detail"]) == ("failed", True)
    eventually(lambda: api.get(f"/api/v1/handler-runs/{run['id']}").json()["run"]["attempt"] == 2)
    assert SENT == []


class _Forgetful(dict[str, Any]):
    def __init__(self, known: dict[str, Any], name: str) -> None:
        super().__init__(known)
        self._name = name

    def get(self, name: str, default: Any = None) -> Any:
        return default if name == self._name else super().get(name, default)


def test_an_order_that_the_server_has_not_signed_for_this_question_is_none(
    service: str, one_ledger: Ledger, app: Midwatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forged, of another key, for another question, for another app, or too old: nothing is run."""
    failed("forged", lambda: outbound({"id": "forged", "words": ""}))
    here = Server.of(in_force())
    assert here is not None
    order = {
        "id": "0" * 32,
        "run_id": run_id("sms.outbound", "forged"),
        "handler": "sms.outbound",
        "service": service,
        "environment": "test",
        "dry_run": False,
        "confirm_unknown": False,
        "asked_by": "nobody",
        "reason": "none",
        "expires_ms": int(time.time() * 1000) + 60_000,
    }

    def answered(change: dict[str, Any], *, key: str = KEY, nonce: str = "", signature: str = "") -> bool:
        def ask(_: Server, __: str, body: dict[str, Any], **___: Any) -> Answer:
            sent = {**order, **change}
            secret = contract.order_secret(contract.key_digest(key))
            signed = signature or contract.signature(sent, nonce or body.get("nonce", ""), secret)
            return Answer(200, {"order": sent, "signature": signed})

        monkeypatch.setattr(Server, "ask", ask)
        return channel.take_one(here, wait_seconds=0)

    assert not answered({}, signature="é" * 64)
    assert not answered({}, key="mwk_another")
    assert not answered({}, nonce=secrets.token_hex(16))
    assert not answered({"service": "another"})
    assert not answered({"expires_ms": 1})
    assert SENT == []
    assert answered({})
    assert SENT == [("forged", "", 0)]


def test_a_key_that_was_revoked_tells_and_asks_no_more(server: Midwatch, service: str, one_ledger: Ledger) -> None:
    """Nor does one for browsers, or none. What is not told waits in the team's store, and another key tells it."""
    with server.api() as api:
        made = api.post("/api/v1/keys", json={"name": f"{service}-key"}).json()
        browser = api.post("/api/v1/keys", json={"name": "page", "origins": ["*"]}).json()["key"]
    question: dict[str, Any] = {"service": service, "environment": "", "instance": "a:1", "handlers": ["sms.outbound"]}
    question |= {"nonce": "0" * 32, "wait_seconds": 0}
    with httpx.Client(base_url=server.otlp_http_url) as door:

        def ask(key: str) -> int:
            return door.post(
                contract.ORDERS_PATH, json=question, headers={"authorization": f"Bearer {key}"}
            ).status_code

        assert (ask(made["key"]), ask(browser), ask("mwk_unknown"), ask(TOKEN)) == (200, 403, 401, 401)
        with server.api() as api:
            assert api.delete(f"/api/v1/keys/{made['id']}").status_code == 204
        assert ask(made["key"]) == 401
    base = server.otlp_http_url.removeprefix("http://")
    midwatch.init(service=service, environment="test", dsn=f"http://{made['key']}@{base}")
    failed("revoked", lambda: outbound({"id": "revoked", "words": ""}))
    here = Server.of(in_force())
    assert here is not None
    assert not channel.take_one(here, wait_seconds=0)
    assert [run.key for run in one_ledger.to_look_at(10)] == ["revoked"]
    midwatch.init(service=service, environment="test", dsn=f"http://{KEY}@{base}")
    with server.api() as api:
        assert runs(api, service)[0]["key"] == "revoked"
    midwatch.shutdown()


def test_a_replay_under_a_key_that_is_revoked_runs_nothing(server: Midwatch, service: str, one_ledger: Ledger) -> None:
    """Not by a question that was open when the key was revoked, either: the order waits. With another key it runs."""
    base = server.otlp_http_url.removeprefix("http://")
    with server.api() as api:
        made = api.post("/api/v1/keys", json={"name": f"{service}-key"}).json()
        midwatch.init(service=service, environment="test", dsn=f"http://{made['key']}@{base}")
        failed(service, lambda: outbound({"id": service, "words": ""}))
        (run,) = runs(api, service)
        here = Server.of(in_force())
        assert here is not None
        assert api.delete(f"/api/v1/keys/{made['id']}").status_code == 204
        eventually(lambda: here.ask(contract.RUNS_PATH, {"runs": []}).status == 401)
        batch = replay(api, ids=[run["id"]])["batch_id"]
        assert not channel.take_one(here, wait_seconds=1)
        (order,) = api.get(f"/api/v1/handler-replays/{batch}").json()["orders"]
        assert (order["state"], order["given_to"], SENT) == ("waiting", "", [])
        settled = {"order_id": order["id"], "service": service, "environment": "test", "outcome": "done"}
        assert here.ask(contract.OUTCOMES_PATH, {**settled, "detail": "", "seconds": 0}).status == 401
        midwatch.init(service=service, environment="test", dsn=f"http://{KEY}@{base}")
        (order,) = ended(api, batch)
        assert (order["outcome"], SENT) == ("done", [(service, "", 0)])
    midwatch.shutdown()


def test_bad_words_of_apps_are_refused_one_by_one(server: Midwatch, service: str) -> None:
    good: dict[str, Any] = {
        "id": "a" * 32,
        "handler": "h",
        "key": "k",
        "state": "failed",
        "revision": 2,
        "attempt": 1,
        "service": service,
        "environment": "test",
        "started_ms": 1,
        "ended_ms": int(time.time() * 1000),
        "order_id": "",
        "payload": {"form": "none"},
        "refusal": "its argument a is no JSON",
        **dict.fromkeys(("error_type", "error_text", "event_id", "trace_id", "span_id", "correlation_id"), ""),
    }
    bad = [
        {**good, "id": "b" * 32, "state": "running"},
        {**good, "id": "c" * 32, "handler": "a\x00b"},
        {**good, "id": "d" * 32, "surprise": 1},
        {**good, "id": "e" * 32, "payload": {"form": "plain", "arguments": "a" * 140_000}},
    ]
    with server.door(content_type="application/json") as door, server.api() as api:
        assert door.post(contract.RUNS_PATH, content=b"{").status_code == 400
        assert door.post(contract.RUNS_PATH, json={"runs": [good] * 51}).status_code == 400
        answer = door.post(contract.RUNS_PATH, json={"runs": [good, *bad]}).json()
        assert sorted(answer["refused"]) == [one["id"] for one in bad]
        older = {**good, "revision": 1, "error_type": "Older"}
        assert door.post(contract.RUNS_PATH, json={"runs": [older]}).json() == {"refused": {}, "wait": []}
        (run,) = runs(api, service)
        assert (run["error_type"], run["refusal"]) == ("", "its argument a is no JSON")
        raw = {"form": "plain", "arguments": {"card": {"password": "hunter2", "n": [1]}}}
        door.post(contract.RUNS_PATH, json={"runs": [{**good, "revision": 3, "payload": raw}]})
        payload = api.get(f"/api/v1/handler-runs/{run['id']}/payload").json()
        assert payload["arguments"] == {"card": {"password": "[removed]", "n": [1]}}, "the plan of the server, too"
        refused = api.post("/api/v1/handler-replays", json={"ids": [run["id"]], "reason": REASON})
        assert refused.status_code == 409
        told = {
            "order_id": "nobody",
            "service": service,
            "environment": "",
            "outcome": "done",
            "detail": "",
            "seconds": 0,
        }
        assert door.post(contract.OUTCOMES_PATH, json=told).status_code == 404
        for body in ({"ids": [run["id"]], "reason": "  "}, {"reason": REASON}, {"ids": [run["id"]]}):
            assert api.post("/api/v1/handler-replays", json=body).status_code in (400, 422)


def test_who_may_replay_and_what_is_noted(server: Midwatch, service: str, app: Midwatch, one_ledger: Ledger) -> None:
    """A viewer and an editor see that it failed; an engineer sees arguments and replays; both are in the audit log."""
    failed("who", lambda: outbound({"id": "who", "words": "secret words"}))
    with server.api() as admin:
        (run,) = runs(admin, service)
        assert "secret words" not in admin.get(f"/api/v1/handler-runs/{run['id']}").text
        tokens = {}
        for role in ("viewer", "editor", "engineer"):
            body = {"name": f"{service}-{role}", "role": role, "scopes": ["read", "write"]}
            made = admin.post("/api/v1/tokens", json=body)
            assert made.status_code == 201, made.text
            tokens[role] = made.json()["token"]
        for role, expected in (("viewer", 403), ("editor", 403), ("engineer", 200)):
            with server.api(tokens[role]) as api:
                assert api.get(f"/api/v1/handler-runs/{run['id']}").status_code == 200
                assert api.get(f"/api/v1/handler-runs/{run['id']}/payload").status_code == expected
                asked = {"ids": [run["id"]], "reason": f"asked by {service}", "rate_per_minute": 6000}
                answer = api.post("/api/v1/handler-replays", json=asked)
                assert answer.status_code == (202 if expected == 200 else 403)
        ended(admin, answer.json()["batch_id"])
        entries = admin.get("/api/v1/audit", params={"limit": 100}).json()["entries"]
        noted = [one for one in entries if one["actor"] == f"{service}-engineer"]
        assert [one["action"] for one in noted] == ["handler.replay", "handler.payload"]
        assert (noted[0]["details"]["reason"], noted[0]["details"]["run"]) == (f"asked by {service}", run["id"])
