"""Pages climb until somebody acknowledges; digests gather until their hour. Timelines on the virtual clock."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from midwatch.contract.plan import load
from midwatch.contract.plan.sections.on_call import SECTION, OnCall
from midwatch.server.alerting.config.read import read_configuration
from midwatch.server.alerting.dispatcher import Dispatcher
from midwatch.server.alerting.marks import Mark, MarkKind
from midwatch.server.alerting.oncall.kinds import ON_CALL_KINDS
from midwatch.server.alerting.oncall.schedule import Override
from midwatch.server.alerting.oncall.telling import OnCallTell
from midwatch.server.model.alert import Alert
from midwatch.server.rehearsal.told import Captured

MADRID = ZoneInfo("Europe/Madrid")
SECOND = 10**9
FOR_EVER = 2**62


class Phone(BaseModel):
    model_config = ConfigDict(extra="allow")
    send_resolved: bool = True


ROUTES = """route:
  receiver: climbing
  group_by: [alertname]
  group_wait: 0s
  group_interval: 5m
  repeat_interval: 4h
  routes:
    - {matchers: [severity="low"], receiver: daily, group_by: []}
receivers:
  - name: climbing
    escalation_configs: [{policy: page}]
    phone_configs: [{n: log}]
  - name: daily
    digest_configs: [{receiver: mail, at: "09:00", zone: Europe/Madrid, days: [monday, tuesday, friday]}]
  - {name: ana-phone, phone_configs: [{n: ana}]}
  - {name: bo-phone, phone_configs: [{n: bo}]}
  - {name: everyone, phone_configs: [{n: all}]}
  - {name: mail, phone_configs: [{n: mail}]}
"""


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=MADRID).timestamp()) * SECOND


@dataclass
class Night:
    """A dispatcher from a moment on, and what it told."""

    now_ns: int
    tell: OnCallTell = field(default_factory=lambda: OnCallTell(_plan()))
    log: Captured = field(default_factory=Captured)

    def __post_init__(self) -> None:
        configuration, problems = read_configuration(ROUTES, {**ON_CALL_KINDS, "phone": Phone})
        assert configuration is not None, problems
        self.dispatcher = Dispatcher(configuration, self.log, tell=self.tell)

    def fire(self, name: str = "Down", severity: str = "page") -> Alert:
        alert = Alert({"alertname": name, "severity": severity}, self.now_ns, FOR_EVER)
        self.dispatcher.put([alert], self.now_ns)
        return alert

    def end(self, alert: Alert) -> None:
        self.dispatcher.put([Alert(alert.labels, alert.starts_at_ns, self.now_ns)], self.now_ns)

    def acknowledge(self, alert: Alert) -> None:
        mark = Mark("m", MarkKind.ACKNOWLEDGED, frozenset({alert.fingerprint}), "ana", self.now_ns)
        self.dispatcher.marks.put(mark)

    def until(self, text: str) -> None:
        async def run() -> None:
            wake = self.now_ns
            while wake <= at(text):
                self.now_ns = wake
                wake = max(await self.dispatcher.step(wake), wake + 1)
            self.now_ns = at(text)

        asyncio.run(run())

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """When, who, why."""
        return [
            (
                datetime.fromtimestamp(one.at_ns / SECOND, MADRID).strftime("%d %H:%M"),
                one.integration.receiver,
                one.reason.value,
            )
            for one in self.log.notifications
        ]


def _plan() -> OnCall:
    loaded = load({"midwatch.yml": SECTION.example})
    assert loaded.plan is not None
    return loaded.plan[SECTION]


def test_a_page_climbs_while_nobody_acknowledges() -> None:
    """At once who is on duty, then the next ones, each at its time; from the top again, and then no more."""
    night = Night(at("2026-01-07 03:00"))
    night.fire()
    night.until("2026-01-07 05:30")
    escalation = [one for one in night.told if one[1] != "climbing"]
    assert escalation == [
        ("07 03:00", "ana-phone", "first_notification"),
        ("07 03:10", "bo-phone", "first_notification"),
        ("07 03:25", "everyone", "first_notification"),
        ("07 03:40", "ana-phone", "escalation"),
        ("07 03:50", "bo-phone", "escalation"),
        ("07 04:05", "everyone", "escalation"),
        ("07 04:20", "ana-phone", "escalation"),
        ("07 04:30", "bo-phone", "escalation"),
        ("07 04:45", "everyone", "escalation"),
    ]
    first = next(one for one in night.log.notifications if one.integration.receiver == "ana-phone")
    assert first.context == {"escalation": "page", "step": "1 of 3", "on_call": "ana"}
    assert ("07 03:00", "climbing", "first_notification") in night.told


def test_it_stops_when_somebody_acknowledges_and_ends_for_who_was_told() -> None:
    """Bo was told and learns that it is over; whoever was never reached hears nothing."""
    night = Night(at("2026-01-07 03:00"))
    alert = night.fire()
    night.until("2026-01-07 03:12")
    night.acknowledge(alert)
    night.until("2026-01-07 04:30")
    night.end(alert)
    night.until("2026-01-07 05:00")
    assert [one for one in night.told if one[1] != "climbing"] == [
        ("07 03:00", "ana-phone", "first_notification"),
        ("07 03:10", "bo-phone", "first_notification"),
        ("07 04:35", "ana-phone", "all_alerts_resolved"),
        ("07 04:35", "bo-phone", "all_alerts_resolved"),
    ]


def test_an_alert_that_joins_after_the_acknowledgement_climbs_anew() -> None:
    """Somebody is at the first; nobody at the second of the same group."""
    night = Night(at("2026-01-07 03:00"))
    first = night.fire()
    night.until("2026-01-07 03:01")
    night.acknowledge(first)
    night.until("2026-01-07 03:31")
    second = Alert({"alertname": "Down", "severity": "page", "instance": "b"}, night.now_ns, FOR_EVER)
    night.dispatcher.put([second], night.now_ns)
    night.until("2026-01-07 03:50")
    assert [one for one in night.told if one[1] in ("ana-phone", "bo-phone")] == [
        ("07 03:00", "ana-phone", "first_notification"),
        ("07 03:35", "ana-phone", "new_alerts_in_group"),
        ("07 03:45", "bo-phone", "first_notification"),
    ]


@pytest.mark.parametrize(
    ("when", "who"),
    [("2026-01-07 03:00", "bo-phone"), ("2026-01-14 03:00", "bo-phone"), ("2026-01-08 12:00", "ana-phone")],
)
def test_who_is_on_duty_is_asked_when_the_step_is_due(when: str, who: str) -> None:
    """By the schedule's weeks, and by an override of one night."""
    overrides = {"primary": [Override(at("2026-01-06 22:00") / SECOND, at("2026-01-07 08:00") / SECOND, "bo")]}
    night = Night(at(when), OnCallTell(_plan(), overrides))
    night.fire()
    night.until(when)
    assert [one[1] for one in night.told if one[1] != "climbing"] == [who]


