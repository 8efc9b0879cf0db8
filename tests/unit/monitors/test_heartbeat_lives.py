"""Heartbeats on a timeline: late, missed, failed, over time, overlapping; clocks that change, jump and stand still."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from midwatch.server.monitors.heartbeats.life import (
    RUNS_MAX,
    Beat,
    Condition,
    Gap,
    Life,
    Status,
    due_ns,
    heard,
    passed,
    rescheduled,
    turned_back,
)
from midwatch.server.monitors.heartbeats.schedule import (
    BadSchedule,
    Expectation,
    check_schedule,
    next_after,
    next_expected,
)

SECOND, MINUTE, HOUR = 10**9, 60 * 10**9, 3600 * 10**9
BERLIN = "Europe/Berlin"
EVERY = Expectation(every_seconds=300.0, grace_seconds=60.0)
NIGHTLY = Expectation(cron="30 2 * * *", time_zone=BERLIN, grace_seconds=600.0, max_runtime_seconds=1800.0)
N, U, R, L, M, F, V, X = (
    Condition.NEW,
    Condition.UP,
    Condition.RUNNING,
    Condition.LATE,
    Condition.MISSED,
    Condition.FAILED,
    Condition.OVERTIME,
    Condition.UNKNOWN,
)


def at(text: str, zone: str = BERLIN) -> int:
    """`2026-03-29 02:30` as nanoseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * SECOND


