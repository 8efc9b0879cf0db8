"""Every alert of the five systems' plans on the virtual clock: when it fires, not a minute before, and who is told.

A row names the rule, what its series do in calm and in an incident, and within which minutes after the incident's
beginning it has to fire. An incident that is over a little sooner must not fire.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from midwatch.contract.plan import Plan, load, read_files
from midwatch.contract.plan.sections import on_call
from midwatch.server.alerting.configuration import Configuration
from midwatch.server.alerting.oncall.telling import OnCallTell
from midwatch.server.model.notification import Notification
from midwatch.server.objective_rules import rules_of_objectives
from midwatch.server.plan_lint import lint_plan
from midwatch.server.plan_parts import CHECKS, READERS
from midwatch.server.promql import Engine, Matrix, Series, SeriesSource
from midwatch.server.promql.labels import NAME, Labels, make
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.memory import MemoryStore
from midwatch.server.promql.series_text import parse_metric
from midwatch.server.rehearsal.courses import Course, Incident, Kind, Sketch
from midwatch.server.rehearsal.drill import drilled
from midwatch.server.rehearsal.replay import Replayed, replayed
from midwatch.server.rehearsal.told import told_of
from midwatch.server.rules.alerts import State
from midwatch.server.rules.files import in_force
from midwatch.server.rules.model import AlertingRule, Group, RecordingRule, RuleSet, joined
from midwatch.server.rules.templates import RuleTemplates, Surroundings
from tests.systems.alert_rows import ROWS, Row

EXAMPLES = Path(__file__).parents[2] / "examples"
SYSTEMS = ("tabbi", "canvascast", "josh", "chat", "soulcaster")
MINUTE_MS = 60_000
MADRID = ZoneInfo("Europe/Madrid")


def at_ms(text: str, zone: ZoneInfo = MADRID) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


TUESDAY = at_ms("2026-12-01 11:00")


NOT_TIMED = {"ApiBudgetBurns": 2}
"""Alerts of which there are several: an objective's page and ticket."""


@cache
def plan_of(system: str) -> Plan:
    """Free of errors, the lint's among them."""
    texts = read_files(EXAMPLES / system / "observability")
    loaded = load(texts, READERS, CHECKS)
    assert loaded.plan is not None, loaded.problems
    problems = lint_plan(texts, loaded.plan)
    assert [one for one in problems if one.severity == "error"] == []
    return loaded.plan


@cache
def rules_of(system: str) -> RuleSet:
    plan = plan_of(system)
    return joined([in_force(plan.files["rules"]), rules_of_objectives(plan.files.get("slos", {}))])


def courses(row: Row) -> list[Course]:
    found = []
    for text in row.series:
        labels, rest = parse_metric(text)
        kind, *levels = rest.split()
        calm, incident = (None if level == "-" else float(level) for level in levels)
        found.append(Course(labels, Kind(kind), calm, incident))
    return found


class Recorded:
    """A sketch, and what recording rules make of it."""

    def __init__(self, sketch: SeriesSource, rules: RuleSet, start_ms: int, end_ms: int) -> None:
        self._sketch, self._store = sketch, MemoryStore()
        engine = Engine()
        for group, rule in rules:
            if isinstance(rule, RecordingRule):
                matrix = engine.range(self, rule.query, start_ms, end_ms, group.interval_ms).value
                assert isinstance(matrix, Matrix)
                for one in matrix.series:
                    labels: Labels = make({**dict(one.labels), **rule.labels, NAME: rule.name})
                    for time_ms, value in zip(one.times_ms.tolist(), one.values.tolist(), strict=True):
                        self._store.add(labels, time_ms, value)

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[Series]:
        return [*self._sketch.select(matchers, start_ms, end_ms), *self._store.select(matchers, start_ms, end_ms)]


def lived(row: Row, begin_ms: int, minutes: float) -> tuple[Replayed, Group, AlertingRule]:
    """The alert's life while the incident lasts so many minutes."""
    rules = rules_of(row.system)
    (group, rule), *others = rules.alerting(row.alert)
    assert len(others) + 1 == NOT_TIMED.get(row.alert, 1)
    end_ms = begin_ms + int(minutes * MINUTE_MS)
    start_ms = begin_ms - row.history_minutes * MINUTE_MS
    last_ms = end_ms + 5 * MINUTE_MS
    sketch = Sketch(courses(row), start_ms, last_ms, Incident(begin_ms, end_ms))
    needed = RuleSet(tuple(one for one in rules.groups if one.file == group.file))
    source = Recorded(sketch, needed, begin_ms - 10 * MINUTE_MS, last_ms) if _records(needed, rule) else sketch
    templates = RuleTemplates(Surroundings())
    step = group.interval_ms
    first = begin_ms - 5 * MINUTE_MS
    return replayed(Engine(), source, group, rule, first - first % step, last_ms, templates), group, rule


def _records(rules: RuleSet, rule: AlertingRule) -> bool:
    return any(isinstance(one, RecordingRule) and one.name in rule.query for _, one in rules)


@pytest.mark.parametrize("name", ROWS)
def test_it_fires_when_the_document_says(name: str) -> None:
    """Not a minute before; and not at all where the incident is over sooner."""
    row = ROWS[name]
    low, high = row.fires
    life, *_ = lived(row, TUESDAY, high + 1)
    fired = [one for one in life.moments if one.after is State.FIRING]
    assert fired, "it never fired"
    minutes = (fired[0].at_ms - TUESDAY) / MINUTE_MS
    assert low <= minutes <= high, minutes
    if row.shorter is not None:
        short, *_ = lived(row, TUESDAY, row.shorter)
        assert [one for one in short.moments if one.after is State.FIRING] == []


