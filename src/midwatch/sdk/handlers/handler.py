"""One replayable handler: what is asked and noted before each run of it, and after."""

import json
import os
import socket
from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import ref

from opentelemetry import trace

from midwatch.contract.duration import format_duration
from midwatch.contract.handlers import LIVE, NAME_CHARACTERS_MAX, TEXT_CHARACTERS_MAX, State, run_id
from midwatch.contract.redaction.said import LEFT_OUT, safe_text
from midwatch.sdk import context
from midwatch.sdk.errors import event_of
from midwatch.sdk.events import fields_of, tell
from midwatch.sdk.guard import Guard
from midwatch.sdk.handlers.ledger import Asked, Ledger
from midwatch.sdk.handlers.model import StoredRun
from midwatch.sdk.handlers.payload import Arguments
from midwatch.sdk.handlers.registry import REGISTRY
from midwatch.sdk.handlers.tending import TENDER, Kept
from midwatch.sdk.log_lines import type_name
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.redaction_signals import in_force as redactors
from midwatch.sdk.setup import METRICS, in_force

OUTCOME_CHARACTERS_MAX = 2000
"""Of what a handler returned, to be returned again to whoever asks for what is done."""
HANDLERS, NO_STORE, NO_KEY = "handlers", "no_store", "no_key"
FAILED, STUCK, SKIPPED, HELD = "handler.failed", "handler.stuck", "handler.skipped", "handler.held"
STUCK_TYPE = "Stuck"
"""Stands where a failed run has the type of its error."""
_LATER = {("celery", "Retry"), ("celery", "Reject"), ("celery", "Ignore"), ("arq", "Retry")}
"""With these a task says that its queue will try again: no failure."""

guard = Guard(HANDLERS, PROBLEMS)
_RUNS = METRICS.counter("handler_runs_total", "Runs of replayable handlers, by how they ended", ("handler", "status"))


class RunHeld(RuntimeError):
    """The handler was not run for this key: it is running, or nobody can say whether it has finished."""

    def __init__(self, handler: str, run: StoredRun) -> None:
        super().__init__(
            f"{handler} is running for this key: try again later"
            if run.state in LIVE
            else f"{handler} was cut off in the middle for this key, and may have finished: run {run.id} waits for"
            " somebody who knows, under Failed runs"
        )
        self.run_id = run.id


@dataclass(frozen=True, slots=True)
class Order:
    """What a run was asked for by a person."""

    id: str
    confirm_unknown: bool = False


@dataclass(slots=True)
class Handler:
    """What a decorator made of a function."""

    name: str
    function: Callable[..., Any]
    arguments: Arguments
    key: Callable[..., Any]
    provided: Mapping[str, Callable[[], Any]]
    """What makes the parameters that are not kept."""
    via: Callable[..., Any] | None
    """What puts a call into its queue; None: it is called here."""
    replay_unknown: bool
    stuck_seconds: float
    """How long a run may take."""
    lease_seconds: float
    """How long its process may be silent."""
    place: str
    """Its function, for messages."""
    source: tuple[str, str]
    """File and name: another function is not taken for it."""
    is_async: bool
    _loop: "ref[AbstractEventLoop] | None" = None

    def begin(self, positional: tuple[Any, ...], named: Mapping[str, Any], order: Order | None = None) -> "Turn | None":
        """Before a call; None where nothing is kept of it.

        Raises RunHeld, and what the store says: a run that cannot be noted could be run twice.
        """
        ledger = REGISTRY.ledger
        if ledger is None:
            PROBLEMS.dropped(HANDLERS, NO_STORE, 1, f"{self.name} cannot be replayed: call midwatch.replay_store(…)")
            return None
        given = self.arguments.named(positional, named)
        key = None
        with guard:
            key = self.key_of(given)
        if key is None:
            PROBLEMS.dropped(HANDLERS, NO_KEY, 1, f"{self.name}: its key= gave none: this run is not kept")
            return None
        number = run_id(self.name, key)
        asked = Asked(
            id=number,
            handler=self.name,
            key=_shown(key),
            payload=self.arguments.kept(given, REGISTRY.keys, number),
            about=_about(),
            lease_seconds=self.lease_seconds,
            order_id=order.id if order else "",
            unknown_too=self.replay_unknown or (order is not None and order.confirm_unknown),
        )
        claimed = ledger.claim(asked)
        if claimed.granted:
            return Turn(self, ledger, claimed.run)
        status = SKIPPED if claimed.run.state is State.DONE else HELD
        with guard:
            _RUNS.add(handler=self.name, status=status.partition(".")[2])
            fields = {"handler": self.name, "run_id": number, "run_state": str(claimed.run.state)}
            tell(status, fields_of(("handler_run", number), "", fields))
        if claimed.run.state is State.DONE:
            return Turn(self, ledger, claimed.run, is_skipped=True)
        raise RunHeld(self.name, claimed.run)

    def key_of(self, named: Mapping[str, Any]) -> str | None:
        """Raises whatever the app's own function does."""
        positional, keywords = self.arguments.apart(named)
        key = self.key(*positional, **keywords)
        return None if key is None else safe_text(key)

    def seen_in(self, loop: AbstractEventLoop) -> None:
        """The event loop in which the app calls it: what it uses there may be of that loop."""
        self._loop = ref(loop)

    @property
    def loop(self) -> AbstractEventLoop | None:
        found = self._loop() if self._loop is not None else None
        return found if found is not None and found.is_running() else None


