"""From attempts to up, down or unknown, at one location. Pure: the time is handed in."""

from dataclasses import dataclass, replace
from enum import StrEnum

from midwatch.contract.plan.sections.probes import Probe
from midwatch.server.monitors.probes.attempt import Result

FLAP_WINDOW_SECONDS = 1800.0
FLAP_CHANGES = 4
"""So many changes between up and down within the window are flapping."""
FLAP_RECOVERIES = 5
"""Successes in a row that it then takes to be up again: who was told once is not told every minute."""
SECOND = 10**9


class State(StrEnum):
    NEW = "new"
    """Not asked yet."""
    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"
    """Midwatch or its network is at fault: nothing can be said."""


class Verdict(StrEnum):
    """What one attempt says."""

    GOOD = "good"
    BAD = "bad"
    BLIND = "blind"
    """Nothing, since the fault is ours."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a probe stands at one location."""

    state: State = State.NEW
    since_ns: int = 0
    reason: str = ""
    """Of the newest failure while it is down or unknown, or not yet confirmed."""
    detail: str = ""
    misses: int = 0
    """Attempts in a row that did not succeed."""
    successes: int = 0
    """Attempts in a row that succeeded, since it was last down or unknown."""
    changes: tuple[int, ...] = ()
    """When it went from up to down or back, in nanoseconds; within the window."""
    flapping: bool = False


def judged(before: Standing, verdict: Verdict, result: Result, probe: Probe) -> Standing:
    """The standing after this attempt.

    A failure counts once it was confirmed by every retry. What was down stays down until it is seen up: a fault of our
    own on top of it says nothing.
    """
    now = result.at_ns
    if verdict is Verdict.GOOD:
        successes = before.successes + 1
        needed = FLAP_RECOVERIES if before.flapping and before.state is State.DOWN else 1
        if before.state is not State.UP and successes < needed:
            return replace(before, successes=successes, misses=0)
        after = replace(before, successes=successes, misses=0, reason="", detail="")
        return _entered(after, State.UP, now)
    after = replace(
        before, misses=before.misses + 1, successes=0, reason=str(result.reason or ""), detail=result.detail
    )
    if after.misses <= probe.retries:
        return _calmed(after, now)
    if verdict is Verdict.BAD:
        return _entered(after, State.DOWN, now)
    return _calmed(after, now) if before.state is State.DOWN else _entered(after, State.UNKNOWN, now)


def next_seconds(standing: Standing, probe: Probe) -> float | None:
    """How soon a failure is tried again; None: at the next moment of the interval."""
    confirming = 0 < standing.misses <= probe.retries and standing.state is not State.DOWN
    return probe.retry_after if confirming else None


def _entered(standing: Standing, state: State, now: int) -> Standing:
    if standing.state is state:
        return _calmed(standing, now)
    changed = {standing.state, state} == {State.UP, State.DOWN}
    changes = (*standing.changes, now) if changed else standing.changes
    return _calmed(replace(standing, state=state, since_ns=now, changes=changes), now)


def _calmed(standing: Standing, now: int) -> Standing:
    """With flapping begun or ended by the changes of the window."""
    kept = tuple(at for at in standing.changes if now - FLAP_WINDOW_SECONDS * SECOND < at <= now)
    flapping = len(kept) >= FLAP_CHANGES or (standing.flapping and len(kept) > 1)
    return replace(standing, changes=kept[-2 * FLAP_CHANGES :], flapping=flapping)
