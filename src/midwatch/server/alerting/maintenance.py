"""The plan's maintenance windows: which of them it is time for, and when they were."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass
class MaintenanceWindows:
    """Owned by the event loop."""

    windows: Sequence[Window] = ()
    _now: tuple[int, tuple[Window, ...]] = field(default=(-1, ()), repr=False)

    def put(self, windows: Sequence[Window]) -> None:
        self.windows, self._now = windows, (-1, ())

    def holding(self, labels: Mapping[str, str], now_ns: int) -> list[str]:
        """Names of the windows in which these labels are."""
        if self._now[0] != now_ns:
            self._now = now_ns, tuple(one for one in self.windows if _is_time(one, now_ns / NANOSECONDS))
        return [one.name for one in self._now[1] if _meant(one, labels)]

    def times(self, labels: Mapping[str, str], start: float, end: float) -> list[Held]:
        """Every time of a stretch in which these labels were, in order."""
        found = [held for one in self.windows if _meant(one, labels) for held in _times(one, start, end)]
        return sorted(found, key=lambda held: (held.start, held.name))


def _meant(one: Window, labels: Mapping[str, str]) -> bool:
    return all(labels.get(name) == value for name, value in one.labels.items())


def _is_time(one: Window, now: float) -> bool:
    if one.duration is None:
        start, end = _once(one)
        return start <= now < end
    moment = datetime.fromtimestamp(now + 1, ZoneInfo(one.zone))
    last = next(CronSim(one.schedule, moment, reverse=True), None)
    return last is not None and last.timestamp() <= now < last.timestamp() + one.duration


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
