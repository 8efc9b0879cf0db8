"""Alerts from nothing to firing and back, on a virtual clock, as Prometheus's own rules do it."""

import pytest

from midwatch.server.model.clock import VirtualClock, now_ms
from midwatch.server.promql import Engine
from midwatch.server.rules.alerts import State, Transition
from midwatch.server.rules.evaluation import Outcome, World
from midwatch.server.rules.evaluator import Evaluator, Remembered
from midwatch.server.rules.files import read_rules
from midwatch.server.rules.model import RuleSet
from midwatch.server.rules.schedule import last_due

from .fake_series import Courses, between

MINUTE = 60_000
START_MS = 1_700_000_000_000 // MINUTE * MINUTE


def rules(body: str, *, interval: str = "1m", head: str = "") -> RuleSet:
    indented = "\n".join(f"      {line}" for line in body.strip("\n").splitlines())
    read = read_rules("rules/a.yml", f"groups:\n  - name: g\n    interval: {interval}\n{head}    rules:\n{indented}\n")
    assert read.rules is not None, read.problems
    return read.rules


class Night:
    """An evaluator whose clock is moved on; `changes` are all transitions so far, in minutes from the start."""

    def __init__(self, loaded: RuleSet) -> None:
        self.clock = VirtualClock(START_MS * 1_000_000)
        self.courses = Courses()
        self.evaluator = Evaluator(World(Engine(), self.clock))
        self.evaluator.load(loaded, START_MS)
        self.transitions: list[Transition] = []
        self.zero = last_due(loaded.groups[0], START_MS)

    def at(self, minute: int) -> int:
        """A little before the group is evaluated for the minute: samples from then on are seen in it."""
        return self.zero + minute * MINUTE - 20_000

    def minutes(self, count: float, *, visible_ms: int | None = None) -> Outcome:
        out = Outcome()
        for _ in range(int(count * 4)):
            self.clock.advance(15)
            out.join(self.evaluator.step(self.courses, now_ms(self.clock), visible_ms))
        self.transitions += out.transitions
        return out

    @property
    def changes(self) -> list[tuple[float, str, str]]:
        return [((one.at_ms - self.zero) / MINUTE, one.before.value, one.after.value) for one in self.transitions]


@pytest.fixture
def queue() -> Night:
    """A queue that is too long from minute 5 to 20, with two minutes of patience and three of keeping on."""
    text = (
        "- alert: QueueLong\n  expr: queue_length > 100\n  for: 2m\n  keep_firing_for: 3m\n  labels: {severity: page}"
    )
    night = Night(rules(text))
    night.courses.put("queue_length", between(night.at(5), night.at(20), 150, 3), queue="mail")
    return night


def test_an_alert_fires_after_its_for_and_not_a_minute_before(queue: Night) -> None:
    """Pending with the first element, firing when that is `for` ago, kept for `keep_firing_for`, then resolved."""
    queue.minutes(30)
    assert queue.changes == [(5, "inactive", "pending"), (7, "pending", "firing"), (23, "firing", "inactive")]
    assert dict(queue.transitions[0].labels) == {"alertname": "QueueLong", "queue": "mail", "severity": "page"}


def test_a_pending_alert_whose_condition_ends_is_forgotten(queue: Night) -> None:
    """It never fired: nobody is told, and it begins anew."""
    queue.courses.put("queue_length", between(queue.at(5), queue.at(6), 150, 3), queue="mail")
    queue.minutes(10)
    assert queue.changes == [(5, "inactive", "pending"), (6, "pending", "inactive")]
    assert queue.evaluator.owed(now_ms(queue.clock)) == []


def test_alerts_are_told_at_once_again_every_minute_and_after_their_end(queue: Night) -> None:
    """Firing: ends four minutes from now unless told again. Resolved: with the time of it, for fifteen minutes more."""
    queue.minutes(7.75)
    now = now_ms(queue.clock)
    (told,) = queue.evaluator.owed(now)
    assert told.starts_at_ns == (queue.zero + 7 * MINUTE) * 1_000_000
    assert told.ends_at_ns == (now + 4 * MINUTE) * 1_000_000
    assert queue.evaluator.owed(now + 59_000) == []
    assert len(queue.evaluator.owed(now + 60_000)) == 1
    queue.minutes(16)
    (told,) = queue.evaluator.owed(now_ms(queue.clock))
    assert told.ends_at_ns == (queue.zero + 23 * MINUTE) * 1_000_000
    queue.minutes(17)
    assert queue.evaluator.owed(now_ms(queue.clock)) == []


def test_what_was_not_told_is_owed_again(queue: Night) -> None:
    """A receiver that cannot take it now gets it at the next attempt."""
    queue.minutes(8)
    assert len(queue.evaluator.owed(now_ms(queue.clock))) == 1
    queue.evaluator.not_told()
    assert len(queue.evaluator.owed(now_ms(queue.clock))) == 1


def test_while_queries_see_nothing_new_rules_hold_and_miss_nothing() -> None:
    """Ten minutes without new data: nothing changes; then all is evaluated for its own time, with the same result."""
    text = (
        "- alert: Gone\n  expr: absent(up)\n  for: 1m\n"
        "- alert: Slow\n  expr: latency > 1\n  for: 2m\n"
        "- alert: Blip\n  expr: blip > 1\n"
    )
    seen, held = Night(rules(text)), Night(rules(text))
    for night in (seen, held):
        night.courses.put("up", lambda at: 1.0)
        night.courses.put("latency", between(night.at(4), night.at(40), 2))
        night.courses.put("blip", between(night.at(5), night.at(7), 2))
    seen.minutes(14)
    held.minutes(3)
    stuck_ms = now_ms(held.clock)
    up = held.courses.series.pop("up[]")
    assert held.minutes(10, visible_ms=stuck_ms).transitions == []
    held.courses.series["up[]"] = up
    held.minutes(1)
    assert held.changes == seen.changes
    assert [one[2] for one in held.changes if one[0] == 6] == ["firing"]


def test_a_restart_goes_on_where_it_was(queue: Night) -> None:
    """Firing alerts stay so without a second start; of pending ones the time in which nobody looked does not count."""
    queue.minutes(6)
    (pending,) = queue.evaluator.groups["rules/a.yml;g"].rules[0].alerts
    assert pending.state is State.PENDING
    again = Night(queue.evaluator.rules)
    again.courses = queue.courses
    again.clock.advance(9 * 60)
    rule_id = queue.evaluator.rules.groups[0].rules[0].id
    began_ms = pending.active_at_ms
    again.evaluator.groups.clear()
    again.evaluator.load(queue.evaluator.rules, now_ms(again.clock))
    again.evaluator.restore([Remembered(rule_id, pending)], now_ms(queue.clock), now_ms(again.clock))
    again.minutes(4)
    assert [change[1:] for change in again.changes] == [("pending", "firing")]
    assert pending.active_at_ms == began_ms + now_ms(again.clock) - 4 * MINUTE - now_ms(queue.clock)
    assert 2 * MINUTE <= again.transitions[0].at_ms - pending.active_at_ms < 3 * MINUTE
