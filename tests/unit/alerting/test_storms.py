"""Many alerts at once, limits, and clocks that jump."""

from collections import Counter

import pytest
from tests.unit.alerting.kinds import configured
from tests.unit.alerting.timeline import Watch, at, shown

from midwatch.server.alerting import dispatcher as dispatching
from midwatch.server.alerting.history import Happening
from midwatch.server.model.alert import Alert
from midwatch.server.model.errors import RateLimited

TEAM = (
    "route: {receiver: team, group_by: [alertname], group_wait: 30s, group_interval: 5m, repeat_interval: 4h}\n"
    "receivers: [{name: team, webhook_configs: [{url: 'http://example.org'}]}]\n"
    "inhibit_rules: [{source_matchers: [severity=page], target_matchers: [severity=ticket], equal: [zone]}]\n"
)
STORM = 10_000


def storm(watch: Watch, *, minutes: float = 4) -> list[Alert]:
    ends_ns = watch.now_ns + int(minutes * 60e9)
    return [
        Alert(
            {
                "alertname": f"Rule{number % 5}",
                "instance": f"host-{number}.example.org:9100",
                "job": "node",
                "severity": "ticket",
                "zone": f"zone-{number % 50}",
            },
            watch.now_ns,
            ends_ns,
            {"summary": "It is down"},
        )
        for number in range(STORM)
    ]


async def test_a_storm_is_few_messages() -> None:
    """Ten thousand alerts of five rules: five messages, none for their tellings after it, five when they are over."""
    watch = Watch(TEAM, "2026-03-02T08:00:00Z")
    for minute in range(3):
        watch.dispatcher.put(storm(watch), watch.now_ns)
        await watch.run_to(at("2026-03-02T08:00:00Z") + (minute + 1) * 60 * 10**9)
    sizes = [(one.reason.value, len(one.firing), len(one.resolved)) for one in watch.log.notifications]
    assert sizes == [("first_notification", STORM // 5, 0)] * 5
    await watch.run("2026-03-02T08:30:00Z")
    sizes = [(one.reason.value, len(one.firing), len(one.resolved)) for one in watch.log.notifications[5:]]
    assert sizes == [("all_alerts_resolved", 0, STORM // 5)] * 5
    assert (watch.dispatcher.known, watch.dispatcher.groups) == ({}, {})
    happened = Counter(one.kind for one in watch.dispatcher.notes.events)
    assert happened == {Happening.FIRING: STORM, Happening.RESOLVED: STORM, Happening.NOTIFIED: 10}


async def test_more_alerts_than_may_be_known_are_refused_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their sender is told to come again; what is known goes on."""
    monkeypatch.setattr(dispatching, "ALERTS_MAX", 3)
    watch = Watch(TEAM, "2026-03-02T08:00:00Z")
    for name in "abc":
        watch.fire(alertname=name)
    watch.fire(alertname="a")
    with pytest.raises(RateLimited, match="3 may be at once"):
        watch.dispatcher.put([Alert({"alertname": "d"}, watch.now_ns, watch.now_ns + 10**12)], watch.now_ns)
    assert len(watch.dispatcher.known) == 3


async def test_groups_over_the_limit_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is left asleep by a limit."""
    monkeypatch.setattr(dispatching, "GROUPS_MAX", 2)
    watch = Watch(TEAM, "2026-03-02T08:00:00Z")
    for name in "abcde":
        watch.fire(alertname=name)
    await watch.run("2026-03-02T08:01:00Z")
    assert [sorted(alert.name for alert in one.firing) for one in watch.log.notifications] == [
        ["a"],
        ["b"],
        ["c", "d", "e"],
    ]


@pytest.mark.parametrize("hours", [-5, 5])
async def test_a_clock_that_jumps_ends_no_alert_and_delays_no_message(hours: int) -> None:
    """Forward as after a night's sleep, and back: what waits, waits as long as it would have."""
    watch = Watch(TEAM, "2026-03-02T08:00:00Z")
    watch.fire(alertname="Down", ends_ns=watch.now_ns + 240 * 10**9)
    await watch.run("2026-03-02T08:00:10Z")
    watch.now_ns += hours * 3600 * 10**9
    watch.dispatcher.clock_jumped(hours * 3600 * 10**9, watch.now_ns)
    await watch.run_to(watch.now_ns + 60 * 10**9)
    (told,) = watch.told()
    assert told == f"03-02 {8 + hours:02d}:00:30 team first_notification firing=Down"
    ends = [one.alert.ends_at_ns for one in watch.dispatcher.known.values()]
    assert [shown(one) for one in ends] == [f"03-02 {8 + hours:02d}:04:00"]


async def test_a_clock_that_was_set_back_repeats_rather_than_forgets() -> None:
    """What was told in what is the future now says nothing about when to repeat."""
    watch = Watch(TEAM, "2026-03-02T08:00:00Z")
    watch.fire(alertname="Down")
    await watch.run("2026-03-02T08:01:00Z")
    watch.now_ns -= 86_400 * 10**9
    watch.dispatcher.clock_jumped(-86_400 * 10**9, watch.now_ns)
    await watch.run_to(watch.now_ns + 3600 * 10**9)
    assert watch.told()[1:] == ["03-01 08:05:30 team repeat_interval_elapsed firing=Down"]


async def test_a_new_configuration_keeps_what_was_told_and_groups_that_stay() -> None:
    """Nobody is told anew; a group of another route is told there; a receiver that is gone harms nobody."""
    watch = Watch(TEAM, "2026-03-02T08:00:00Z")
    watch.fire(alertname="Down", severity="page", zone="x")
    watch.fire(alertname="Slow", severity="ticket", zone="y")
    await watch.run("2026-03-02T08:01:00Z")
    assert len(watch.told()) == 2
    changed = (
        "route: {receiver: crew, group_by: [alertname], group_wait: 30s, group_interval: 5m, "
        "routes: [{matchers: [severity=page], receiver: pager}]}\n"
        "receivers: [{name: crew, webhook_configs: [{url: 'http://x'}]}, {name: pager, webhook_configs: [{url: 'http://y'}]}]"
    )
    watch.dispatcher.configure(configured(TEAM), watch.now_ns)
    await watch.run("2026-03-02T08:20:00Z")
    assert len(watch.told()) == 2
    watch.dispatcher.configure(configured(changed), watch.now_ns)
    await watch.run("2026-03-02T08:30:00Z")
    assert watch.told()[2:] == [
        "03-02 08:20:00 pager first_notification firing=Down",
        "03-02 08:20:30 crew first_notification firing=Slow",
    ]
