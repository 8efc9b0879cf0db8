"""From monitors, days and notices to what the public is told. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from midwatch.contract.plan.sections.status_page import Component, StatusPage

HISTORY_DAYS = 90
NOTICE_DAYS = 14
"""For how long what is over stands on the page; the rest is in the feeds and the API."""
DAY_MS = 86_400_000
OVER = ("resolved", "completed")


class State(StrEnum):
    OPERATIONAL = "operational"
    MAINTENANCE = "maintenance"
    DEGRADED = "degraded"
    PARTIAL = "partial_outage"
    MAJOR = "major_outage"
    UNKNOWN = "unknown"
    """Midwatch cannot tell at the moment, and nobody has said anything."""


WORDS = {
    State.OPERATIONAL: "Operational",
    State.MAINTENANCE: "Under maintenance",
    State.DEGRADED: "Degraded",
    State.PARTIAL: "Partial outage",
    State.MAJOR: "Major outage",
    State.UNKNOWN: "Not known",
}
_GRAVITY = {
    State.OPERATIONAL: 0,
    State.UNKNOWN: 1,
    State.MAINTENANCE: 2,
    State.DEGRADED: 3,
    State.PARTIAL: 4,
    State.MAJOR: 5,
}
_BY_IMPACT = {"minor": State.DEGRADED, "major": State.PARTIAL, "critical": State.MAJOR}


@dataclass(frozen=True, slots=True)
class Update:
    at_ms: int
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """An incident or maintenance."""

    id: str
    kind: str
    title: str
    impact: str
    status: str
    components: tuple[str, ...]
    starts_ms: int
    ends_ms: int | None
    updates: tuple[Update, ...]
    changed_ms: int

    def open(self, now_ms: int) -> bool:
        """Maintenance is open while it goes on, and over when somebody says so."""
        if self.status in OVER:
            return False
        return self.kind == "incident" or self.starts_ms <= now_ms

    def upcoming(self, now_ms: int) -> bool:
        return self.kind == "maintenance" and self.status not in OVER and self.starts_ms > now_ms


@dataclass(frozen=True, slots=True)
class Day:
    day: int
    availability: float | None
    """None: nothing is known of it."""


@dataclass(frozen=True, slots=True)
class ComponentView:
    name: str
    group: str
    description: str
    state: State
    days: tuple[Day, ...]
    """The last 90, oldest first; empty where nothing watches it."""
    availability: float | None


@dataclass(frozen=True, slots=True)
class PageView:
    title: str
    description: str
    state: State
    components: tuple[ComponentView, ...]
    current: tuple[Notice, ...]
    upcoming: tuple[Notice, ...]
    past: tuple[Notice, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of monitors: `up`, `down` or another word by name, and seconds of days by name and day."""

    states: Mapping[str, str]
    days: Mapping[str, Mapping[int, tuple[float, float]]]
    """Seconds up and down."""


def page_view(
    page: StatusPage, probes: Watched, heartbeats: Watched, notices: Sequence[Notice], now_ms: int
) -> PageView:
    open_ = [one for one in notices if one.open(now_ms)]
    components = tuple(_component(one, probes, heartbeats, open_, now_ms) for one in page.components)
    states = [one.state for one in components] + [_of_notice(one) for one in open_ if not one.components]
    gravest = max(states, key=_GRAVITY.__getitem__, default=State.OPERATIONAL)
    if gravest is State.MAJOR and len(components) > 1 and any(one.state is not State.MAJOR for one in components):
        gravest = State.PARTIAL
    since_ms = now_ms - NOTICE_DAYS * DAY_MS
    past = [one for one in notices if one.status in OVER and one.changed_ms >= since_ms]
    return PageView(
        page.title,
        page.description,
        gravest,
        components,
        tuple(open_),
        tuple(sorted((one for one in notices if one.upcoming(now_ms)), key=lambda one: one.starts_ms)),
        tuple(past),
        now_ms,
    )


def _component(
    one: Component, probes: Watched, heartbeats: Watched, notices: Sequence[Notice], now_ms: int
) -> ComponentView:
    said = [_of_notice(notice) for notice in notices if one.name in notice.components]
    seen = [probes.states.get(name, "new") for name in one.probes]
    seen += [heartbeats.states.get(name, "new") for name in one.heartbeats]
    # Who works on it is believed before the monitors, but not where they say that it is worse.
    found = [*said, _of_monitors(seen)]
    if State.MAINTENANCE in said and not any(_GRAVITY[state] > _GRAVITY[State.MAINTENANCE] for state in said):
        found = [State.MAINTENANCE]
    days: dict[int, list[tuple[float, float]]] = {}
    for watched, names in ((probes, one.probes), (heartbeats, one.heartbeats)):
        for name in names:
            for day, seconds in watched.days.get(name, {}).items():
                days.setdefault(day, []).append(seconds)
    history = _history(days, now_ms // DAY_MS) if one.probes or one.heartbeats else ()
    up = sum(seconds[0] for found_ in days.values() for seconds in found_)
    down = sum(seconds[1] for found_ in days.values() for seconds in found_)
    whole = up / (up + down) if up + down else None
    return ComponentView(one.name, one.group, one.description, max(found, key=_GRAVITY.__getitem__), history, whole)


def _history(days: Mapping[int, Iterable[tuple[float, float]]], today: int) -> tuple[Day, ...]:
    found = []
    for day in range(today - HISTORY_DAYS + 1, today + 1):
        seconds = list(days.get(day, ()))
        up, down = sum(one[0] for one in seconds), sum(one[1] for one in seconds)
        found.append(Day(day, up / (up + down) if up + down else None))
    return tuple(found)


def _of_notice(notice: Notice) -> State:
    if notice.kind == "maintenance":
        return State.MAINTENANCE
    return _BY_IMPACT.get(notice.impact, State.OPERATIONAL)


def _of_monitors(states: Sequence[str]) -> State:
    known = [one for one in states if one in ("up", "down")]
    if not states:
        return State.OPERATIONAL
    if not known:
        return State.UNKNOWN
    down = known.count("down")
    if not down:
        return State.OPERATIONAL
    return State.MAJOR if down == len(known) else State.PARTIAL


def notice_of(value: Any) -> Notice:
    """Of a row of the workspace."""
    updates = tuple(Update(one["at_ms"], one["status"], one["text"]) for one in value.updates)
    return Notice(
        value.id,
        value.kind,
        value.title,
        value.impact,
        value.status,
        tuple(value.components),
        value.starts_ms,
        value.ends_ms,
        updates,
        value.changed_ms,
    )


def status_word(status: str) -> str:
    return status.replace("_", " ").capitalize()


def utc_time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%-d %b %Y, %H:%M UTC")
