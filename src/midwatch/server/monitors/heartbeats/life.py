"""A heartbeat's life: from signs and the passing of time to what is the matter with it. Pure: times are handed in."""

from dataclasses import dataclass, replace
from enum import StrEnum

from midwatch.server.monitors.heartbeats.schedule import Expectation, next_after, next_expected

RUNS_MAX = 50
"""Open runs that are remembered of one heartbeat; the oldest go."""
MISSES_AT_ONCE_MAX = 1000
"""Moments that are judged one by one in a single look; the rest are passed over."""


class Status(StrEnum):
    """What a sign says."""

    STARTED = "started"
    OK = "ok"
    FAILED = "failed"
    LOG = "log"
    """Something to keep; no sign of life."""


class Condition(StrEnum):
    NEW = "new"
    """Never heard of."""
    UP = "up"
    RUNNING = "running"
    LATE = "late"
    """Expected by now; within its grace."""
    MISSED = "missed"
    FAILED = "failed"
    OVERTIME = "overtime"
    """A run takes longer than it may."""
    UNKNOWN = "unknown"
    """Its moment passed while Midwatch could not hear it."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One sign. Times are nanoseconds since the epoch."""

    status: Status
    at_ns: int
    run: str = ""
    """By which the end of a run finds its start; empty: the only one."""
    seconds: float | None = None
    """How long it took, where the sender knows."""
    said: str = ""
    """Of a failure: its exit status and the like."""


@dataclass(frozen=True, slots=True)
class Gap:
    """From when to when nothing could be heard."""

    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class Life:
    condition: Condition = Condition.NEW
    since_ns: int = 0
    healthy: bool = True
    """By the thresholds: what alerts are made of."""
    reason: str = ""
    expected_ns: int | None = None
    last_ns: int = 0
    """Of the newest sign."""
    last_ok_ns: int = 0
    last_seconds: float | None = None
    """How long the newest run took that ended."""
    runs: tuple[tuple[str, int], ...] = ()
    """Open ones: run and start."""
    overlapping: bool = False
    failures: int = 0
    """Misses and failures in a row."""
    successes: int = 0


def heard(life: Life, expectation: Expectation, beat: Beat) -> Life:
    """After a sign. One that is older than the newest changes nothing: it was sent late."""
    if beat.status is Status.LOG or beat.at_ns < life.last_ns:
        return life
    before = life
    life = replace(life, last_ns=beat.at_ns)
    if beat.status is Status.STARTED:
        life = _begun(life, expectation, beat)
        condition = Condition.RUNNING
    else:
        life = _ended(life, expectation, beat)
        ok = beat.status is Status.OK
        life = _succeeded(life, expectation, beat) if ok else _failed(life, expectation, 1)
        condition = Condition.UP if ok else Condition.FAILED
        if ok and life.runs:
            condition = Condition.RUNNING
        life = replace(life, reason="" if ok else beat.said or "it says that it failed")
    return _in(before, life, condition, beat.at_ns)


def passed(life: Life, expectation: Expectation, now_ns: int, gap: Gap | None = None) -> Life:
    """After time has passed, some of which nothing could be heard in."""
    life = _overtime(life, expectation, now_ns, gap)
    return _absent(life, expectation, now_ns, gap)


def due_ns(life: Life, expectation: Expectation) -> int | None:
    """The next moment at which `passed` may change something."""
    moments = [start + expectation.runtime_ns for _, start in life.runs]
    if life.expected_ns is not None and not life.runs:
        settled = life.condition in (Condition.LATE, Condition.MISSED, Condition.FAILED, Condition.OVERTIME)
        moments.append(life.expected_ns + (expectation.grace_ns if settled else 0))
    # A moment is over when it has passed: a nanosecond later.
    return min(moments) + 1 if moments else None


def turned_back(life: Life, expectation: Expectation, now_ns: int) -> Life:
    """After the clock was set back: nothing of it lies in the future but what is expected next."""
    expected = life.expected_ns
    following = next_after(expectation, now_ns)
    if expected is not None and following is not None and life.last_ns > now_ns:
        expected = min(expected, following)
    return replace(
        life,
        expected_ns=expected,
        last_ns=min(life.last_ns, now_ns),
        last_ok_ns=min(life.last_ok_ns, now_ns),
        since_ns=min(life.since_ns, now_ns),
        runs=tuple((run, min(start, now_ns)) for run, start in life.runs),
    )


def rescheduled(life: Life, expectation: Expectation, now_ns: int) -> Life:
    """After its schedule was changed: the next moment by the new one; what was missed by the old one is forgiven."""
    at_ns = max(life.last_ns, now_ns) if life.last_ns else now_ns
    if life.condition is Condition.NEW:
        return life
    following = next_after(expectation, at_ns)
    if life.condition in (Condition.LATE, Condition.MISSED):
        return replace(
            _in(life, life, Condition.UP, now_ns), expected_ns=following, healthy=True, failures=0, reason=""
        )
    return replace(life, expected_ns=following)