def test_a_restart_goes_on_where_it_was() -> None:
    """Since when a group climbs is kept with it."""
    night = Night(at("2026-01-07 03:00"))
    alert = night.fire()
    night.until("2026-01-07 03:05")
    again = Night(night.now_ns, night.tell, night.log)
    times = {id_: (group.next_ns, group.climbs_ns) for id_, group in night.dispatcher.groups.items()}
    again.dispatcher.restore(night.dispatcher.known.values(), times, again.now_ns)
    again.until("2026-01-07 03:11")
    assert alert.fingerprint in again.dispatcher.known
    assert [one for one in again.told if one[1] != "climbing"] == [
        ("07 03:00", "ana-phone", "first_notification"),
        ("07 03:10", "bo-phone", "first_notification"),
    ]


def test_a_digest_gathers_until_its_hour() -> None:
    """Monday's alerts come on Tuesday at nine, those of Tuesday on Friday; one that is over is in it, too."""
    night = Night(at("2026-01-05 14:00"))
    short = night.fire("Short", "low")
    long = night.fire("Long", "low")
    night.until("2026-01-05 16:00")
    night.end(short)
    night.until("2026-01-06 20:00")
    assert night.told == [("06 09:00", "mail", "digest")]
    (digest,) = night.log.notifications
    assert ([one.name for one in digest.firing], [one.name for one in digest.resolved]) == (["Long"], ["Short"])
    night.fire("Late", "low")
    night.until("2026-01-07 09:30")
    night.end(long)
    night.until("2026-01-12 08:00")
    assert [one[0] for one in night.told] == ["06 09:00", "09 09:00"]
    last = night.log.notifications[-1]
    assert ([one.name for one in last.firing], [one.name for one in last.resolved]) == (["Late"], ["Long"])


BAD = [
    ("policy: page", "polcy: page", "polcy: unknown key; expected"),
    ('at: "09:00"', 'at: "9:00"', "expected an hour such as 09:00"),
    ("zone: Europe/Madrid", "zone: Madrid", "expected a zone of the IANA database"),
    ("days: [monday,", "days: [mon,", "monday"),
]


@pytest.mark.parametrize(("right", "wrong", "message"), BAD)
def test_what_is_wrong_is_told(right: str, wrong: str, message: str) -> None:
    """As every other entry of a receiver."""
    yaml.safe_load(ROUTES)
    _, problems = read_configuration(ROUTES.replace(right, wrong), {**ON_CALL_KINDS, "phone": Phone})
    assert any(message in one.message for one in problems), problems
