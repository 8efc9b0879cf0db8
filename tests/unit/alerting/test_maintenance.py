"""Maintenance windows: nobody is told of what is worked on, by the clock on the wall, and when it was is known."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from midwatch.contract.plan import load
from midwatch.contract.plan.sections.maintenance import SECTION
from midwatch.server.alerting.configuration import Configuration, Receiver, built_in
from midwatch.server.alerting.dispatcher import Dispatcher
from midwatch.server.alerting.maintenance import MaintenanceWindows, check_windows
from midwatch.server.model.alert import Alert
from midwatch.server.model.notification import Integration
from midwatch.server.rehearsal.told import Captured

MADRID = ZoneInfo("Europe/Madrid")
NS = 10**9


def at(text: str, zone: ZoneInfo = MADRID) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def windows(text: str = SECTION.example) -> MaintenanceWindows:
    loaded = load({"midwatch.yml": text}, checks=[check_windows])
    assert loaded.plan is not None, loaded.problems
    return MaintenanceWindows(loaded.plan.values[SECTION.name])


@pytest.mark.parametrize(
    ("when", "labels", "held"),
    [
        ("2026-11-29 03:00", {"service": "api"}, ["weekly-patches"]),
        ("2026-11-29 04:59", {"service": "api"}, ["weekly-patches"]),
        ("2026-11-29 05:00", {"service": "api"}, []),
        ("2026-11-29 02:59", {"service": "api"}, []),
        ("2026-11-29 03:30", {"service": "web"}, []),
        ("2026-11-30 03:30", {"service": "api"}, []),
        ("2026-12-06 00:30", {"service": "web"}, ["move-of-the-database"]),
        ("2026-12-06 04:30", {"service": "api"}, ["weekly-patches", "move-of-the-database"]),
    ],
)
def test_when_it_is_time(when: str, labels: dict[str, str], held: list[str]) -> None:
    """From its moment on until before its end, for the labels that are meant; one without zone is UTC's."""
    assert windows().holding(labels, int(at(when) * NS)) == held


def test_one_object_knows_the_time_as_it_goes_and_as_it_goes_back() -> None:
    """What it remembers of a window is right until the window's next edge, and no longer; minute by minute over a
    week and back."""
    kept, labels = windows(), {"service": "api"}
    minutes = range(int(at("2026-11-28 00:00")), int(at("2026-12-07 00:00")), 1800)
    for moment in (*minutes, *reversed(minutes)):
        assert kept.holding(labels, moment * NS) == windows().holding(labels, moment * NS), moment


def test_when_it_was() -> None:
    """Each Sunday of a stretch; one that had begun before is among them. The night that the clocks go back, too."""
    found = windows().times({"service": "api"}, at("2026-10-18 04:00"), at("2026-11-02 00:00"))
    assert [datetime.fromtimestamp(one.start, MADRID).strftime("%m-%d %H:%M") for one in found] == [
        "10-18 03:00",
        "10-25 03:00",
        "11-01 03:00",
    ]
    assert {one.end - one.start for one in found} == {7200}


def test_alerts_are_held_back_and_told_afterwards() -> None:
    """What still fires when the window is over is told of then; nobody was told within."""
    receiver = Receiver("page", integrations={Integration("page", "log"): None})
    configuration = Configuration(built_in().root, {"page": receiver})
    log = Captured()
    dispatcher = Dispatcher(configuration, log, maintenance=windows())
    begin = int(at("2026-11-29 04:30") * NS)
    dispatcher.put([Alert({"alertname": "Down", "service": "api"}, begin, 2**62)], begin)

    async def run() -> None:
        wake = begin
        while wake < int(at("2026-11-29 05:30") * NS):
            wake = max(await dispatcher.step(wake), wake + 1)

    asyncio.run(run())
    (told,) = log.notifications
    assert at("2026-11-29 05:00") <= told.at_ns / NS <= at("2026-11-29 05:06")
    kinds = [one.kind.value for one in dispatcher.notes.events]
    assert kinds == ["firing", "muted", "notified"]


BAD = [
    ("duration: 2h", "duration: 20d", "at most 14d"),
    ("    duration: 2h\n", "", "expected either starts and ends, or schedule and duration"),
    ('"0 3 * * sun"', '"0 25 * * sun"', "expected a line of a crontab"),
    ('ends: "2026-12-06', 'ends: "2026-12-04', "expected ends after starts"),
    ("name: move-of-the-database", "name: weekly-patches", "expected a name that no other window has"),
]


@pytest.mark.parametrize(("right", "wrong", "message"), BAD)
def test_what_is_wrong_is_told(right: str, wrong: str, message: str) -> None:
    assert right in SECTION.example
    errors = load({"midwatch.yml": SECTION.example.replace(right, wrong)}, checks=[check_windows]).errors
    assert any(message in one.message for one in errors), errors