def _begun(life: Life, expectation: Expectation, beat: Beat) -> Life:
    others = tuple(one for one in life.runs if one[0] != beat.run)
    again = len(others) < len(life.runs)
    # The same run may say twice that it starts; without names a second start is a second run.
    overlapping = bool(others) or (again and not beat.run)
    runs = (*others, (beat.run, beat.at_ns))[-RUNS_MAX:]
    expected = next_expected(expectation, beat.at_ns)
    return replace(life, runs=runs, overlapping=overlapping, expected_ns=expected)


def _ended(life: Life, expectation: Expectation, beat: Beat) -> Life:
    """The run that it ends, how long it took, and when the next is expected."""
    found = [one for one in life.runs if one[0] == beat.run] or ([*life.runs[:1]] if not beat.run else [])
    runs = tuple(one for one in life.runs if one not in found)
    seconds, expected = beat.seconds, life.expected_ns
    if found and seconds is None:
        seconds = (beat.at_ns - found[0][1]) / 1e9
    by_start = bool(found) and bool(expectation.cron) and expected is not None and expected > beat.at_ns
    if not by_start:
        expected = next_expected(expectation, beat.at_ns)
    overlapping = life.overlapping and len(runs) > 0
    return replace(life, runs=runs, overlapping=overlapping, last_seconds=seconds, expected_ns=expected)


def _succeeded(life: Life, expectation: Expectation, beat: Beat) -> Life:
    successes = life.successes + 1
    healthy = life.healthy or successes >= expectation.recoveries
    return replace(
        life, successes=successes, healthy=healthy, failures=0 if healthy else life.failures, last_ok_ns=beat.at_ns
    )


def _failed(life: Life, expectation: Expectation, times: int) -> Life:
    failures = life.failures + times
    healthy = life.healthy and failures < expectation.failures
    return replace(life, failures=failures, successes=0, healthy=healthy)


def _overtime(life: Life, expectation: Expectation, now_ns: int, gap: Gap | None) -> Life:
    over = [one for one in life.runs if now_ns > one[1] + expectation.runtime_ns]
    if not over:
        return life
    runs = tuple(one for one in life.runs if one not in over)
    # What was expected while it ran was not to be heard: it ran.
    ended_ns = max(start for _, start in over) + expectation.runtime_ns
    expected = life.expected_ns
    if expected is not None and expected < ended_ns:
        expected = next_after(expectation, ended_ns)
    after = replace(life, runs=runs, overlapping=life.overlapping and len(runs) > 1, expected_ns=expected)
    # Its end may have been told while nobody could hear it.
    ours = [one for one in over if gap and gap.start_ns < one[1] + expectation.runtime_ns]
    if len(ours) == len(over):
        return _in(life, replace(after, reason=_unheard(gap)), Condition.UNKNOWN, now_ns)
    minutes = expectation.runtime_ns / 60e9
    after = replace(_failed(after, expectation, 1), reason=f"a run takes longer than {minutes:g} min")
    return _in(life, after, Condition.OVERTIME, now_ns)


def _absent(life: Life, expectation: Expectation, now_ns: int, gap: Gap | None) -> Life:
    if life.expected_ns is None or life.runs or now_ns <= life.expected_ns:
        return life
    for _ in range(MISSES_AT_ONCE_MAX):
        expected = life.expected_ns
        if expected is None or now_ns <= expected + expectation.grace_ns:
            break
        if gap is not None and expected <= gap.end_ns and gap.start_ns < expected + expectation.grace_ns:
            following = next_after(expectation, max(expected, gap.end_ns))
            known = life.condition in (Condition.MISSED, Condition.FAILED, Condition.OVERTIME)
            life = replace(life, expected_ns=following)
            if not known:
                life = _in(life, replace(life, reason=_unheard(gap)), Condition.UNKNOWN, now_ns)
            continue
        missed = _failed(life, expectation, 1)
        missed = replace(missed, expected_ns=next_after(expectation, expected), reason="it was not heard of in time")
        life = _in(life, missed, Condition.MISSED, expected + expectation.grace_ns)
    else:
        life = replace(life, expected_ns=next_after(expectation, now_ns))
    late = life.expected_ns is not None and now_ns > life.expected_ns
    settled = life.condition in (Condition.MISSED, Condition.FAILED, Condition.OVERTIME)
    if late and not settled:
        life = _in(life, replace(life, reason="it is expected by now"), Condition.LATE, now_ns)
    return life


def _unheard(gap: Gap | None) -> str:
    seconds = 0.0 if gap is None else (gap.end_ns - gap.start_ns) / 1e9
    return f"Midwatch could hear nobody for {seconds:.0f} s"


def _in(before: Life, after: Life, condition: Condition, at_ns: int) -> Life:
    if before.condition is condition:
        return replace(after, condition=condition)
    return replace(after, condition=condition, since_ns=at_ns)