def test_every_alert_has_a_row() -> None:
    """Of all five plans, and every row is of one."""
    alerts = {(system, rule.name) for system in SYSTEMS for _, rule in rules_of(system) if rule.kind == "alerting"}
    assert alerts == {(row.system, row.alert) for row in ROWS.values()}


def told(system: str, alert: str, begin: str, *, minutes: int = 60, zone: ZoneInfo = MADRID) -> list[tuple[str, str]]:
    """When who is told, from an incident that begins then and lasts so long."""
    row = next(one for one in ROWS.values() if (one.system, one.alert) == (system, alert))
    begin_ms = at_ms(begin, zone)
    life, *_ = lived(row, begin_ms, minutes)
    plan = plan_of(system)
    configuration = plan.files["alertmanager.yml"]["alertmanager.yml"]
    assert isinstance(configuration, Configuration)
    tell = OnCallTell(plan[on_call.SECTION])
    end_ms = begin_ms + (minutes + 24 * 60) * MINUTE_MS
    found = asyncio.run(told_of(configuration, life.moments, end_ms, tell))
    return [(_shown(one, zone), one.integration.receiver) for one in found.notifications if one.firing]


def _shown(one: Notification, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(one.at_ns / 1e9, zone).strftime("%a %H:%M")


def test_t22_who_is_told_of_tabbis_alerts() -> None:
    """Critical pages on call at any hour and goes to Slack, too; a warning waits for business hours over a weekend."""
    night = told("tabbi", "ApiDown", "2026-11-28 03:00")
    assert set(night[:3]) == {("Sat 03:03", "oncall-primary"), ("Sat 03:03", "ana"), ("Sat 03:03", "slack-alerts")}
    assert ("Sat 03:13", "bo") in night
    assert {who for _, who in told("tabbi", "HighErrorRate", "2026-11-27 19:00", minutes=63 * 60)} == {
        "oncall-secondary"
    }
    first = told("tabbi", "HighErrorRate", "2026-11-27 19:00", minutes=63 * 60)[0][0]
    assert "Mon 09:00" <= first <= "Mon 09:05"
    assert told("tabbi", "ElevatedErrors", "2026-11-28 03:00")[0][1] == "tickets"


def test_t22_business_hours_over_the_change_of_the_clocks() -> None:
    """On the Monday after the clocks went back nine is still nine."""
    first = told("tabbi", "HighErrorRate", "2026-10-24 12:00", minutes=48 * 60)[0][0]
    assert "Mon 09:00" <= first <= "Mon 09:05"


def test_c13_critical_goes_to_pagerduty_and_slack() -> None:
    """Warnings go to Slack alone."""
    assert {who for _, who in told("canvascast", "HighErrorRate", "2026-12-01 11:00")} == {"pagerduty-and-slack"}
    assert {who for _, who in told("canvascast", "QueueBacklog", "2026-12-01 11:00")} == {"slack"}


def test_j18_the_digest_comes_at_nine() -> None:
    """Once a day in the team's zone, while it lasts."""
    zone = ZoneInfo("America/New_York")
    found = told("josh", "ClarifierRateHigh", "2026-12-01 06:00", minutes=40 * 60, zone=zone)
    assert [one for one in found if one[1] == "mail"] == [("Wed 09:00", "mail"), ("Thu 09:00", "mail")][: len(found)]
    assert found[0] == ("Wed 09:00", "mail")


def test_j19_pages_climb() -> None:
    """A quarter of an hour without an acknowledgement, and the founder is told."""
    zone = ZoneInfo("America/New_York")
    found = told("josh", "InboundFailing", "2026-12-01 11:00", zone=zone)
    first = found[0]
    assert first[1] == "engineer"
    climbed = next(one for one in found if one[1] == "founder")
    minutes = (datetime.strptime(climbed[0], "%a %H:%M") - datetime.strptime(first[0], "%a %H:%M")).seconds / 60
    assert minutes == 15


def test_s13_the_recovery_hook_is_called_with_the_page() -> None:
    """Both the hook and the developer on call."""
    found = told("soulcaster", "BackendDown", "2026-12-01 11:00")
    assert {who for _, who in found[:2]} == {"page", "dev"}


def test_t24_a_drill_climbs_as_the_alert_would() -> None:
    """The plan's schedules are part of it: on call is told by name, and the next ones when nobody acknowledges."""
    ((group, rule),) = rules_of("tabbi").alerting("SandboxCreationFailing")
    plan = plan_of("tabbi")
    configuration = plan.files["alertmanager.yml"]["alertmanager.yml"]
    templates, tell = RuleTemplates(Surroundings()), OnCallTell(plan[on_call.SECTION])
    drill = asyncio.run(drilled(group, rule, configuration, Engine(), templates, at_ms=TUESDAY, tell=tell))
    assert (drill.fired, drill.resolved) == (True, True)
    assert set(drill.told) == {"oncall-primary", "slack-alerts", "ana", "bo"}
    assert {one.integration.kind for one in drill.notifications} == {"webhook", "slack", "pagerduty"}
