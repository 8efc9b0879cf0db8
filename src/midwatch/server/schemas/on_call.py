"""Who is on call."""

from pydantic import Field

from midwatch.server.schemas.base import Schema


class OnCallPerson(Schema):
    id: str
    name: str
    receiver: str


class OnCallOverride(Schema):
    id: str
    schedule: str
    person: str
    start: str
    end: str
    created_by: str
    reason: str


class OnCallSchedule(Schema):
    name: str
    description: str
    zone: str
    on_duty: str | None
    """A person's id; none: nobody is."""
    until: str | None
    """When somebody else is; none: not within eight weeks."""
    people: list[str]


class OnCallStep(Schema):
    after_seconds: float
    schedules: list[str]
    people: list[str]
    receivers: list[str]


class OnCallEscalation(Schema):
    name: str
    description: str
    repeat: int
    pause_seconds: float
    steps: list[OnCallStep]


class OnCallAnswer(Schema):
    people: list[OnCallPerson]
    schedules: list[OnCallSchedule]
    escalations: list[OnCallEscalation]
    overrides: list[OnCallOverride]


class OnCallShift(Schema):
    start: str
    end: str
    person: str | None
    by: str
    """`override`, or the layer by its number from 1; empty where nobody is."""


class OnCallShifts(Schema):
    schedule: str
    zone: str
    shifts: list[OnCallShift]


class OverrideRequest(Schema):
    person: str = Field(max_length=200)
    start: str
    end: str
    reason: str = Field(default="", max_length=1000)
