"""The loop around the rules, by its ticks: what is told, kept and written, with the store there and without it."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.alert import Alert
from midwatch.server.model.clock import VirtualClock, now_ms
from midwatch.server.model.errors import Unavailable
from midwatch.server.model.signal import SegmentKind
from midwatch.server.promql import Engine, SeriesSource
from midwatch.server.protocols.prometheus.messages import VERSION_1
from midwatch.server.rules.evaluation import Outcome, World
from midwatch.server.rules.files import read_rules
from midwatch.server.rules.lanes import SLOW_SECONDS, Lanes
from midwatch.server.rules.model import RuleSet
from midwatch.server.rules.runner import RuleRunner
from midwatch.server.workspace.models import RuleAlertRow
from midwatch.server.workspace.rules import AlertChange

from .fake_series import Course, Courses
from .test_alert_life import MINUTE, START_MS, rules


@dataclass
class Reads:
    """The stored series; answered by nobody while `answering` is not set."""

    courses: Courses

    async def work(self, work: Callable[[SeriesSource], Outcome]) -> Outcome:
        return work(self.courses)

    async def answers(self) -> bool:
        return self.courses.answering


@dataclass
class Kept:
    changes: list[AlertChange] = field(default_factory=list)
    broken: bool = False
    others_ms: int | None = None

    async def keep(self, changes: Sequence[AlertChange], forget_before_ms: int) -> None:
        if self.broken:
            raise Unavailable("the workspace database does not answer")
        self.changes += changes

    async def visible_of_others(self, node: str, since_ms: int) -> int | None:
        return self.others_ms

    async def all(self) -> list[RuleAlertRow]:
        return []

    async def evaluated_ms(self) -> int | None:
        return None

    async def put_evaluated(self, at_ms: int) -> None:
        """Nobody asks for it here."""


class Night:
    """A runner whose clock is moved on by seconds. `stuck`: what came since is kept and not visible."""

    def __init__(self, text: str) -> None:
        self.clock = VirtualClock(START_MS * 1_000_000)
        self.courses, self.kept = Courses(), Kept()
        self.stuck_ms: int | None = None
        world = World(Engine(), self.clock)
        self.runner = RuleRunner(world, Reads(self.courses), self._visible_ns, self.kept, self.clock)  # type: ignore[arg-type]
        self.runner.running = True
        self.runner.put("rules", rules(text))
        self.told: list[tuple[float, str, bool]] = []
        """Minute, name and whether it fires, of each alert when it is told otherwise than before."""
        self.refusing = False
        self.written: list[str] = []
        self.runner.tell(self._tell)
        self._last: dict[str, bool] = {}

    def _visible_ns(self) -> int:
        return (now_ms(self.clock) if self.stuck_ms is None else self.stuck_ms) * 1_000_000

    async def _tell(self, alerts: Sequence[Alert]) -> None:
        if self.refusing:
            raise Unavailable("alerting is not there")
        now_ns = self.clock.now_ns()
        for alert in alerts:
            assert alert.resolved(now_ns) or alert.ends_at_ns - now_ns >= 4 * MINUTE * 1_000_000
            fires = not alert.resolved(now_ns)
            if self._last.get(alert.fingerprint) is not fires:
                self._last[alert.fingerprint] = fires
                self.told.append(((now_ms(self.clock) - START_MS) / MINUTE, alert.name, fires))

    async def _put(self, kind: SegmentKind, grant: IngestGrant, content: bytes, items: int) -> None:
        request = VERSION_1.request.FromString(content)
        self.written += [one.labels[0].value for one in request.timeseries]

    def minutes(self, count: float) -> None:
        async def ticks() -> None:
            for _ in range(int(count * 60)):
                self.clock.advance(1)
                await self.runner.tick(self._put)

        asyncio.run(ticks())

    def names(self) -> list[tuple[str, bool]]:
        return [one[1:] for one in self.told]


FIVE = """
- alert: Down
  expr: up == 0
  for: 2m