class Turn:
    """One run, from its claim to its end; `is_skipped`: it was done before, and is not run."""

    def __init__(self, handler: Handler, ledger: Ledger, run: StoredRun, *, is_skipped: bool = False) -> None:
        self._handler, self._ledger, self.run, self.is_skipped = handler, ledger, run, is_skipped
        self._tended: Kept | None = None
        if not is_skipped:
            self._tended = TENDER.keep(
                ledger,
                run,
                lease_seconds=handler.lease_seconds,
                stuck_seconds=handler.stuck_seconds,
                stuck=self._stuck,
            )

    @property
    def outcome(self) -> Any:
        """What it returned then, where that was small."""
        return json.loads(self.run.outcome) if self.run.outcome else None

    def end(self, error: BaseException | None, returned: Any = None) -> None:
        """Never raises: what the handler did is done."""
        state, about, outcome = State.DONE, dict[str, Any](), ""
        with guard:
            if error is None:
                outcome = _small(returned)
            else:
                # The server lists a stuck one, and has to hear what became of it.
                is_listed = self._tended is not None and self._tended.told_stuck is not None
                state = State.RETRYING if _is_later(error) and not is_listed else State.FAILED
                about = self._failed(error) if state is State.FAILED else {}
            _RUNS.add(handler=self._handler.name, status=str(state))
        if self._tended is not None:
            TENDER.settle(self._tended, state, about, outcome)

    def _failed(self, error: BaseException) -> dict[str, Any]:
        text = redactors().logs.cut(safe_text(error), TEXT_CHARACTERS_MAX)
        about = _where() | {"error_type": type_name(error), "error_text": text}
        if self._emit(FAILED, {}, error):
            about["event_id"] = event_of(error)
        return about

    def _stuck(self) -> dict[str, Any]:
        """Asked by a thread that knows nothing of the run's own work."""
        text = f"it runs for over {format_duration(self._handler.stuck_seconds)} in process {os.getpid()}"
        text += f" of {socket.gethostname()}, which lives"
        _RUNS.add(handler=self._handler.name, status=str(State.STUCK))
        with context.work(str(self.run.about.get("correlation_id", ""))):
            self._emit(STUCK, {"process": os.getpid()})
        return {"error_type": STUCK_TYPE, "error_text": text}

    def _emit(self, name: str, more: Mapping[str, Any], error: BaseException | None = None) -> bool:
        """A line of the run's; False where nobody listens."""
        running = in_force()
        if running is None:
            return False
        fields = {"handler": self._handler.name, "run_id": self.run.id, "attempt": self.run.attempt, **more}
        if self.run.order_id:
            fields["order_id"] = self.run.order_id
        fields = fields_of(("handler_run", self.run.id), "", fields)
        running.logs.emit("error", name, fields, logger="midwatch.handlers", error=error, event_name=name)
        return True


def _about() -> dict[str, Any]:
    """For whom a run is: found again on the same story."""
    running = in_force()
    about = {"correlation_id": context.current().correlation_id, **_where()}
    if running is not None:
        about |= {"service": running.options.service, "environment": running.options.environment}
    return about


def _where() -> dict[str, str]:
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return {}
    return {"trace_id": f"{span.trace_id:032x}", "span_id": f"{span.span_id:016x}"}


def _shown(key: str) -> str:
    """A key that says something private is told by what may be seen of it."""
    shown = redactors().logs.value("key_of_run", key)
    return "" if shown is LEFT_OUT else safe_text(shown)[:NAME_CHARACTERS_MAX]


def _small(returned: Any) -> str:
    if returned is None:
        return ""
    try:
        text = json.dumps(returned, allow_nan=False)
    except (TypeError, ValueError):
        return ""
    # What the app returns may be private, and is kept in its own store only as far as it is not.
    is_kept = len(text) <= OUTCOME_CHARACTERS_MAX and redactors().logs.value("returned", returned) == returned
    return text if is_kept else ""


def _is_later(error: BaseException) -> bool:
    kind = type(error)
    return (kind.__module__.partition(".")[0], kind.__name__) in _LATER
