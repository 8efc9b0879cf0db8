"""A handler that has finished for a key is not run again, wherever its runs are kept: Redis, PostgreSQL, SQLite."""

import asyncio
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

import midwatch
from midwatch.contract.handlers import State, run_id
from midwatch.contract.sealed import CannotOpen, SealKeys
from midwatch.sdk.handlers.ledger import Asked, Ledger
from midwatch.sdk.handlers.model import StoredRun
from midwatch.sdk.handlers.payload import shown
from midwatch.sdk.handlers.registry import REGISTRY
from tests.eventually import becomes_true

DONE: list[Any] = []
SEAL = "r1:" + "A" * 43 + "="
OTHER_SEAL = "r2:" + "B" * 43 + "="


@dataclass
class Parcel:
    number: int
    to: str


@midwatch.replayable("parcels.ship", key=lambda parcel, **_: parcel.number)
def ship(parcel: Parcel, *, express: bool = False) -> dict[str, Any]:
    if parcel.to == "nowhere":
        raise ValueError("no such place")
    DONE.append((parcel.number, express))
    return {"label": f"L-{parcel.number}"}


@midwatch.replayable("parcels.weigh", key=lambda number: number)
async def weigh(number: str) -> int:
    DONE.append(number)
    return len(DONE)


@pytest.fixture(autouse=True)
def _nothing_done() -> None:
    DONE.clear()


def kept(ledger: Ledger, name: str, key: Any) -> Any:
    found = ledger.get(run_id(name, str(key)))
    assert found is not None
    return found


def test_what_is_done_is_done_once(ledger: Ledger) -> None:
    """Asked again it returns what it returned; what failed may run again; another key is another run."""
    assert ship(Parcel(1, "here")) == {"label": "L-1"}
    assert ship(Parcel(1, "here"), express=True) == {"label": "L-1"}
    with pytest.raises(ValueError, match="no such place"):
        ship(Parcel(2, "nowhere"))
    run = kept(ledger, "parcels.ship", 2)
    assert (run.state, run.attempt, run.about["error_type"]) == (State.FAILED, 1, "ValueError")
    assert REGISTRY.handlers["parcels.ship"].arguments.opened(run.payload, REGISTRY.keys, run.id) == {
        "parcel": Parcel(2, "nowhere")
    }
    assert ship(Parcel(2, "here")) == {"label": "L-2"}
    assert DONE == [(1, False), (2, False)]
    assert (kept(ledger, "parcels.ship", 2).state, kept(ledger, "parcels.ship", 2).attempt) == (State.DONE, 2)


async def test_coroutine_functions_too(ledger: Ledger) -> None:
    assert [await weigh("a"), await weigh("a"), await weigh("b")] == [1, 1, 2]
    assert kept(ledger, "parcels.weigh", "a").state is State.DONE


