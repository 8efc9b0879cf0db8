"""A handler that hangs in a process that lives is listed as stuck, with its arguments, until it has ended after all."""

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest

import midwatch
from midwatch.contract.handlers import State, run_id
from midwatch.sdk.handlers.ledger import Ledger
from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.handlers.test_handlers_command import run as command
from tests.integration.handlers.test_replays_over_http import ended, replay, runs

pytestmark = pytest.mark.thorough

BEGAN: list[str] = []
GO_ON = threading.Event()
BREAK = threading.Event()


@midwatch.replayable("call.back", key=lambda call: call["id"], stuck_after_seconds=0.3)
def call_back(call: dict[str, Any]) -> str:
    BEGAN.append(call["id"])
    assert GO_ON.wait(60)
    if BREAK.is_set():
        raise ConnectionError("the line is dead")
    return "called"


@pytest.fixture
def api(app: Server) -> Iterator[httpx.Client]:
    with app.api() as api:
        yield api


@pytest.fixture
def hanging() -> Iterator[tuple[str, "Future[str]"]]:
    """A call that hangs in a thread of this process, by its key."""
    BEGAN.clear()
    GO_ON.clear()
    BREAK.clear()
    key = uuid.uuid4().hex

    def call() -> str:
        with midwatch.work(f"story-{key}"):
            return call_back({"id": key, "number": "+49"})

    with ThreadPoolExecutor(1) as pool:
        yield key, pool.submit(call)
        GO_ON.set()


def test_a_run_that_hangs_is_stuck_is_not_run_twice_and_is_done_when_it_finishes(
    api: httpx.Client, app: Server, service: str, ledger: Ledger, hanging: tuple[str, "Future[str]"]
) -> None:
    """With its arguments on the list, and its line on the story; a replay is refused with who has it and what to do."""
    key, call = hanging
    (run,) = runs(api, service)
    assert (run["state"], run["key"], run["attempt"]) == ("stuck", key, 1)
    assert (run["error_type"], run["correlation_id"]) == ("Stuck", f"story-{key}")
    assert run["error_text"].startswith("it runs for over 300ms in process ")
    payload = api.get(f"/api/v1/handler-runs/{run['id']}/payload").json()
    assert payload["arguments"] == {"call": {"id": key, "number": "+49"}}
    summaries = api.get("/api/v1/handlers").json()["handlers"]
    (summary,) = (one for one in summaries if (one["service"], one["handler"]) == (service, "call.back"))
    assert (summary["stuck"], summary["failed"], summary["unknown"]) == (1, 0, 0)
    listed = command(app, "list", "--service", service, "--state", "stuck")
    assert (key in listed.stdout, "stuck" in listed.stdout) == (True, True), listed.stderr

    (order,) = ended(api, replay(api, ids=[run["id"]], confirm_unknown=True)["batch_id"])
    assert (order["outcome"], "end that process first" in order["detail"]) == ("is_running", True)
    with pytest.raises(midwatch.RunHeld, match="is running"):
        call_back({"id": key, "number": "+49"})

    GO_ON.set()
    assert call.result(30) == "called"
    eventually(lambda: api.get(f"/api/v1/handler-runs/{run['id']}").json()["run"]["state"] == "done")
    assert api.get("/api/v1/handler-runs", params={"service": service}).json()["runs"] == []
    assert call_back({"id": key, "number": "+49"}) == "called"
    assert [key] == BEGAN
    assert midwatch.flush()

    def told() -> bool:
        rows = api.get("/api/v1/logs", params={"query": f"correlation_id:story-{key}"}).json()["rows"]
        return [row["body"] for row in rows].count("handler.stuck") == 1

    eventually(told)


def test_a_stuck_run_that_fails_at_last_is_a_failed_one(
    api: httpx.Client, service: str, one_ledger: Ledger, hanging: tuple[str, "Future[str]"]
) -> None:
    """Which can be replayed."""
    key, call = hanging
    (run,) = runs(api, service, state="stuck")
    BREAK.set()
    GO_ON.set()
    with pytest.raises(ConnectionError):
        call.result(30)
    (failed,) = runs(api, service, state="failed")
    assert (failed["id"], failed["error_type"]) == (run["id"], "ConnectionError")
    BREAK.clear()
    (order,) = ended(api, replay(api, ids=[run["id"]])["batch_id"])
    assert (order["outcome"], BEGAN) == ("done", [key, key])


def test_a_stuck_run_whose_process_is_lost_is_cut_off(ledger: Ledger, hanging: tuple[str, "Future[str]"]) -> None:
    """It is told once that it is stuck, however often its process says that it lives; then that it was cut off."""
    key, _ = hanging
    number = run_id("call.back", key)

    def found() -> Any:
        run = ledger.get(number)
        return run if run is not None and run.state is State.STUCK else None

    run = eventually(found)
    ledger.told(run)
    assert ledger.renew(number, run.fence, 60, {"error_text": "again"})
    assert number not in {one.id for one in ledger.to_look_at(50)}, "that it lives is no news"
    assert not ledger.queue(number, "order")
    assert ledger.renew(number, run.fence, -1, {})
    (lost,) = (one for one in ledger.to_look_at(50) if one.id == number)
    assert ledger.give_up(lost)
    cut_off = ledger.get(number)
    assert cut_off is not None
    assert (cut_off.state, cut_off.about["error_type"]) == (State.UNKNOWN, "Stuck")
    assert number in {one.id for one in ledger.to_look_at(50)}


@pytest.mark.parametrize("name", ["stuck_after_seconds", "lost_after_seconds"])
def test_a_time_that_is_none_is_said_at_once(name: str) -> None:
    with pytest.raises(midwatch.ConfigurationError, match=f"{name}=0: expected a number of seconds over 0"):
        midwatch.replayable("call.none", key=str, **{name: 0})  # type: ignore[arg-type]