- alert: Gone
  expr: absent(up)
- alert: Silent
  absent: {of: requests_total, over: 2m}
- alert: TrafficLow
  expr: sum(rate(requests_total[2m])) < 1
- alert: HeartbeatLate
  expr: time() - beat > 90
"""


@pytest.fixture
def night() -> Night:
    """Everything is well, as long as anything is seen."""
    found = Night(FIVE)
    found.courses.put("up", lambda at: 1.0)
    found.courses.put("requests_total", lambda at: (at - START_MS + 3_600_000) / 100)
    found.courses.put("beat", lambda at: at / 1000)
    return found


def _until(end_ms: int, course: Course) -> Course:
    return lambda at: course(at) if at < end_ms else None


def test_ten_minutes_of_a_paused_store_page_about_nothing_else_and_miss_nothing(night: Night) -> None:
    """Queries would see silence, and no rule looks: MidwatchBehind after a minute, and then what happened meanwhile."""
    night.minutes(5)
    assert night.told == []
    paused_ms = now_ms(night.clock)
    whole = dict(night.courses.series)
    night.courses.series = {name: (labels, _until(paused_ms, course)) for name, (labels, course) in whole.items()}
    night.stuck_ms = paused_ms
    night.minutes(10)
    assert night.names() == [("MidwatchBehind", True)]
    assert 6 < night.told[0][0] < 6.2
    assert 590 < night.runner.behind_seconds <= 600
    night.courses.series = whole
    # From the third minute of the pause on it was down, and nobody could know.
    down_ms = paused_ms + 3 * MINUTE
    night.courses.put("up", lambda at: float(at < down_ms))
    night.stuck_ms = None
    night.minutes(0.2)
    assert night.names()[1:] == [("Down", True), ("MidwatchBehind", False)] or night.names()[1:] == [
        ("MidwatchBehind", False),
        ("Down", True),
    ]
    fired = next(one for one in night.kept.changes if (one.alert_name, one.after) == ("Down", "firing"))
    assert down_ms + 2 * MINUTE <= fired.at_ms < down_ms + 4 * MINUTE


def test_a_store_that_answers_nobody_is_being_behind(night: Night) -> None:
    """No rule fails, none fires, and all is evaluated when it answers again."""
    night.minutes(5)
    night.courses.failure, night.courses.answering = Unavailable("the store does not answer"), False
    night.minutes(10)
    assert night.names() == [("MidwatchBehind", True)]
    night.courses.failure, night.courses.answering = None, True
    night.minutes(1)
    assert night.names() == [("MidwatchBehind", True), ("MidwatchBehind", False)]
    group = night.runner.rules.groups["rules/a.yml;g"]
    assert (group.failures, group.missed) == (0, 0)
    assert group.iterations in (15, 16)


def test_alerts_keep_firing_while_rules_hold(night: Night) -> None:
    """Told every minute with an end that moves on: a receiver never takes silence for the end of it."""
    night.courses.put("up", lambda at: 0.0)
    night.minutes(4)
    assert night.names() == [("Down", True)]
    night.stuck_ms = now_ms(night.clock)
    night.minutes(10)
    assert ("Down", False) not in night.names()


def test_who_cannot_be_told_is_told_later(night: Night) -> None:
    """Alerting that is not there, a database that is not: nothing is lost of either."""
    night.courses.put("up", lambda at: 0.0)
    night.refusing = night.kept.broken = True
    night.minutes(5)
    assert (night.told, night.kept.changes) == ([], [])
    night.refusing = night.kept.broken = False
    night.minutes(0.1)
    assert night.names() == [("Down", True)]
    assert [one.after for one in night.kept.changes] == ["pending", "firing"]


def _objectives(rule: str) -> RuleSet:
    read = read_rules("slos/a.yml", f"groups: [{{name: g, rules: [{{{rule}, expr: vector(1)}}]}}]")
    assert read.rules is not None
    return read.rules


def test_rules_of_several_sources_are_one_set(night: Night) -> None:
    """Files, objectives, probes: each puts its own, and takes only its own away."""
    night.runner.put("objectives", _objectives("alert: BudgetBurns"))
    night.minutes(1.1)
    assert ("BudgetBurns", True) in night.names()
    assert len(night.runner.rule_set.groups) >= 2
    night.runner.put("objectives", _objectives("record: nothing"))
    in_force = [rule.name for _, rule in night.runner.rule_set]
    assert "nothing" in in_force, "before the next evaluation"
    assert "BudgetBurns" not in in_force
    night.minutes(0.1)
    assert night.names()[-1] == ("BudgetBurns", False)


def test_what_rules_make_is_handed_to_the_log(night: Night) -> None:
    """Alerts as series among it. It is held for the rules only until queries see it."""
    night.courses.put("up", lambda at: 0.0)
    night.minutes(4)
    assert {"ALERTS", "ALERTS_FOR_STATE"} <= set(night.written)
    held = sum(len(some) for of_name in night.runner.rules.fresh.series.values() for some in of_name.values())
    assert held <= 2


def test_data_that_waits_on_another_server_holds_the_rules_too(night: Night) -> None:
    """What any server has acknowledged may be what the rule looks for."""
    night.minutes(2)
    night.kept.others_ms = now_ms(night.clock)
    night.minutes(3)
    assert night.names() == [("MidwatchBehind", True)]
    group = night.runner.rules.groups["rules/a.yml;g"]
    assert group.done_ms <= night.kept.others_ms < group.due_ms
    night.kept.others_ms = None
    night.minutes(0.2)
    assert night.names()[-1] == ("MidwatchBehind", False)


def test_who_takes_over_goes_on_from_what_is_kept(night: Night) -> None:
    """A server that has the lease again: what it knew is old, and what was due meanwhile another has done."""
    night.courses.put("up", lambda at: 0.0)
    night.minutes(4)
    group = night.runner.rules.groups["rules/a.yml;g"]
    done_ms = group.done_ms
    night.clock.advance(30 * 60)
    asyncio.run(night.runner._begin())
    again = night.runner.rules.groups["rules/a.yml;g"]
    assert again.done_ms >= done_ms + 29 * MINUTE
    assert [one.state.value for one in again.rules[0].alerts] == []
    night.minutes(1)
    assert again.iterations == 1


def test_a_slow_group_keeps_nobody_waiting(night: Night) -> None:
    """It has a lane of its own from the second time on; the others are evaluated, judged and told beside it."""
    night.minutes(1.1)
    waiting: list[threading.Event] = []

    class Threads(Reads):
        async def work(self, work: Callable[[SeriesSource], Outcome]) -> Outcome:
            return await asyncio.to_thread(work, self.courses)

    class Slow(Courses):
        def select(self, matchers, start_ms, end_ms):  # type: ignore[no-untyped-def]
            if any(one.value == "slow_metric" for one in matchers):
                waiting.append(threading.Event())
                waiting[-1].wait(60)
            return super().select(matchers, start_ms, end_ms)

    read = read_rules("rules/slow.yml", "groups: [{name: s, rules: [{alert: S, expr: slow_metric > 0}]}]")
    assert read.rules is not None
    night.runner.put("slow", read.rules)
    night.minutes(0.1)
    slow = night.runner.rules.groups["rules/slow.yml;s"]
    slow.seconds, before = SLOW_SECONDS + 1, slow.iterations
    night.runner._lanes = Lanes(night.runner.rules, Threads(Slow(night.courses.series)))
    night.courses.put("up", lambda at: 0.0)

    async def until_told() -> None:
        for _ in range(30):
            night.clock.advance(20)
            await night.runner.tick(night._put)
            if ("Down", True) in night.names() and waiting:
                break
        assert ("Down", True) in night.names()
        assert slow.iterations == before
        for one in waiting:
            one.set()
        await night.runner._lanes.end()

    asyncio.run(until_told())
