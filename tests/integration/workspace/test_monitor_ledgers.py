"""What is kept of probes, heartbeats and the status page, in SQLite and in PostgreSQL alike."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.postgresql import new_database

from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.clock import VirtualClock, now_ms
from midwatch.server.model.errors import Conflict, NotFound, TooLarge
from midwatch.server.monitors.heartbeats.life import Beat, Condition, Status, heard, passed
from midwatch.server.monitors.heartbeats.schedule import SECOND, Expectation
from midwatch.server.monitors.heartbeats.written import Known, after, known_of, life_of, new_fields
from midwatch.server.workspace import heartbeats as heartbeats_module
from midwatch.server.workspace import probes as probes_module
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.heartbeats import Fields, HeartbeatLedger, Identity, Outcome, Sign
from midwatch.server.workspace.probes import ChangeRecord, DaySeconds, MonitorDays, ProbeLedger, StandingRecord
from midwatch.server.workspace.status_page import Said, StatusLedger

ACTOR = Actor("user", "u", "somebody", Role.EDITOR)
EVERY = Known(Expectation(every_seconds=60.0, grace_seconds=10.0))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'workspace.db'}")
        await opened.open()
        yield opened
        await opened.close()
        return
    with new_database() as url:
        opened = Database(url)
        await opened.open()
        yield opened
        await opened.close()


def beaten(status: Status, at_ns: int) -> heartbeats_module.Work:
    def work(fields: Fields) -> Outcome:
        known = known_of(fields.config)
        return after(fields, heard(life_of(fields.life), known.expectation, Beat(status, at_ns)), known, at_ns)

    return work


def fresh() -> Fields:
    return new_fields(EVERY, "sdk")


def sign(at_ns: int, detail: str = "") -> Sign:
    return Sign(at_ns // 10**6, "ok", "test", detail=detail)


async def test_standings_changes_and_days(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest standing of each location, changes newest first and bounded, seconds of days added up."""
    clock = VirtualClock()
    ledger, days = ProbeLedger(database, clock), MonitorDays(database, clock)
    monkeypatch.setattr(probes_module, "CHANGES_MAX", 3)
    for number in range(5):
        standing = StandingRecord("shop", "server", "up", 1, number, {"standing": {"number": number}})
        await ledger.put([standing], [ChangeRecord("shop", now_ms(clock) + number, "up", "down", "status", "x" * 2000)])
    found = await ledger.standings()
    assert [(one.probe, one.at_ms, one.value) for one in found] == [("shop", 4, {"standing": {"number": 4}})]
    changes = await ledger.changes("shop", limit=100)
    assert [one.at_ms - now_ms(clock) for one in changes] == [4, 3, 2]
    assert len(changes[0].detail) == 1000
    await ledger.keep_only(["other"])
    assert await ledger.standings() == []
    today = clock.now_ns() // 10**9 // 86_400
    for _ in range(2):
        await days.add("probe", {("shop", today): DaySeconds(50.0, 10.0), ("shop", today - 500): DaySeconds(1.0)})
    told = (await days.of("probe", since_day=today - 90, names=["shop"]))["shop"]
    assert told.keys() == {today}
    assert (told[today].up, told[today].down, told[today].availability) == (100.0, 20.0, 100 / 120)
    assert await days.of("heartbeat", since_day=0) == {}


