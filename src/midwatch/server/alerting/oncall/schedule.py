"""Who is on duty when: turns, hours, holidays, overrides.

Turns and hours are of the clock on the wall: a hand-over at nine stays at nine when daylight saving begins, and that
turn is an hour shorter. All times that go in and out are seconds since the epoch.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from midwatch.contract.plan.sections.on_call import DAYS, Layer, Restriction, Schedule

_DAY = timedelta(days=1)
SHIFTS_SECONDS_MAX = 400 * 86400
"""The longest stretch that is worked out at once."""


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody takes over for a while; the newest of several counts."""

    start: float
    end: float
    person: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """`person` None: nobody is on duty. `layer` is its number, from 0; -1: an override."""

    start: float
    end: float
    person: str | None
    layer: int | None = None


def on_duty(schedule: Schedule, overrides: Sequence[Override], at: float) -> str | None:
    """Who is, at this moment."""
    return _who(schedule, ZoneInfo(schedule.zone), overrides, at)[0]


def shifts(schedule: Schedule, overrides: Sequence[Override], start: float, end: float) -> list[Shift]:
    """The whole stretch, without gaps: where nobody is on duty a shift says so.

    Raises:
        ValueError: longer than SHIFTS_SECONDS_MAX.
    """
    if end - start > SHIFTS_SECONDS_MAX:
        raise ValueError(f"expected at most {SHIFTS_SECONDS_MAX // 86400} days")
    zone = ZoneInfo(schedule.zone)
    edges = sorted(
        {start, end, *(edge for edge in _edges(schedule, zone, overrides, start, end) if start < edge < end)}
    )
    found: list[Shift] = []
    for low, high in pairwise(edges):
        person, layer = _who(schedule, zone, overrides, low)
        if found and (found[-1].person, found[-1].layer) == (person, layer):
            found[-1] = Shift(found[-1].start, high, person, layer)
        else:
            found.append(Shift(low, high, person, layer))
    return found


def next_hand_over(schedule: Schedule, overrides: Sequence[Override], at: float) -> float | None:
    """When somebody else is on duty; None: not within eight weeks."""
    found = shifts(schedule, overrides, at, at + 56 * 86400)
    return next((after.start for one, after in pairwise(found) if after.person != one.person), None)


def _who(schedule: Schedule, zone: ZoneInfo, overrides: Sequence[Override], at: float) -> tuple[str | None, int | None]:
    for one in reversed(overrides):
        if one.start <= at < one.end:
            return one.person, -1
    wall = datetime.fromtimestamp(at, zone).replace(tzinfo=None)
    for number in range(len(schedule.layers) - 1, -1, -1):
        layer = schedule.layers[number]
        if _is_on(layer, schedule, wall):
            return layer.people[_turn(layer, wall) % len(layer.people)], number
    return None, None


def _turn(layer: Layer, wall: datetime) -> int:
    """Which turn it is; before the first one the order goes on backwards."""
    return (wall - layer.starts) // timedelta(seconds=layer.turn)


def _is_on(layer: Layer, schedule: Schedule, wall: datetime) -> bool:
    if layer.holidays != "also" and _is_holiday(schedule, wall.date()) is (layer.holidays == "never"):
        return False
    return not layer.hours or any(begin <= wall < end for begin, end in _spans(layer.hours, wall.date() - _DAY, 2))


def _is_holiday(schedule: Schedule, day: date) -> bool:
    return day.isoformat() in schedule.holidays or day.strftime("%m-%d") in schedule.holidays


def _spans(hours: Iterable[Restriction], first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
    for one in hours:
        begin, end = one.span
        for offset in range(days):
            day = first + offset * _DAY
            if DAYS[day.weekday()] in one.days:
                last = day if end > begin else day + _DAY
                yield datetime.combine(day, begin), datetime.combine(last, end)


def _edges(
    schedule: Schedule, zone: ZoneInfo, overrides: Sequence[Override], start: float, end: float
) -> Iterator[float]:
    """Every moment at which somebody else may come on duty."""
    for one in overrides:
        yield from (one.start, one.end)
    first = datetime.fromtimestamp(start, zone).replace(tzinfo=None) - 2 * _DAY
    last = datetime.fromtimestamp(end, zone).replace(tzinfo=None) + 2 * _DAY
    days = (last - first).days + 1
    for layer in schedule.layers:
        turn = timedelta(seconds=layer.turn)
        wall = layer.starts + turn * ((first - layer.starts) // turn)
        while wall <= last:
            yield _moment(wall, zone)
            wall += turn
        for span in _spans(layer.hours, first.date(), days):
            yield from (_moment(wall, zone) for wall in span)
        if layer.holidays != "also":
            midnights = (datetime.combine(first.date() + offset * _DAY, datetime.min.time()) for offset in range(days))
            yield from (_moment(wall, zone) for wall in midnights)


def _moment(wall: datetime, zone: ZoneInfo) -> float:
    """When a clock on the wall first shows this; an hour that is left out counts from where the clock jumps."""
    return wall.replace(tzinfo=zone).timestamp()
