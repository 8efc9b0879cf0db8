"""The plan's maintenance windows: which of them it is time for, and when they were."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from midwatch.contract.plan.section import Remark
from midwatch.contract.plan.sections import maintenance
from midwatch.contract.plan.sections.maintenance import Window

NANOSECONDS = 1_000_000_000
TIMES_MAX = 5000
"""Of one window in one stretch of time."""


@dataclass(frozen=True, slots=True)
class Held:
    """One time of a window: seconds since the epoch, half open."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class _Standing:
    """Whether it is time for a window, and in which stretch that is so: the crontab is asked once for each."""

    holds: bool
    since: float
    until: float


_UNKNOWN = _Standing(False, 0.0, 0.0)


class MaintenanceWindows:
    """Owned by the event loop."""

    def __init__(self, windows: Sequence[Window] = ()) -> None:
        self.put(windows)

    def put(self, windows: Sequence[Window]) -> None:
        self._windows = [(one, _UNKNOWN) for one in windows]

    def holding(self, labels: Mapping[str, str], now_ns: int) -> list[str]:
        """Names of the windows in which these labels are."""
        now = now_ns / NANOSECONDS
        found = []
        for index, (one, standing) in enumerate(self._windows):
            if not standing.since <= now < standing.until:
                standing = _standing(one, now)  # noqa: PLW2901
                self._windows[index] = (one, standing)
            if standing.holds and _meant(one, labels):
                found.append(one.name)
        return found

    def times(self, labels: Mapping[str, str], start: float, end: float) -> list[Held]:
        """Every time of a stretch in which these labels were, in order."""
        found = [held for one, _ in self._windows if _meant(one, labels) for held in _times(one, start, end)]
        return sorted(found, key=lambda held: (held.start, held.name))


def _meant(one: Window, labels: Mapping[str, str]) -> bool:
    return all(labels.get(name) == value for name, value in one.labels.items())


def _standing(one: Window, now: float) -> _Standing:
    if one.duration is None:
        start, end = _once(one)
        edges = (-math.inf, start, end, math.inf)
    else:
        moment = datetime.fromtimestamp(now, ZoneInfo(one.zone))
        last, following = _last(one, now), next(CronSim(one.schedule, moment), None)
        edges = (-math.inf, last, last + one.duration, math.inf if following is None else following.timestamp())
    before, start, end, after = edges
    if start <= now < end:
        return _Standing(True, start, end)
    return _Standing(False, before, start) if now < start else _Standing(False, end, after)


def _last(one: Window, now: float) -> float:
    """The newest time of its schedule that is not later."""
    moment = datetime.fromtimestamp(math.floor(now) + 1, ZoneInfo(one.zone))
    found = next(CronSim(one.schedule, moment, reverse=True), None)
    return -math.inf if found is None else found.timestamp()


def _times(one: Window, start: float, end: float) -> Iterator[Held]:
    if one.duration is None:
        first, last = _once(one)
        if first < end and last > start:
            yield Held(one.name, first, last)
        return
    moments = CronSim(one.schedule, datetime.fromtimestamp(start - one.duration, ZoneInfo(one.zone)))
    for number, moment in enumerate(moments):
        at = moment.timestamp()
        if at >= end or number >= TIMES_MAX:
            return
        if at + one.duration > start:
            yield Held(one.name, at, at + one.duration)


def _once(one: Window) -> tuple[float, float]:
    assert one.starts is not None
    assert one.ends is not None
    zone = ZoneInfo(one.zone)
    return one.starts.replace(tzinfo=zone).timestamp(), one.ends.replace(tzinfo=zone).timestamp()


def check_windows(values: Mapping[str, Any]) -> Iterator[Remark]:
    """Lines of a crontab are read by the library that runs them."""
    for index, one in enumerate(values.get(maintenance.SECTION.name, ())):
        if not one.schedule:
            continue
        try:
            next(CronSim(one.schedule, datetime(2026, 1, 1, tzinfo=ZoneInfo(one.zone))))
        except (CronSimError, StopIteration) as error:
            reason = str(error) or "there is no such day"
            message = f"schedule={one.schedule}: expected a line of a crontab such as 0 3 * * sun: {reason}"
            yield (maintenance.SECTION.name, index, "schedule"), message