async def test_a_heartbeat_is_made_heard_and_missed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one transaction each; what is due is found; signs and changes are bounded, and NUL is no end of it."""
    clock = VirtualClock()
    ledger, now = HeartbeatLedger(database, clock), clock.now_ns()
    monkeypatch.setattr(heartbeats_module, "SIGNS_MAX", 3)
    one = Identity(1, "job", "production")
    with pytest.raises(NotFound):
        await ledger.heard(one, fresh, beaten(Status.OK, now), sign(now), creates=False)
    touched = await ledger.heard(one, fresh, beaten(Status.OK, now), sign(now, "a\0b"))
    assert (touched.created, touched.changed, touched.row.condition) == (True, True, "up")
    assert (await ledger.signs(touched.row.id))[0].detail == "a�b"
    for number in range(5):
        again = await ledger.heard(one, fresh, beaten(Status.OK, now + number), sign(now + number))
    assert (again.created, again.changed, again.row.id) == (False, False, touched.row.id)
    assert len(await ledger.signs(touched.row.id)) == 3
    assert await ledger.due(now + 60 * SECOND) == []
    late = now + 71 * SECOND
    assert await ledger.due(late) == [touched.row.id]

    def pass_time(fields: Fields) -> Outcome:
        known = known_of(fields.config)
        return after(fields, passed(life_of(fields.life), known.expectation, late), known, late)

    missed = await ledger.change([touched.row.id, "none"], pass_time)
    assert [(found.changed, found.row.condition, found.row.healthy) for found in missed] == [(True, "missed", False)]
    told = [(found.condition_from, found.condition_to) for found in await ledger.changes(touched.row.id)]
    assert told == [("up", "missed"), ("new", "up")]
    with pytest.raises(Conflict):
        await ledger.add(ACTOR, one, new_fields(EVERY, "page"))
    await ledger.remove(ACTOR, touched.row.id)
    assert await ledger.all() == []


async def test_what_the_plan_declares_is_in_every_environment(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first environment takes the declared place, the second has the same schedule; out of the plan all go."""
    clock = VirtualClock()
    ledger, now = HeartbeatLedger(database, clock), clock.now_ns()
    await ledger.declare(1, {"job": lambda fields: fields or new_fields(EVERY, "plan")})
    declared = (await ledger.all())[0]
    for environment in ("production", "staging"):
        await ledger.heard(Identity(1, "job", environment), fresh, beaten(Status.OK, now), sign(now))
    rows = await ledger.named(1, "job")
    assert [(row.environment, row.source) for row in rows] == [("production", "plan"), ("staging", "plan")]
    assert rows[0].id == declared.id
    assert rows[1].condition == Condition.UP
    await ledger.declare(1, {})
    assert await ledger.all() == []
    monkeypatch.setattr(heartbeats_module, "HEARTBEATS_MAX", 0)
    with pytest.raises(TooLarge):
        await ledger.add(ACTOR, Identity(1, "more"), new_fields(EVERY, "page"))


async def test_another_environment_begins_its_own_life(database: Database) -> None:
    """What failed in one environment has not failed in another that is heard of for the first time."""
    clock = VirtualClock()
    ledger, now = HeartbeatLedger(database, clock), clock.now_ns()
    await ledger.heard(Identity(1, "job", "a"), fresh, beaten(Status.FAILED, now), sign(now))
    other = await ledger.heard(Identity(1, "job", "b"), fresh, beaten(Status.STARTED, now), sign(now))
    assert (other.row.condition, other.row.healthy) == ("running", True)


async def test_incidents_are_kept_until_they_are_over(database: Database) -> None:
    """Updates newest first, an end when it is resolved, nothing after it."""
    clock = VirtualClock()
    ledger = StatusLedger(database, clock)
    one = await ledger.add(ACTOR, "incident", Said("We look.", "investigating", "Down", "major", ["Shop"]))
    clock.advance(60)
    await ledger.say(ACTOR, one.id, Said("Mended.", "resolved"))
    found = (await ledger.notices())[0] if await ledger.notices() else None
    assert found is not None
    assert [update["text"] for update in found.updates] == ["Mended.", "We look."]
    assert (found.title, found.impact, found.ends_ms) == ("Down", "major", clock.now_ns() // 10**6)
    with pytest.raises(Conflict):
        await ledger.say(ACTOR, one.id, Said("Again.", "monitoring"))
    await ledger.remove(ACTOR, one.id)
    assert await ledger.notices() == []
