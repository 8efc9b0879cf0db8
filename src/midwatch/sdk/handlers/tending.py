"""One thread of a process that says of its runs that they live, notes how they ended, and tells the server.

What could not be noted because the store was away is noted when it is back. A run that nobody has noted until its lease
is over counts as one of which nobody knows how it ended: that is never run again by itself.
"""

import atexit
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from midwatch.contract.handlers import State
from midwatch.sdk import forks
from midwatch.sdk.guard import Guard
from midwatch.sdk.handlers.ledger import Ledger
from midwatch.sdk.handlers.model import StoredRun
from midwatch.sdk.problems import PROBLEMS

ROUND_SECONDS = 1.0
AWAY_SECONDS_MAX = 30.0
END_SECONDS = 2.0
RENEWALS = 3
"""A lease is renewed so many times in its length."""
UNNOTED_MAX = 10_000
TENDED, LATE, TOO_MANY = "handler_runs", "late", "too_many"

guard = Guard(TENDED, PROBLEMS)


@dataclass(slots=True)
class Kept:
    """A run of this process."""

    ledger: Ledger
    run: StoredRun
    seconds: float
    """How long its lease is."""
    next_at: float
    stuck_at: float
    stuck: Callable[[], Mapping[str, Any]]
    """Says what there is to say of it when it takes too long."""
    told_stuck: Mapping[str, Any] | None = None
    """What was said then."""


@dataclass(frozen=True, slots=True)
class _Ended:
    kept: Kept
    state: State
    about: Mapping[str, Any]
    outcome: str


class Tender:
    """Any thread may use it. The thread begins with the first run, and after a fork with the child's first."""

    _thread: threading.Thread | None
    _kept: dict[int, Kept]
    _unnoted: list[_Ended]

    def __init__(self) -> None:
        self.tell: Callable[[], bool] | None = None
        """Tells the server what it does not know yet; False where it could not. Set where there is a server."""
        self._begin()
        forks.in_child(self._begin)
        atexit.register(self._end)

    def keep(
        self,
        ledger: Ledger,
        run: StoredRun,
        *,
        lease_seconds: float,
        stuck_seconds: float,
        stuck: Callable[[], Mapping[str, Any]],
    ) -> Kept:
        now = time.monotonic()
        next_at = now + min(lease_seconds / RENEWALS, stuck_seconds)
        kept = Kept(ledger, run, lease_seconds, next_at, now + stuck_seconds, stuck)
        with self._lock:
            self._kept[id(kept)] = kept
        self.start()
        return kept

    def settle(self, kept: Kept, state: State, about: Mapping[str, Any], outcome: str) -> None:
        """Note how a run ended; later where the store is away now."""
        ended = _Ended(kept, state, about, outcome)
        if not _noted(ended):
            with self._lock:
                kept.stuck_at = math.inf
                if len(self._unnoted) < UNNOTED_MAX:
                    # Renewed as long as it waits: meanwhile nobody takes it for a run that was cut off.
                    self._unnoted.append(ended)
                    return
            PROBLEMS.dropped(TENDED, TOO_MANY, 1, "how runs ended could not be noted: the store is away")
        self._let_go(kept)
        if state is not State.DONE:
            self.wake.set()

    def start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="midwatch-handlers", daemon=True)
                self._thread.start()

    def _let_go(self, kept: Kept) -> None:
        with self._lock:
            self._kept.pop(id(kept), None)

    def _run(self) -> None:
        told_at, pause = 0.0, ROUND_SECONDS
        while True:
            self.wake.wait(ROUND_SECONDS)
            is_woken = self.wake.is_set()
            self.wake.clear()
            with guard:
                self._renew()
                self._note()
            now = time.monotonic()
            if self.tell is not None and (now >= told_at or (is_woken and pause == ROUND_SECONDS)):
                is_told = False
                with guard:
                    is_told = self.tell()
                pause = ROUND_SECONDS if is_told else min(AWAY_SECONDS_MAX, pause * 2)
                told_at = time.monotonic() + pause
            if self._is_ending:
                return

    def _end(self) -> None:
        """One more round at the end of the process: a thread that is stopped in the middle keeps what it has locked."""
        thread, self._is_ending = self._thread, True
        self.wake.set()
        if thread is not None:
            thread.join(END_SECONDS)

    def _renew(self) -> None:
        now = time.monotonic()
        with self._lock:
            due = [one for one in self._kept.values() if one.next_at <= now]
        for one in due:
            one.next_at = now + one.seconds / RENEWALS
            if now < one.stuck_at:
                one.next_at = min(one.next_at, one.stuck_at)
            elif one.told_stuck is None:
                one.told_stuck = {}
                with guard:
                    one.told_stuck = one.stuck()
            with guard:
                one.ledger.renew(one.run.id, one.run.fence, one.seconds, one.told_stuck)

    def _note(self) -> None:
        with self._lock:
            unnoted, self._unnoted = self._unnoted, []
        left = [one for one in unnoted if not _noted(one)]
        for one in unnoted:
            if one not in left:
                self._let_go(one.kept)
        with self._lock:
            self._unnoted = left + self._unnoted

    def _begin(self) -> None:
        """Also in the child of a fork: what runs and waits is the parent's."""
        self._lock = threading.Lock()
        self.wake = threading.Event()
        self._thread, self._kept, self._unnoted, self._is_ending = None, {}, [], False


def _noted(ended: _Ended) -> bool:
    """False where the store is away."""
    run = ended.kept.run
    try:
        if not ended.kept.ledger.settle(run.id, run.fence, ended.state, ended.about, ended.outcome):
            PROBLEMS.dropped(TENDED, LATE, 1, f"{run.handler}: another has run it meanwhile, as somebody had confirmed")
    except Exception as error:
        PROBLEMS.failed(TENDED, "store_away", error)
        return False
    return True


TENDER = Tender()
"""Of this process."""
