"""Orders to replay a run, carried out: what speaks against it is found first, and the store has the last word.

An order names a run and nothing that is to be run: arguments come from the team's own store.
"""

import asyncio
import inspect
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from midwatch.contract.handlers import Outcome, State, run_id
from midwatch.sdk import context
from midwatch.sdk.events import fields_of, tell
from midwatch.sdk.guard import Guard
from midwatch.sdk.handlers.handler import Handler, Order, RunHeld
from midwatch.sdk.handlers.ledger import Ledger
from midwatch.sdk.handlers.model import StoredRun
from midwatch.sdk.handlers.payload import CannotOpen, DoesNotFit, NotKept
from midwatch.sdk.handlers.registry import REGISTRY
from midwatch.sdk.jobs import Job
from midwatch.sdk.problems import PROBLEMS, described

REPLAYED = "handler.replayed"
guard = Guard("handler_orders", PROBLEMS)
_OF_STATE = {
    State.DONE: Outcome.DONE,
    State.FAILED: Outcome.FAILED,
    State.RETRYING: Outcome.QUEUED,
    State.RUNNING: Outcome.WORKING,
    State.STUCK: Outcome.WORKING,
    State.UNKNOWN: Outcome.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Report:
    outcome: Outcome
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """An order as the server has signed it."""

    id: str
    run_id: str
    handler: str
    dry_run: bool
    confirm_unknown: bool
    asked_by: str
    reason: str

    @classmethod
    def of(cls, order: Mapping[str, Any]) -> "Told":
        return cls(**{name: order[name] for name in cls.__slots__})


def carry_out(told: Told) -> Report:
    """Raises what the store says: the order is given again."""
    handler, ledger = REGISTRY.handlers.get(told.handler), REGISTRY.ledger
    if handler is None or ledger is None:
        return Report(Outcome.UNKNOWN_HANDLER, f"this app has no handler {told.handler}")
    run = ledger.get(told.run_id)
    if run is None or run.handler != told.handler:
        return Report(Outcome.GONE, "the app's store does not know this run (any more)")
    if against := _against(handler, run, told):
        return against
    named = _named(handler, run)
    if isinstance(named, Report):
        return named
    if told.dry_run:
        return Report(Outcome.WOULD_RUN, "by its queue" if handler.via is not None else "in this app")
    with context.work(str(run.about.get("correlation_id", ""))):
        run_it = _run if handler.via is None else _queued
        report = run_it(handler, ledger, run, told, named)
        with guard:
            fields = {"handler": handler.name, "run_id": run.id, "order_id": told.id, "outcome": str(report.outcome)}
            fields |= {"asked_by": told.asked_by, "reason": told.reason}
            tell(REPLAYED, fields_of(("handler_run", run.id), "", fields))
    return report


def _named(handler: Handler, run: StoredRun) -> dict[str, Any] | Report:
    """Its arguments by name, or why there are none with which it can be called."""
    try:
        named = handler.arguments.opened(run.payload, REGISTRY.keys, run.id)
        handler.arguments.call(named, {})
    except CannotOpen as error:
        return Report(Outcome.CANNOT_OPEN, str(error))
    except NotKept as error:
        return Report(Outcome.NOT_KEPT, str(error))
    except DoesNotFit as error:
        return Report(Outcome.DOES_NOT_FIT, str(error))
    try:
        key = handler.key_of(named)
    except Exception as error:
        return Report(Outcome.DOES_NOT_FIT, f"its key= fails for these arguments: {described(error)}")
    if key is None or run_id(handler.name, key) != run.id:
        return Report(Outcome.DOES_NOT_FIT, "its key= gives another key for these arguments now")
    return named


def _against(handler: Handler, run: StoredRun, told: Told) -> Report | None:
    """What speaks against running it, or how this same order ended before; None for nothing."""
    if run.order_id == told.id and not (run.state is State.UNKNOWN and handler.replay_unknown):
        error = f"{run.about.get('error_type')}: {run.about.get('error_text')}" if run.state is State.FAILED else ""
        return Report(_OF_STATE[run.state], error)
    match run.state:
        case State.DONE:
            return Report(Outcome.ALREADY_DONE, "it has finished: nothing was run")
        case State.RUNNING:
            return Report(Outcome.IS_RUNNING, "it is running now")
        case State.STUCK:
            return Report(
                Outcome.IS_RUNNING,
                f"{run.about.get('error_text', 'it is stuck')}, and may finish yet: end that process first",
            )
        case State.UNKNOWN if not (handler.replay_unknown or told.confirm_unknown):
            return Report(Outcome.UNKNOWN, "it was cut off in the middle: confirm that it has not finished")
    return None


def _queued(handler: Handler, ledger: Ledger, run: StoredRun, told: Told, named: dict[str, Any]) -> Report:
    """A second message for the same order is harmless: what is done is not run again."""
    assert handler.via is not None
    if not ledger.queue(run.id, told.id):
        return Report(Outcome.IS_RUNNING, "it has begun meanwhile")
    positional, keywords = handler.arguments.apart(named)
    try:
        put = handler.via(*positional, **keywords)
        if inspect.isawaitable(put):
            asyncio.run(_awaited(put))
    except Exception as error:
        return Report(Outcome.NOT_QUEUED, described(error))
    return Report(Outcome.QUEUED)


async def _awaited(one: Any) -> None:
    await one


def _run(handler: Handler, ledger: Ledger, run: StoredRun, told: Told, named: dict[str, Any]) -> Report:
    began = time.monotonic()
    try:
        provided = {name: make() for name, make in handler.provided.items()}
    except Exception as error:
        return Report(Outcome.FAILED, f"it was not run, since what it needs could not be made: {described(error)}")
    positional, keywords = handler.arguments.call(named, provided)
    try:
        turn = handler.begin(positional, keywords, Order(told.id, told.confirm_unknown))
    except RunHeld:
        found = ledger.get(run.id)
        return (found and _against(handler, found, told)) or Report(Outcome.IS_RUNNING, "it has begun meanwhile")
    assert turn is not None, "there is a store, and a key"
    if turn.is_skipped:
        return Report(Outcome.ALREADY_DONE, "it has finished: nothing was run")
    try:
        with Job(handler.name, job_id=run.id, attempt=turn.run.attempt, order_id=told.id):
            try:
                returned = _called(handler, positional, keywords)
            except BaseException as error:
                turn.end(error)
                raise
            turn.end(None, returned)
    except BaseException as error:
        return Report(Outcome.FAILED, described(error), time.monotonic() - began)
    return Report(Outcome.DONE, seconds=time.monotonic() - began)


def _called(handler: Handler, positional: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """In the event loop where the app calls it, while there is one; else in one of its own."""
    if not handler.is_async:
        return handler.function(*positional, **keywords)
    loop, call = handler.loop, handler.function(*positional, **keywords)
    if loop is None:
        return asyncio.run(call)
    return asyncio.run_coroutine_threadsafe(call, loop).result()