def shown(ns: int | None, zone: str = BERLIN) -> str:
    assert ns is not None
    return datetime.fromtimestamp(ns / SECOND, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %Z")


class Line:
    """A life that is looked at whenever something is due, as the server does it."""

    def __init__(self, expectation: Expectation, now_ns: int) -> None:
        self.expectation, self.now, self.life = expectation, now_ns, Life()
        self.seen: list[tuple[int, Condition]] = []

    def until(self, now_ns: int) -> "Line":
        while (due := due_ns(self.life, self.expectation)) is not None and due <= now_ns:
            self._note(passed(self.life, self.expectation, due), due)
        self.now = now_ns
        self._note(passed(self.life, self.expectation, now_ns), now_ns)
        return self

    def after(self, seconds: float) -> "Line":
        return self.until(self.now + int(seconds * SECOND))

    def beat(self, status: Status, run: str = "", seconds: float | None = None) -> "Line":
        self._note(heard(self.life, self.expectation, Beat(status, self.now, run, seconds)), self.now)
        return self

    def ok(self, run: str = "") -> "Line":
        return self.beat(Status.OK, run)

    def start(self, run: str = "") -> "Line":
        return self.beat(Status.STARTED, run)

    def fail(self, run: str = "") -> "Line":
        return self.beat(Status.FAILED, run)

    def _note(self, life: Life, now_ns: int) -> None:
        if life.condition is not self.life.condition:
            self.seen.append((now_ns, life.condition))
        self.life = life

    @property
    def conditions(self) -> list[Condition]:
        return [one for _, one in self.seen]


def test_nobody_is_missed_before_they_were_heard_of() -> None:
    """A heartbeat that never came is new, however long."""
    line = Line(EVERY, at("2026-01-01 00:00")).after(86_400)
    assert (line.life.condition, due_ns(line.life, EVERY)) == (N, None)


def test_late_then_missed_then_up_again() -> None:
    """Late right after its moment, missed right after its grace, not a nanosecond before; up with the next sign."""
    start = at("2026-01-01 00:00")
    line = Line(EVERY, start).ok()
    assert passed(line.life, EVERY, start + 300 * SECOND).condition is U
    line.after(300 + 60)
    assert line.life.condition is L
    assert line.life.healthy
    line.after(10)
    assert (line.life.condition, line.life.healthy, line.life.failures) == (M, False, 1)
    assert line.seen[1:] == [(start + 300 * SECOND + 1, L), (start + 360 * SECOND + 1, M)]
    line.after(60).ok()
    assert (line.life.condition, line.life.healthy, line.life.failures, line.life.reason) == (U, True, 0, "")


def test_every_moment_that_passes_counts() -> None:
    """With a threshold of three it is down at the third miss; with two recoveries it is up at the second sign."""
    expectation = Expectation(every_seconds=300.0, grace_seconds=60.0, failures=3, recoveries=2)
    line = Line(expectation, 0).ok()
    line.after(361)
    assert (line.life.failures, line.life.healthy) == (1, True)
    line.after(300)
    assert (line.life.failures, line.life.healthy) == (2, True)
    line.after(300)
    assert (line.life.failures, line.life.healthy) == (3, False)
    line.ok()
    assert not line.life.healthy
    line.after(100).ok()
    assert (line.life.healthy, line.life.failures) == (True, 0)


def test_a_failure_is_told_at_once_and_keeps_the_rhythm() -> None:
    """Failed until a success; the next moment is expected as after any sign."""
    line = Line(EVERY, 0).ok().after(300).fail()
    assert (line.life.condition, line.life.healthy, line.life.reason) == (F, False, "it says that it failed")
    line.after(300).ok()
    assert line.conditions == [U, F, U]
    line.after(100).beat(Status.LOG)
    assert line.life.last_ns == 600 * SECOND


def test_a_run_is_timed_and_may_take_too_long() -> None:
    """From start to end by its name; over its time it has failed, and its end makes it up again."""
    expectation = Expectation(every_seconds=3600.0, grace_seconds=60.0, max_runtime_seconds=600.0)
    line = Line(expectation, 0).start("a").after(120).ok("a")
    assert (line.life.condition, line.life.last_seconds, line.life.runs) == (U, 120.0, ())
    line.after(1000).start("b").after(600)
    assert line.life.condition is R
    line.after(1)
    assert (line.life.condition, line.life.healthy) == (V, False)
    assert line.life.reason == "a run takes longer than 10 min"
    line.after(100).ok("b")
    assert (line.life.condition, line.life.healthy) == (U, True)
    line.beat(Status.OK, seconds=7.5)
    assert line.life.last_seconds == 7.5


def test_runs_that_overlap_are_noticed() -> None:
    """A second run while one is open; without names a second start; none when the first has ended."""
    line = Line(EVERY, 0).start("a").after(1).start("a")
    assert not line.life.overlapping
    line.after(1).start("b")
    assert (line.life.overlapping, len(line.life.runs)) == (True, 2)
    line.after(1).ok("a")
    assert (line.life.overlapping, line.life.condition) == (True, R)
    line.after(1).ok("b")
    assert (line.life.overlapping, line.life.condition) == (False, U)
    line.start().after(1).start()
    assert line.life.overlapping
    for number in range(RUNS_MAX + 10):
        line.start(str(number))
    assert len(line.life.runs) == RUNS_MAX


def test_while_it_runs_nobody_is_missed() -> None:
    """A run that spans the next moment is no miss; when it is over its time, that is told instead."""
    expectation = Expectation(every_seconds=300.0, grace_seconds=60.0, max_runtime_seconds=900.0)
    line = Line(expectation, 0).start().after(800)
    assert line.conditions == [R]
    line.after(101)
    assert line.conditions == [R, V]
    assert line.life.failures == 1


def test_what_was_sent_late_changes_nothing() -> None:
    """A sign from before the newest one, which an app kept while it was offline."""
    line = Line(EVERY, 1000 * SECOND).ok()
    old = heard(line.life, EVERY, Beat(Status.FAILED, 999 * SECOND))
    assert old == line.life


def test_nothing_is_expected_without_a_schedule() -> None:
    """Failures and runs are judged, absence is not."""
    line = Line(Expectation(), 0).ok().after(10**7)
    assert line.life.condition is U
    assert line.fail().life.healthy is False


DST = [
    # A moment that is skipped comes right after the gap; the night after is as always.
    ("30 2 * * *", "2026-03-28 12:00", ["2026-03-29 03:00 CEST", "2026-03-30 02:30 CEST"]),
    # A moment that comes twice counts once.
    ("30 2 * * *", "2026-10-24 12:00", ["2026-10-25 02:30 CEST", "2026-10-26 02:30 CET"]),
    # What runs every half hour runs on through both.
    ("*/30 * * * *", "2026-03-29 01:15", ["2026-03-29 01:30 CET", "2026-03-29 03:00 CEST", "2026-03-29 03:30 CEST"]),
    (
        "*/30 * * * *",
        "2026-10-25 01:45",
        ["2026-10-25 02:00 CEST", "2026-10-25 02:30 CEST", "2026-10-25 02:00 CET", "2026-10-25 02:30 CET"],
    ),
    ("0 9 * * 1-5", "2026-03-27 10:00", ["2026-03-30 09:00 CEST", "2026-03-31 09:00 CEST"]),
]


@pytest.mark.parametrize(("cron", "start", "expected"), DST)
def test_schedules_over_changes_of_the_clock(cron: str, start: str, expected: list[str]) -> None:
    """As Debian's cron has it, in the schedule's own zone."""
    expectation, now, found = Expectation(cron=cron, time_zone=BERLIN), at(start), []
    for _ in expected:
        following = next_after(expectation, now)
        assert following is not None
        found.append(shown(following))
        now = following
    assert found == expected


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
def test_a_nightly_job_is_no_alarm_when_clocks_change(night: str) -> None:
    """The job that cron runs at its moment of that night is heard in time, and the next night's too; one that stays
    away is missed that night."""
    before = {"2026-03-29": "2026-03-28", "2026-10-25": "2026-10-24"}[night]
    line = Line(NIGHTLY, at(f"{before} 02:30"))
    line.start().after(300).ok()
    moment = next_after(NIGHTLY, line.now)
    assert moment is not None
    line.until(moment + 2 * SECOND).start().after(600).ok()
    assert M not in line.conditions
    assert L not in line.conditions[-2:]
    following = next_after(NIGHTLY, line.now)
    assert following is not None
    line.until(following + 3 * SECOND).ok()
    assert M not in line.conditions
    absent = next_after(NIGHTLY, line.now)
    assert absent is not None
    line.until(absent + 600 * SECOND)
    assert line.life.condition is L
    line.after(1)
    assert line.life.condition is M


def test_a_sign_that_comes_a_little_early_is_for_its_moment() -> None:
    """Clocks differ: two seconds before 2:30 is 2:30's, and the next is expected tomorrow; an hour before is not."""
    assert shown(next_expected(NIGHTLY, at("2026-06-01 02:29") + 58 * SECOND)) == "2026-06-02 02:30 CEST"
    assert shown(next_expected(NIGHTLY, at("2026-06-01 01:30"))) == "2026-06-01 02:30 CEST"
    minutely = Expectation(cron="* * * * *")
    assert next_expected(minutely, at("2026-06-01 01:00") + 50 * SECOND) == at("2026-06-01 01:01")
    assert next_expected(minutely, at("2026-06-01 01:00") + 55 * SECOND) == at("2026-06-01 01:02")


def test_a_run_that_ends_just_before_the_next_moment_does_not_stand_for_it() -> None:
    """What counts for a schedule is when a run began."""
    hourly = Expectation(cron="0 * * * *", grace_seconds=300.0, max_runtime_seconds=3600.0)
    line = Line(hourly, at("2026-06-01 01:00")).start().after(3570).ok()
    assert line.life.expected_ns == at("2026-06-01 02:00")
    line.after(400)
    assert line.life.condition is M


def test_while_midwatch_was_away_nobody_is_missed() -> None:
    """A moment of which nothing could be heard is unknown and no failure; the next one is judged as ever."""
    line = Line(EVERY, 0).ok()
    gap = Gap(200 * SECOND, 5000 * SECOND)
    away = passed(line.life, EVERY, 5000 * SECOND, gap)
    assert (away.condition, away.healthy, away.failures) == (X, True, 0)
    assert away.reason == "Midwatch could hear nobody for 4800 s"
    assert away.expected_ns == 5300 * SECOND
    assert passed(away, EVERY, 5361 * SECOND).condition is M
    again = heard(away, EVERY, Beat(Status.OK, 5100 * SECOND))
    assert again.condition is U


def test_what_was_missed_before_midwatch_went_away_stays_missed() -> None:
    """A gap excuses the moments that it covers, not those before it."""
    line = Line(EVERY, 0).ok().after(400)
    assert line.life.condition is M
    away = passed(line.life, EVERY, 5000 * SECOND, Gap(450 * SECOND, 5000 * SECOND))
    assert (away.condition, away.healthy, away.failures) == (M, False, 1)


def test_a_run_whose_end_could_not_be_heard_is_unknown() -> None:
    """It began before the gap and may have ended in it."""
    expectation = Expectation(every_seconds=86_400.0, max_runtime_seconds=600.0)
    line = Line(expectation, 0).start()
    away = passed(line.life, expectation, 5000 * SECOND, Gap(100 * SECOND, 5000 * SECOND))
    assert (away.condition, away.runs, away.healthy) == (X, (), True)


def test_a_clock_that_is_set_back_moves_what_is_expected() -> None:
    """The machine's clock was five hours ahead: nothing lies in the future but the next moment by the right time."""
    line = Line(NIGHTLY, at("2026-06-01 05:00")).ok()
    assert shown(line.life.expected_ns) == "2026-06-02 02:30 CEST"
    back = turned_back(line.life, NIGHTLY, at("2026-06-01 00:00"))
    assert shown(back.expected_ns) == "2026-06-01 02:30 CEST"
    assert back.last_ns == at("2026-06-01 00:00")
    assert heard(back, NIGHTLY, Beat(Status.OK, at("2026-06-01 00:10"))).last_ns == at("2026-06-01 00:10")


def test_a_clock_that_leaps_years_is_judged_at_once() -> None:
    """A thousand moments are counted one by one, the rest passed over: the look ends."""
    line = Line(EVERY, 0).ok()
    far = passed(line.life, EVERY, 3 * 365 * 24 * HOUR)
    assert far.condition is M
    assert far.failures == 1000
    assert far.expected_ns is not None
    assert far.expected_ns > 3 * 365 * 24 * HOUR


def test_a_new_schedule_forgives_what_the_old_one_missed() -> None:
    """Missed or late by the old one is up by the new one; what failed stays failed."""
    line = Line(EVERY, 0).ok().after(400)
    slower = Expectation(every_seconds=3600.0)
    changed = rescheduled(line.life, slower, line.now)
    assert (changed.condition, changed.healthy, changed.expected_ns) == (U, True, line.now + HOUR)
    failed = rescheduled(line.fail().life, slower, line.now)
    assert (failed.condition, failed.healthy) == (F, False)


BAD = [
    ("61 * * * *", "UTC", "schedule=61 * * * *: expected a line of a crontab"),
    ("* * * *", "UTC", "expected a line of a crontab"),
    ("0 0 31 2 *", "UTC", "Bad day-of-month"),
    ("0 3 * * *", "Mars/Olympus", "time_zone=Mars/Olympus: expected a time zone"),
    ("0 3 * * *", "../etc/passwd", "expected a time zone"),
    ("* " * 200, "UTC", "expected a line of a crontab"),
    ("٠ * * * *", "UTC", "expected a line of a crontab"),
]


@pytest.mark.parametrize(("cron", "zone", "said"), BAD)
def test_schedules_that_are_none_are_refused(cron: str, zone: str, said: str) -> None:
    """With what is wrong and an example."""
    with pytest.raises(BadSchedule) as raised:
        check_schedule(cron, zone)
    assert said in str(raised.value)
    check_schedule("*/5 8-18 * * MON-FRI", "America/New_York")
