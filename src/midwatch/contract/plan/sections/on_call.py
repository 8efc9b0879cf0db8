"""`on_call`: who is told of pages at which time, and who next when nobody acknowledges."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from midwatch.contract.plan.section import Duration, Model, Name, Remark, Section, Text

PEOPLE_MAX = 200
SCHEDULES_MAX = 50
LAYERS_MAX = 20
STEPS_MAX = 20
REPEAT_MAX = 20
TURN_SECONDS_MIN = 3600.0
PAUSE_SECONDS_MIN = 60.0
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_YEARLY = re.compile(r"(\d{2})-(\d{2})")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError("expected a zone of the IANA database, such as Europe/Madrid") from None
    return name


def _local(text: Any) -> datetime:
    expected = "expected a local date and time, such as 2026-01-05 09:00"
    if not isinstance(text, str):
        raise ValueError(expected)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(expected) from None
    if found.tzinfo is not None:
        raise ValueError(f"{expected}, without a zone: it is of the schedule's")
    return found


def _hours(text: str) -> str:
    found = _HOURS.fullmatch(text)
    if not found or (found[3] == "24" and found[4] != "00"):
        raise ValueError("expected hours such as 09:00-17:00; past midnight 22:00-06:00")
    return text


def _holiday(text: str) -> str:
    try:
        if _YEARLY.fullmatch(text):
            date.fromisoformat(f"2024-{text}")
        else:
            date.fromisoformat(text)
    except ValueError:
        raise ValueError("expected a date, 2026-12-24, or a day of every year, 12-25") from None
    return text


Zone = Annotated[str, AfterValidator(_zone)]
LocalTime = Annotated[
    datetime,
    PlainValidator(_local),
    PlainSerializer(lambda at: at.isoformat(sep=" ", timespec="minutes"), return_type=str),
    WithJsonSchema({"type": "string"}),
]
Hours = Annotated[str, AfterValidator(_hours)]
Holiday = Annotated[str, AfterValidator(_holiday)]


class Person(Model):
    name: Text = ""
    receiver: Name
    """The receiver of `alertmanager.yml` by which they are told."""
    email: Text = ""
    """By which a user of Midwatch is known to be this person."""


class Restriction(Model):
    """When a layer is on duty; `times` past midnight belong to the day on which they begin."""

    days: tuple[Weekday, ...] = DAYS
    times: Hours = "00:00-24:00"

    @property
    def span(self) -> tuple[time, time]:
        """Where both are equal, and where the second is the earlier, it ends on the next day."""
        begin, end = self.times.split("-")
        return time.fromisoformat(begin), time.fromisoformat("00:00" if end == "24:00" else end)


class Layer(Model):
    """People who take turns."""

    people: tuple[Name, ...] = Field(min_length=1, max_length=PEOPLE_MAX)
    turn: Duration = 7 * 86400.0
    starts: LocalTime
    """When the first person's first turn begins: hand-over is at this hour."""
    hours: tuple[Restriction, ...] = Field(default=(), max_length=50)
    """On duty only then; without any, always."""
    holidays: Literal["also", "never", "only"] = "also"

    @model_validator(mode="after")
    def _turn(self) -> "Layer":
        if self.turn < TURN_SECONDS_MIN or self.turn % 60:
            raise ValueError("turn: expected at least 1h, in whole minutes")
        return self


class Schedule(Model):
    """Where several layers have somebody on duty, the last of them counts."""

    description: Text = ""
    zone: Zone = "UTC"
    layers: tuple[Layer, ...] = Field(min_length=1, max_length=LAYERS_MAX)
    holidays: tuple[Holiday, ...] = Field(default=(), max_length=500)


class Step(Model):
    """Who is told `after` so long without an acknowledgement since the step before."""

    after: Duration = 0.0
    schedules: tuple[Name, ...] = ()
    people: tuple[Name, ...] = ()
    receivers: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _somebody(self) -> "Step":
        if not (self.schedules or self.people or self.receivers):
            raise ValueError("expected schedules, people or receivers: somebody has to be told")
        return self


class Escalation(Model):
    """From the top again, `repeat` times, `pause` after the last step, while nobody acknowledges."""

    description: Text = ""
    steps: tuple[Step, ...] = Field(min_length=1, max_length=STEPS_MAX)
    repeat: Annotated[int, Field(ge=0, le=REPEAT_MAX)] = 1
    pause: Duration = 900.0


class OnCall(Model):
    people: Annotated[dict[Name, Person], Field(max_length=PEOPLE_MAX)] = Field(default_factory=dict)
    schedules: Annotated[dict[Name, Schedule], Field(max_length=SCHEDULES_MAX)] = Field(default_factory=dict)
    escalations: Annotated[dict[Name, Escalation], Field(max_length=SCHEDULES_MAX)] = Field(default_factory=dict)


def _check(on_call: OnCall, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    for name, schedule in on_call.schedules.items():
        for number, layer in enumerate(schedule.layers):
            path = ("schedules", name, "layers", number, "people")
            yield from _unknown(layer.people, on_call.people, path, "on_call.people")
    for name, escalation in on_call.escalations.items():
        for number, step in enumerate(escalation.steps):
            at = ("escalations", name, "steps", number)
            yield from _unknown(step.people, on_call.people, (*at, "people"), "on_call.people")
            yield from _unknown(step.schedules, on_call.schedules, (*at, "schedules"), "on_call.schedules")
        if escalation.pause < PAUSE_SECONDS_MIN:
            yield ("escalations", name, "pause"), "pause: expected at least 1m"
        if escalation.steps[0].after:
            path = ("escalations", name, "steps", 0, "after")
            yield path, "after: expected 0, or nothing: the first step is when the alert is told of"


def _unknown(
    names: Iterable[str], known: Mapping[str, Any], path: tuple[str | int, ...], where: str
) -> Iterable[Remark]:
    for index, one in enumerate(names):
        if one not in known:
            expected = f"one of {', '.join(sorted(known))}" if known else "somebody there"
            yield (*path, index), f"{one}: is not in {where}; expected {expected}"


def _advise(on_call: OnCall, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    for name, schedule in on_call.schedules.items():
        if all(layer.hours or layer.holidays != "also" for layer in schedule.layers):
            yield ("schedules", name), "no layer is on duty at all times: there may be hours with nobody"


SECTION: Section[OnCall] = Section(
    name="on_call",
    help="Who is on call when, and how a page climbs while nobody acknowledges it.",
    type=OnCall,
    empty=OnCall,
    check=_check,
    advise=_advise,
    example="""on_call:
  people:
    ana: {name: Ana, receiver: ana-phone, email: ana@example.com}
    bo: {name: Bo, receiver: bo-phone}
  schedules:
    primary:
      zone: Europe/Madrid
      layers:
        - people: [ana, bo]
          turn: 7d
          starts: "2026-01-05 09:00"
  escalations:
    page:
      repeat: 2
      steps:
        - schedules: [primary]
        - after: 10m
          people: [bo]
        - after: 15m
          receivers: [everyone]
""",
)
