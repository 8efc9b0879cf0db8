"""Who is on duty: turns, hours, holidays and overrides, by the clock on the wall."""

from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midwatch.contract.plan import load
from midwatch.contract.plan.sections.on_call import SECTION, Schedule
from midwatch.server.alerting.oncall.schedule import Override, Shift, next_hand_over, on_duty, shifts

MADRID = ZoneInfo("Europe/Madrid")
WEEKLY = {"people": ["ana", "bo"], "turn": "7d", "starts": "2026-01-05 09:00"}
OFFICE = {"days": ["monday", "tuesday", "wednesday", "thursday", "friday"], "times": "09:00-17:00"}


def schedule(*layers: dict[str, Any], **more: Any) -> Schedule:
    given_ = {"zone": "Europe/Madrid", "layers": tuple(_tuples(one) for one in layers), **more}
    return Schedule.model_validate(given_)


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _tuples(one) for name, one in value.items()}
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=MADRID).timestamp()


def told(found: list[Shift]) -> list[tuple[str, str | None]]:
    return [(datetime.fromtimestamp(one.start, MADRID).strftime("%m-%d %H:%M"), one.person) for one in found]


@pytest.mark.parametrize(
    ("when", "who"),
    [
        ("2026-01-05 09:00", "ana"),
        ("2026-01-12 08:59", "ana"),
        ("2026-01-12 09:00", "bo"),
        ("2026-01-19 09:00", "ana"),
        ("2026-01-05 08:59", "bo"),
        ("2026-03-30 08:59", "bo"),  # the clocks went forward the night before: hand-over stays at nine
        ("2026-03-30 09:00", "ana"),
        ("2026-10-26 08:59", "bo"),
        ("2026-10-26 09:00", "ana"),
    ],
)
def test_turns_change_at_the_same_hour(when: str, who: str) -> None:
    """Each week at nine, before and after daylight saving; before the first turn the order goes on backwards."""
    assert on_duty(schedule(WEEKLY), [], at(when)) == who


def test_the_last_layer_on_duty_counts() -> None:
    """In office hours Cleo, else whose week it is; over a weekend nobody of the office."""
    found = shifts(
        schedule(WEEKLY, {**WEEKLY, "people": ["cleo"], "hours": [OFFICE]}),
        [],
        at("2026-01-09 08:00"),
        at("2026-01-12 18:00"),
    )
    assert told(found) == [
        ("01-09 08:00", "ana"),
        ("01-09 09:00", "cleo"),
        ("01-09 17:00", "ana"),
        ("01-12 09:00", "cleo"),
        ("01-12 17:00", "bo"),
    ]


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    """22 to 6 of Fridays: Saturday morning is on duty, Friday morning is not; without a layer there is nobody."""
    one = schedule({**WEEKLY, "hours": [{"days": ["friday"], "times": "22:00-06:00"}]})
    assert [on_duty(one, [], at(when)) for when in ("2026-01-09 05:00", "2026-01-09 22:00", "2026-01-10 05:59")] == [
        None,
        "ana",
        "ana",
    ]
    assert on_duty(one, [], at("2026-01-10 06:00")) is None


def test_holidays() -> None:
    """A layer that never works on holidays, and one that works only then; a day of every year is one, too."""
    layers = ({**WEEKLY, "people": ["cleo"], "holidays": "only"}, {**WEEKLY, "people": ["ana"], "holidays": "never"})
    one = schedule(*layers, holidays=("2026-04-03", "12-25"))
    found = shifts(one, [], at("2026-04-02 12:00"), at("2026-04-04 12:00"))
    assert told(found) == [("04-02 12:00", "ana"), ("04-03 00:00", "cleo"), ("04-04 00:00", "ana")]
    assert on_duty(one, [], at("2031-12-25 10:00")) == "cleo"


def test_an_override_takes_over_and_gives_back() -> None:
    """The newest of two that overlap counts."""
    overrides = [
        Override(at("2026-01-06 10:00"), at("2026-01-06 14:00"), "bo"),
        Override(at("2026-01-06 12:00"), at("2026-01-06 13:00"), "cleo"),
    ]
    found = shifts(schedule(WEEKLY), overrides, at("2026-01-06 09:00"), at("2026-01-06 15:00"))
    assert [person for _, person in told(found)] == ["ana", "bo", "cleo", "bo", "ana"]
    assert [one.layer for one in found] == [0, -1, -1, -1, 0]


def test_the_next_hand_over() -> None:
    """Somebody alone hands over to nobody."""
    assert next_hand_over(schedule(WEEKLY), [], at("2026-01-07 00:00")) == at("2026-01-12 09:00")
    assert next_hand_over(schedule({**WEEKLY, "people": ["ana"]}), [], at("2026-01-07 00:00")) is None


@given(start=st.floats(1.7e9, 1.9e9), hours=st.integers(1, 24 * 30))
def test_shifts_agree_with_every_moment(start: float, hours: int) -> None:
    """Shifts follow one another without a gap, and at any moment of one its person is on duty."""
    one = schedule(
        WEEKLY,
        {
            "people": ["cleo", "dan"],
            "turn": "12h",
            "starts": "2026-02-01 06:30",
            "hours": [OFFICE],
            "holidays": "never",
        },
        holidays=("01-01",),
    )
    end = start + hours * 3600
    found = shifts(one, [], start, end)
    assert (found[0].start, found[-1].end) == (start, end)
    for shift, after in pairwise(found):
        assert shift.end == after.start
    for shift in found:
        for part in (0.0, 0.5, 0.999):
            assert on_duty(one, [], shift.start + (shift.end - shift.start) * part) == shift.person


BAD = [
    ("turn: 7d", "turn: 5m", "expected at least 1h"),
    ("Europe/Madrid", "Europe/Madird", "expected a zone of the IANA database"),
    ('"2026-01-05 09:00"', '"2026-01-05T09:00Z"', "without a zone: it is of the schedule's"),
    ("people: [ana, bo]", "people: [ana, boo]", "boo: is not in on_call.people; expected one of ana, bo"),
    ("schedules: [primary]", "schedules: [first]", "first: is not in on_call.schedules; expected one of primary"),
    ("- after: 10m\n          people: [bo]", "- after: 10m", "somebody has to be told"),
    ("- schedules: [primary]", "- schedules: [primary]\n          after: 5m", "expected 0, or nothing"),
]


@pytest.mark.parametrize(("right", "wrong", "message"), BAD)
def test_what_is_wrong_in_the_plan_is_told(right: str, wrong: str, message: str) -> None:
    """The documented example is good; each mistake in it is named."""
    assert load({"midwatch.yml": SECTION.example}).problems == ()
    assert right in SECTION.example
    errors = load({"midwatch.yml": SECTION.example.replace(right, wrong)}).errors
    assert any(message in one.message for one in errors), errors


def test_hours_with_nobody_are_a_warning() -> None:
    """A schedule of office hours alone is allowed, and said to have holes."""
    office = SECTION.example.replace('starts: "2026', 'hours: [{times: "09:00-17:00"}]\n          starts: "2026')
    (problem,) = load({"midwatch.yml": office}).problems
    assert (problem.severity, "no layer is on duty at all times" in problem.message) == ("warning", True)
