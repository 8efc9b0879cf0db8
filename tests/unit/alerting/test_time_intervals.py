"""Intervals of time: what they hold, in their zone, over months of every length."""

from datetime import datetime

import pytest
from pydantic import TypeAdapter

from midwatch.contract.plan.explain import listed
from midwatch.server.alerting.config.intervals import HolidaysConfig, TimeIntervalConfig

INTERVAL = TypeAdapter(TimeIntervalConfig)
HOURS = {"weekdays": ["monday:friday"], "times": [{"start_time": "09:00", "end_time": "17:00"}]}


def at(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1e9)


@pytest.mark.parametrize(
    ("said", "moment", "holds"),
    [
        ({}, "2026-03-01T00:00:00Z", True),
        (HOURS, "2026-03-02T09:00:00Z", True),
        (HOURS, "2026-03-02T08:59:59Z", False),
        (HOURS, "2026-03-02T16:59:59Z", True),
        (HOURS, "2026-03-02T17:00:00Z", False),
        (HOURS, "2026-03-07T12:00:00Z", False),
        # Berlin is an hour ahead in winter and two in summer; clocks change on 29 March 2026.
        (HOURS | {"location": "Europe/Berlin"}, "2026-03-27T08:00:00Z", True),
        (HOURS | {"location": "Europe/Berlin"}, "2026-03-27T07:59:00Z", False),
        (HOURS | {"location": "Europe/Berlin"}, "2026-03-30T07:00:00Z", True),
        (HOURS | {"location": "Europe/Berlin"}, "2026-03-30T15:00:00Z", False),
        ({"times": [{"start_time": "22:00", "end_time": "24:00"}]}, "2026-03-02T23:59:59Z", True),
        ({"weekdays": ["sunday"]}, "2026-03-01T12:00:00Z", True),
        ({"weekdays": ["Saturday", "sunday"]}, "2026-03-02T12:00:00Z", False),
        ({"days_of_month": ["1:5", "-3:-1"]}, "2026-02-26T12:00:00Z", True),
        ({"days_of_month": ["1:5", "-3:-1"]}, "2026-02-25T12:00:00Z", False),
        ({"days_of_month": ["-1"]}, "2028-02-29T12:00:00Z", True),
        ({"days_of_month": ["-1"]}, "2028-02-28T12:00:00Z", False),
        # From the 31st on: not in a month that has none, and not clamped to its last day.
        ({"days_of_month": ["31"]}, "2026-04-30T12:00:00Z", False),
        ({"days_of_month": ["29:31"]}, "2026-04-30T12:00:00Z", True),
        ({"months": ["january:march", "12"]}, "2026-12-31T12:00:00Z", True),
        ({"months": ["january:march", "12"]}, "2026-04-01T00:00:00Z", False),
        ({"years": ["2026:2027"]}, "2027-06-01T00:00:00Z", True),
        ({"years": ["2026:2027"]}, "2028-01-01T00:00:00Z", False),
        # It is still last year in New York.
        ({"years": ["2026"], "location": "America/New_York"}, "2027-01-01T04:59:59Z", True),
    ],
)  # fmt: skip
def test_an_interval_holds_a_moment(said: dict[str, object], moment: str, holds: bool) -> None:
    """Of each kind of which something is said, one span has to hold it."""
    assert INTERVAL.validate_python(listed(said)).interval().holds(at(moment)) is holds


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        ("2026-12-24T22:59:59Z", False),
        ("2026-12-24T23:00:00Z", True),
        ("2026-12-25T22:59:59Z", True),
        ("2026-12-25T23:00:00Z", False),
        ("2031-12-25T12:00:00Z", True),
        ("2026-04-03T12:00:00Z", True),
        ("2027-04-03T12:00:00Z", False),
    ],
)
def test_holidays_are_whole_days_in_their_zone(moment: str, holds: bool) -> None:
    """Of one year, or of every year."""
    said = HolidaysConfig(name="holidays", dates=("12-25", "2026-04-03"), location="Europe/Berlin")
    assert said.interval().holds(at(moment)) is holds


@pytest.mark.parametrize(
    "said",
    [
        {"weekdays": ["someday"]},
        {"weekdays": ["friday:monday"]},
        {"weekdays": ["monday:tuesday:friday"]},
        {"days_of_month": ["0"]},
        {"days_of_month": ["32"]},
        {"days_of_month": ["-3:5"]},
        {"days_of_month": ["5:-28"]},
        {"days_of_month": ["9:3"]},
        {"months": ["13"]},
        {"months": ["march:january"]},
        {"years": ["2027:2026"]},
        {"years": ["now"]},
        {"location": "Atlantis/Capital"},
        {"times": [{"start_time": "09:00", "end_time": "09:00"}]},
        {"times": [{"start_time": "09:60", "end_time": "10:00"}]},
        {"times": [{"start_time": "09:00"}]},
    ],
)
def test_what_is_no_interval_is_refused(said: dict[str, object]) -> None:
    """As by Alertmanager."""
    with pytest.raises(ValueError):  # noqa: PT011 - the messages are tested with their places
        INTERVAL.validate_python(listed(said))
