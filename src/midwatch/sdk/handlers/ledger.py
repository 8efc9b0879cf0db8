"""What a run may do and what becomes of it: decided here, over any store that can replace a run of a known revision."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from midwatch.contract.handlers import LIVE, State
from midwatch.sdk.handlers.model import RunStore, StoredRun

TRIES = 20
"""To replace a run that others replace, too."""
DAY_SECONDS = 86_400.0
_OVER = (State.DONE, State.FAILED)
_TOLD = (State.FAILED, State.UNKNOWN, State.STUCK)
"""States of which the server is told in any case; from then on it is told of what follows."""


class StoreBusy(RuntimeError):
    """A run is changed by others without end."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody wants to run a handler for a key."""

    id: str
    handler: str
    key: str
    payload: bytes
    about: Mapping[str, Any]
    lease_seconds: float
    order_id: str = ""
    """Empty: the app by itself."""
    unknown_too: bool = False
    """Whether it may run again where nobody can say whether it had finished."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """The run, and whether it may be run now: it is running then, under `run.fence`."""

    run: StoredRun
    granted: bool


class Ledger:
    def __init__(self, store: RunStore, *, keep_days: float) -> None:
        self.store = store
        self._keep_seconds = keep_days * DAY_SECONDS

    def claim(self, asked: Asked) -> Claimed:
        """Raises StoreBusy, and what the store raises."""
        for _ in range(TRIES):
            now, found = self.store.look(asked.id)
            found = None if found is None else _as_of(found, now)
            if found is not None and not _may_run(found, asked):
                return Claimed(found, granted=False)
            before = found or StoredRun(asked.id, asked.handler, asked.key, State.RUNNING)
            made = replace(
                before,
                state=State.RUNNING,
                revision=before.revision + 1,
                fence=before.fence + 1,
                attempt=before.attempt + 1,
                lease_until=now + asked.lease_seconds,
                started_at=now,
                ended_at=0.0,
                is_known=before.is_known or before.state in _TOLD,
                order_id=asked.order_id or before.queued_order or _goes_on(before),
                queued_order="",
                payload=asked.payload,
                about=asked.about,
                outcome="",
            )
            if self._put(made, before.revision, now):
                return Claimed(made, granted=True)
        raise StoreBusy(f"the run {asked.id} is changed by others all the time")

    def renew(self, run_id: str, fence: int, seconds: float, stuck: Mapping[str, Any] | None = None) -> bool:
        """Its process lives. False where the run is somebody else's by now, or over.

        `stuck`: what is told of one that takes too long.
        """

        def renewed(run: StoredRun, now: float) -> StoredRun | None:
            if run.fence != fence or run.state not in (*LIVE, State.UNKNOWN):
                return None
            lives = replace(run, lease_until=now + seconds)
            if stuck is None:
                return replace(lives, state=State.RUNNING)
            if run.state is State.STUCK:
                # That it lives is no news: what the server knew of it, it knows still.
                return replace(lives, told_revision=run.told_revision + (run.told_revision >= run.revision))
            return replace(lives, state=State.STUCK, is_known=True, about={**run.about, **stuck})

        return self._change(run_id, renewed)

    def settle(self, run_id: str, fence: int, state: State, about: Mapping[str, Any], outcome: str = "") -> bool:
        """How it ended. False where somebody else has run it meanwhile: what that one says holds."""

        def settled(run: StoredRun, now: float) -> StoredRun | None:
            if run.fence != fence or run.state in _OVER:
                return None
            known, told = run.is_known or state in _TOLD, {**run.about, **about}
            return replace(run, state=state, is_known=known, ended_at=now, about=told, outcome=outcome)

        return self._change(run_id, settled)

    def queue(self, run_id: str, order_id: str) -> bool:
        """Its next run, by a worker, is that of this order. False where it is running, or done."""

        def queued(run: StoredRun, now: float) -> StoredRun | None:
            if run.state in LIVE or run.state is State.DONE:
                return None
            # Confirmed by a person, or by the handler itself: the worker is not to ask again.
            return replace(run, state=State.FAILED, is_known=True, queued_order=order_id)

        return self._change(run_id, queued)

    def give_up(self, run: StoredRun) -> bool:
        """A live one whose lease is over is one of which nobody can say how it ended."""

        def given_up(found: StoredRun, now: float) -> StoredRun | None:
            expired = found.state in LIVE and found.lease_until < now and found.fence == run.fence
            return replace(found, state=State.UNKNOWN, is_known=True) if expired else None

        return self._change(run.id, given_up)

    def told(self, run: StoredRun) -> None:
        """The server knows this of it; what has changed meanwhile it does not."""
        revision = run.revision + 1
        self._put(replace(run, revision=revision, told_revision=revision), run.revision, self.store.now())

    def get(self, run_id: str) -> StoredRun | None:
        """As it stands now: a live one whose lease is over is unknown."""
        now, found = self.store.look(run_id)
        return None if found is None else _as_of(found, now)

    def to_look_at(self, limit: int) -> list[StoredRun]:
        return self.store.to_look_at(self.store.now(), limit)

    def forget(self) -> None:
        self.store.forget(self.store.now())

    def _change(self, run_id: str, change: Callable[[StoredRun, float], StoredRun | None]) -> bool:
        for _ in range(TRIES):
            now, found = self.store.look(run_id)
            made = None if found is None else change(found, now)
            if found is None or made is None:
                return False
            if self._put(replace(made, revision=found.revision + 1), found.revision, now):
                return True
        raise StoreBusy(f"the run {run_id} is changed by others all the time")

    def _put(self, run: StoredRun, revision: int, now: float) -> bool:
        return self.store.put(run, revision, now + self._keep_seconds)


def _as_of(run: StoredRun, now: float) -> StoredRun:
    over = run.state in LIVE and run.lease_until < now
    return replace(run, state=State.UNKNOWN) if over else run


def _goes_on(run: StoredRun) -> str:
    """The order whose run its queue tries again."""
    return run.order_id if run.state is State.RETRYING else ""


def _may_run(run: StoredRun, asked: Asked) -> bool:
    if run.state in (State.FAILED, State.RETRYING):
        # An order is carried out once: who is given it again finds how it ended.
        return not asked.order_id or run.order_id != asked.order_id
    return run.state is State.UNKNOWN and asked.unknown_too