async def test_a_call_that_is_given_up_while_it_claims_its_run_leaves_it_to_others(
    one_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is failed, and not running for ever."""
    claiming, go_on, look = threading.Event(), threading.Event(), one_ledger.store.look

    def look_slowly(number: str) -> tuple[float, StoredRun | None]:
        claiming.set()
        go_on.wait(20)
        return look(number)

    monkeypatch.setattr(one_ledger.store, "look", look_slowly)
    call = asyncio.ensure_future(weigh("given up"))
    await becomes_true(claiming.is_set)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    monkeypatch.undo()
    go_on.set()

    def state() -> bool:
        found = one_ledger.get(run_id("parcels.weigh", "given up"))
        return found is not None and found.state is State.FAILED

    await becomes_true(state)
    assert DONE == []
    assert await weigh("given up") == 1


def test_a_task_that_its_queue_tries_again_is_of_the_same_order(one_ledger: Ledger) -> None:
    asked = Asked("q" * 32, "parcels.ship", "1", b"{}", {}, 60)
    first = one_ledger.claim(asked).run
    one_ledger.settle(first.id, first.fence, State.FAILED, {})
    assert one_ledger.queue(first.id, "order-1")
    second = one_ledger.claim(asked).run
    one_ledger.settle(first.id, second.fence, State.RETRYING, {})
    third = one_ledger.claim(asked).run
    one_ledger.settle(first.id, third.fence, State.FAILED, {})
    fourth = one_ledger.claim(asked).run
    assert [one.order_id for one in (first, second, third, fourth)] == ["", "order-1", "order-1", ""]


def test_of_many_who_want_to_run_it_at_once_one_does(ledger: Ledger) -> None:
    def asked(_: int) -> bool:
        return ledger.claim(Asked("r" * 32, "parcels.ship", "1", b"{}", {}, 60)).granted

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(asked, range(24))) == 1


def test_a_run_that_goes_on_is_held_and_one_that_was_cut_off_is_unknown(ledger: Ledger) -> None:
    """Nobody runs it again by themselves; with a person's word it is run, and what the first says is not heard."""
    begun, go_on = threading.Event(), threading.Event()

    @midwatch.replayable(f"wait-{uuid.uuid4()}", key=lambda: "k", lost_after_seconds=0.6)
    def wait() -> None:
        begun.set()
        go_on.wait(20)

    name = next(reversed(REGISTRY.handlers))
    running = threading.Thread(target=wait)
    running.start()
    assert begun.wait(20)
    first = kept(ledger, name, "k")
    with pytest.raises(midwatch.RunHeld, match="is running"):
        wait()
    go_on.set()
    running.join()
    assert kept(ledger, name, "k").state is State.DONE

    asked = Asked(run_id(name, "dead"), name, "dead", first.payload, {}, lease_seconds=-1)
    dead = ledger.claim(asked).run
    assert kept(ledger, name, "dead").state is State.UNKNOWN
    assert not ledger.claim(asked).granted
    confirmed = Asked(**{**{one: getattr(asked, one) for one in asked.__slots__}, "unknown_too": True})
    again = ledger.claim(confirmed)
    assert (again.granted, again.run.fence) == (True, dead.fence + 1)
    assert not ledger.settle(dead.id, dead.fence, State.DONE, {})
    assert not ledger.renew(dead.id, dead.fence, 60)
    assert ledger.settle(dead.id, again.run.fence, State.DONE, {})


def test_a_lease_is_renewed_while_its_process_lives(one_ledger: Ledger) -> None:
    """A run that takes longer than its lease is no stuck one."""
    name = f"long-{uuid.uuid4()}"

    @midwatch.replayable(name, key=lambda: "k", lost_after_seconds=2)
    def long() -> str:
        began = one_ledger.store.now()
        lease = kept(one_ledger, name, "k").lease_until
        while one_ledger.store.now() < began + 10 and kept(one_ledger, name, "k").lease_until == lease:
            threading.Event().wait(0.05)
        return "renewed" if kept(one_ledger, name, "k").lease_until > lease else "expired"

    assert long() == "renewed"


def test_what_the_server_must_know_is_found_until_it_knows(ledger: Ledger) -> None:
    """A failure, a run that was cut off, and that what failed is done; what went well at once is never told."""
    assert ship(Parcel(5, "here"))
    assert ledger.to_look_at(10) == []
    with pytest.raises(ValueError, match="no such place"):
        ship(Parcel(6, "nowhere"))
    (failed,) = ledger.to_look_at(10)
    ledger.told(failed)
    assert ledger.to_look_at(10) == []
    assert ship(Parcel(6, "here"))
    (done,) = ledger.to_look_at(10)
    assert (done.id, done.state) == (failed.id, State.DONE)
    ledger.told(failed)
    assert ledger.to_look_at(10) == [done], "what changed meanwhile is not known"
    with pytest.raises(ValueError, match="no such place"):
        ship(Parcel(7, "nowhere"))
    (offered,) = (one for one in ledger.to_look_at(10) if one.key == "7")
    assert ship(Parcel(7, "here"))
    ledger.told(offered)
    assert [one.state for one in ledger.to_look_at(10) if one.key == "7"] == [State.DONE], "it was offered, so known"
    for one in ledger.to_look_at(10):
        ledger.told(one)
    ledger.claim(Asked("c" * 32, "parcels.ship", "8", b"{}", {}, lease_seconds=-1))
    (cut_off,) = ledger.to_look_at(10)
    assert ledger.give_up(cut_off)
    (unknown,) = ledger.to_look_at(10)
    assert unknown.state is State.UNKNOWN


PRIVATE = {"to": "anna@example.com", "text": "hello"}


@midwatch.replayable("mail.send", key=lambda message: "m")
def send(message: dict[str, str]) -> None:
    raise ValueError("the server said no")


@midwatch.replayable("mail.send_private", key=lambda message: "m", private=("message",))
def send_private(message: dict[str, str]) -> None:
    raise ValueError("the server said no")


@midwatch.replayable("mail.odd", key=lambda odd: "odd")
def odd(odd: Any) -> None:
    raise ValueError("odd")


def test_private_values_are_sealed_or_kept_by_name_or_not_kept(one_ledger: Ledger) -> None:
    """The server is told of none of them; without them there is no replay."""
    for call in (send, send_private):
        with pytest.raises(ValueError, match="said no"):
            call(PRIVATE)
    removed, named = kept(one_ledger, "mail.send", "m"), kept(one_ledger, "mail.send_private", "m")
    assert b"anna" not in removed.payload
    assert "private values were removed from message" in shown(removed.payload).refusal
    assert b"anna@example.com" in named.payload
    assert shown(named.payload).payload["arguments"] == {"message": {"to": "[email]", "text": "[removed]"}}
    assert shown(named.payload).refusal == ""

    REGISTRY.keys = SealKeys(f"{SEAL},{OTHER_SEAL}")
    with pytest.raises(ValueError, match="said no"):
        send(PRIVATE)
    sealed = kept(one_ledger, "mail.send", "m")
    assert b"anna" not in sealed.payload
    assert b"hello" not in sealed.payload
    assert shown(sealed.payload).payload["form"] == "sealed"
    arguments = REGISTRY.handlers["mail.send"].arguments
    assert arguments.opened(sealed.payload, SealKeys(f"{OTHER_SEAL},{SEAL}"), sealed.id) == {"message": PRIVATE}
    with pytest.raises(CannotOpen, match="not among those"):
        arguments.opened(sealed.payload, SealKeys(OTHER_SEAL), sealed.id)
    with pytest.raises(CannotOpen, match="was changed"):
        arguments.opened(sealed.payload, REGISTRY.keys, "of another run")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object(), "is no JSON"),
        ((1, 2), "another after JSON"),
        ({1: "a"}, "another after JSON"),
        (float("nan"), "is no JSON"),
        ("a" * 70_000, "bytes of JSON"),
    ],
)
def test_what_cannot_be_kept_is_run_all_the_same_and_said_why(one_ledger: Ledger, value: Any, said: str) -> None:
    with pytest.raises(ValueError, match="odd"):
        odd(value)
    assert said in shown(kept(one_ledger, "mail.odd", "odd").payload).refusal


