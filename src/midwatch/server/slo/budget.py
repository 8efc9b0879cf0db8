"""How much of a budget is left: counted over the whole window, without the times that do not count."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from midwatch.contract.duration import format_duration
from midwatch.server.slo.objective import Objective, Ratio


@dataclass(frozen=True, slots=True)
class Interval:
    """Seconds since the epoch, half open."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Counted:
    """Events per second of an interval, as an indicator's queries answer: bad ones, and all."""

    errors: float
    total: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Budget:
    """`ratio`: share of bad events; None where nothing happened."""

    ratio: float | None
    left: float | None
    """Share of the budget that is left; below 0 where more than all of it is gone."""
    excluded_seconds: float = 0.0


def excluded(maintenance: Iterable[Interval], start: float, end: float) -> list[Interval]:
    """What of these lies in the window, in order, overlaps joined."""
    found: list[Interval] = []
    for one in sorted(maintenance, key=lambda one: one.start):
        low, high = max(one.start, start), min(one.end, end)
        if low >= high:
            continue
        if found and low <= found[-1].end:
            found[-1] = Interval(found[-1].start, max(found[-1].end, high))
        else:
            found.append(Interval(low, high))
    return found


def budget_of(objective: Objective, whole: Counted, out: Sequence[Counted] = ()) -> Budget:
    """`whole` is of the window, `out` of the intervals in it that do not count."""
    total = whole.total * whole.seconds - sum(one.total * one.seconds for one in out)
    errors = whole.errors * whole.seconds - sum(one.errors * one.seconds for one in out)
    excluded_seconds = sum(one.seconds for one in out)
    # Rates of parts and of the whole are estimates that differ in their last digits.
    if not total > whole.total * whole.seconds * 1e-9:
        return Budget(None, None, excluded_seconds)
    ratio = min(1.0, max(0.0, errors / total))
    return Budget(ratio, 1 - ratio / objective.budget, excluded_seconds)


def questions(objective: Objective, seconds: float) -> tuple[str, str]:
    """PromQL of bad events and of all, over so many seconds; of a raw ratio the second is 1."""
    window = format_duration(max(1, round(seconds)))
    indicator = objective.indicator
    if isinstance(indicator, Ratio):
        return indicator.over(window)
    return indicator.error_ratio(window), "vector(1)"