@pytest.mark.parametrize("text", ["", "r1", "r1:short", ":" + "A" * 43 + "=", "r1:" + "!" * 44])
def test_a_seal_key_that_is_none_is_said_at_once(text: str) -> None:
    if text:
        with pytest.raises(ValueError, match="expected ID:BASE64") as found:
            SealKeys(text)
        assert "short" not in str(found.value)
    else:
        assert not SealKeys(text)


def test_mistakes_are_said_where_they_are_made() -> None:
    with pytest.raises(midwatch.ConfigurationError, match="expected one of redis"):
        midwatch.replay_store()
    with pytest.raises(midwatch.ConfigurationError, match="has this name"):
        midwatch.replayable("mail.odd", key=str)(lambda: None)
    with pytest.raises(midwatch.ConfigurationError, match="no such parameter"):
        midwatch.replayable("mail.other", key=str, private=("nobody",))(lambda: None)
    with pytest.raises(midwatch.ConfigurationError, match="say what makes it"):
        midwatch.replayable("mail.other", key=str, left_out=("session",))(lambda session: None)


def test_without_a_store_a_handler_is_what_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    before, REGISTRY.ledger = REGISTRY.ledger, None
    try:
        assert ship(Parcel(9, "here")) == {"label": "L-9"}
        assert ship(Parcel(9, "here")) == {"label": "L-9"}
    finally:
        REGISTRY.ledger = before
    assert len(DONE) == 2
