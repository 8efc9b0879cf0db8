"""Who is told of what when: days on the virtual clock, as tables."""

import pytest
from tests.unit.alerting.timeline import Act, Watch, shown, told

from midwatch.server.alerting.history import Happening
from midwatch.server.alerting.marks import MarkKind
from midwatch.server.model.alert import Alert

HOOK = "webhook_configs: [{url: 'http://example.org'}]"
QUIET = "webhook_configs: [{url: 'http://example.org', send_resolved: false}]"


def config(route: str, *receivers: str, more: str = "", quiet: bool = False) -> str:
    named = "".join(f"  - {{name: {name}, {QUIET if quiet else HOOK}}}\n" for name in receivers)
    return f"route: {route}\nreceivers:\n{named}{more}"


ONE = config(
    "{receiver: team, group_by: [alertname], group_wait: 30s, group_interval: 5m, repeat_interval: 4h}", "team"
)


def fire(**labels: str) -> Act:
    return lambda watch: watch.fire(**labels)


def end(**labels: str) -> Act:
    return lambda watch: watch.end(**labels)


def silence(matchers: str, hours: float) -> Act:
    return lambda watch: watch.silence(matchers, hours)


def mark(kind: MarkKind, hours: float = 0, **labels: str) -> Act:
    return lambda watch: watch.mark(kind, hours=hours, **labels)


DOWN = {"alertname": "Down"}
A, B = DOWN | {"instance": "a"}, DOWN | {"instance": "b"}


async def test_a_group_waits_and_then_is_looked_at_every_interval() -> None:
    """First after group_wait, with all that came meanwhile; what comes later, and ends, at the next look."""
    found = await told(
        ONE,
        [
            ("2026-03-02T08:00:00Z", fire(**A)),
            ("2026-03-02T08:00:10Z", fire(**B)),
            ("2026-03-02T08:00:20Z", fire(alertname="Slow")),
            ("2026-03-02T08:01:00Z", fire(**DOWN, instance="c")),
            ("2026-03-02T08:07:00Z", end(**B)),
            ("2026-03-02T08:21:00Z", end(**A)),
            ("2026-03-02T08:22:00Z", end(**DOWN, instance="c")),
        ],
        "2026-03-02T09:00:00Z",
    )
    assert found == [
        "03-02 08:00:30 team first_notification firing=Down@a,Down@b",
        "03-02 08:00:50 team first_notification firing=Slow",
        "03-02 08:05:30 team new_alerts_in_group firing=Down@a,Down@b,Down@c",
        "03-02 08:10:30 team new_resolved_alerts firing=Down@a,Down@c resolved=Down@b",
        "03-02 08:25:30 team all_alerts_resolved resolved=Down@a,Down@c",
    ]


async def test_a_group_is_told_again_after_the_repeat_interval() -> None:
    """And not a minute before; a group that began anew waits anew."""
    found = await told(
        ONE,
        [
            ("2026-03-02T08:00:00Z", fire(**A)),
            ("2026-03-02T17:00:00Z", end(**A)),
            ("2026-03-02T17:10:00Z", fire(**A)),
        ],
        "2026-03-02T17:20:00Z",
    )
    assert found == [
        "03-02 08:00:30 team first_notification firing=Down@a",
        "03-02 12:00:30 team repeat_interval_elapsed firing=Down@a",
        "03-02 16:00:30 team repeat_interval_elapsed firing=Down@a",
        "03-02 17:00:30 team all_alerts_resolved resolved=Down@a",
        "03-02 17:10:30 team first_notification firing=Down@a",
    ]


async def test_a_receiver_without_send_resolved_is_not_told_of_ends_alone() -> None:
    """That some are over is no news for it; that all are is handed on, so that the next one is news again."""
    found = await told(
        config("{receiver: team, group_wait: 5s, group_interval: 1m}", "team", quiet=True),
        [
            ("2026-03-02T08:00:00Z", fire(**A)),
            ("2026-03-02T08:00:00Z", fire(**B)),
            ("2026-03-02T08:00:30Z", end(**A)),
            ("2026-03-02T08:02:30Z", end(**B)),
        ],
        "2026-03-02T09:00:00Z",
    )
    assert found == [
        "03-02 08:00:05 team first_notification firing=Down@a,Down@b",
        "03-02 08:03:05 team all_alerts_resolved resolved=Down@b",
    ]


async def test_an_alert_that_fired_and_ended_between_two_looks_is_told_to_nobody() -> None:
    """Nobody knew of it."""
    found = await told(
        ONE, [("2026-03-02T08:00:00Z", fire(**A)), ("2026-03-02T08:00:20Z", end(**A))], "2026-03-02T09:00:00Z"
    )
    assert found == []


async def test_an_alert_that_fires_for_longer_than_the_wait_is_told_at_once() -> None:
    """As after a restart of everything: it waited already."""
    watch = Watch(ONE, "2026-03-02T08:00:00Z")
    watch.dispatcher.put([Alert(A, watch.now_ns - 31 * 10**9, watch.now_ns + 10**12)], watch.now_ns)
    await watch.run("2026-03-02T08:00:01Z")
    assert watch.told() == ["03-02 08:00:00 team first_notification firing=Down@a"]


async def test_continue_tells_several_receivers_each_in_its_own_time() -> None:
    """Critical goes to the primary and on to the chronicle; the rest to the floor."""
    text = config(
        "{receiver: floor, group_by: [alertname], routes: ["
        "{matchers: [severity=critical], receiver: primary, group_wait: 5s, continue: true},"
        "{matchers: ['severity=~\"critical|warning\"'], receiver: chronicle, group_wait: 2m}]}",
        "floor",
        "primary",
        "chronicle",
    )
    acts = [
        ("2026-03-02T08:00:00Z", fire(alertname="Down", severity="critical")),
        ("2026-03-02T08:00:00Z", fire(alertname="Slow", severity="warning")),
        ("2026-03-02T08:00:00Z", fire(alertname="Note", severity="info")),
    ]
    assert await told(text, acts, "2026-03-02T08:04:00Z") == [
        "03-02 08:00:05 primary first_notification firing=Down",
        "03-02 08:00:30 floor first_notification firing=Note",
        "03-02 08:02:00 chronicle first_notification firing=Down",
        "03-02 08:02:00 chronicle first_notification firing=Slow",
    ]


HOURS = """\
time_intervals:
  - name: business-hours
    time_intervals:
      - weekdays: ['monday:friday']
        times: [{start_time: '09:00', end_time: '17:00'}]
        location: Europe/Berlin
midwatch:
  holidays:
    - {name: holidays, dates: [2026-04-03, 2026-04-06, 12-25], location: Europe/Berlin}
"""
BUSINESS = config(
    "{receiver: floor, routes: [{matchers: [severity=warning], receiver: secondary, group_wait: 30s, "
    "group_interval: 5m, repeat_interval: 12h, active_time_intervals: [business-hours], "
    "mute_time_intervals: [holidays]}]}",
    "floor",
    "secondary",
    more=HOURS,
)
WARNING = {"alertname": "Slow", "severity": "warning"}


@pytest.mark.parametrize(
    ("fires", "first"),
    [
        # A Wednesday, within hours.
        ("2026-03-25T10:00:00Z", "03-25 10:00:30"),
        # Friday after hours waits for Monday; clocks changed on the Sunday between: 9:00 is 7:00 in UTC, not 8:00.
        ("2026-03-27T16:10:00Z", "03-30 07:00:30"),
        # The Friday before, no change between.
        ("2026-03-20T16:10:00Z", "03-23 08:00:30"),
        # On the Thursday before Easter: Friday and Monday are holidays.
        ("2026-04-02T15:10:00Z", "04-07 07:00:30"),
        # The clock goes back on Sunday, 25 October.
        ("2026-10-23T15:10:00Z", "10-26 08:00:30"),
        ("2026-12-25T10:00:00Z", "12-28 08:00:30"),
    ],
)
async def test_business_hours_over_weekends_holidays_and_changes_of_the_clock(fires: str, first: str) -> None:
    """Told at the first look within hours, and not before."""
    watch = Watch(BUSINESS, fires)
    watch.fire(**WARNING)
    await watch.run_to(watch.now_ns + 6 * 86_400 * 10**9)
    assert watch.told()[0] == f"{first} secondary first_notification firing=Slow"


async def test_what_ended_outside_of_hours_is_told_to_nobody_later() -> None:
    """It leaves its group there, as Alertmanager has it."""
    acts = [("2026-03-27T16:10:00Z", fire(**WARNING)), ("2026-03-28T12:00:00Z", end(**WARNING))]
    assert await told(BUSINESS, acts, "2026-03-31T12:00:00Z") == []


async def test_inhibited_alerts_are_told_when_what_inhibits_them_is_over() -> None:
    """Of the same cluster alone; and what is source and target alike does not inhibit itself."""
    text = config(
        "{receiver: team, group_by: ['...'], group_wait: 10s, group_interval: 1m}",
        "team",
        more="inhibit_rules: [{source_matchers: [severity=page], target_matchers: ['severity=~\"page|ticket\"'], "
        "equal: [cluster]}]\n",
    )
    page = {"alertname": "Down", "severity": "page", "cluster": "x"}
    acts = [
        ("2026-03-02T08:00:00Z", fire(**page)),
        ("2026-03-02T08:00:00Z", fire(alertname="Slow", severity="ticket", cluster="x")),
        ("2026-03-02T08:00:00Z", fire(alertname="Slow", severity="ticket", cluster="y")),
        ("2026-03-02T08:00:00Z", fire(alertname="Worse", severity="page", cluster="x")),
        ("2026-03-02T08:02:30Z", end(**page)),
        ("2026-03-02T08:02:30Z", end(alertname="Worse", severity="page", cluster="x")),
    ]
    assert await told(text, acts, "2026-03-02T08:10:00Z") == [
        "03-02 08:00:10 team first_notification firing=Down",
        "03-02 08:00:10 team first_notification firing=Slow",
        "03-02 08:00:10 team first_notification firing=Worse",
        "03-02 08:03:10 team all_alerts_resolved resolved=Down",
        "03-02 08:03:10 team first_notification firing=Slow",
        "03-02 08:03:10 team all_alerts_resolved resolved=Worse",
    ]  # fmt: skip


async def test_silenced_alerts_are_told_when_the_silence_is_over() -> None:
    """At the first look after it, if they still fire."""
    acts = [
        ("2026-03-02T08:00:00Z", silence("instance=a", 1)),
        ("2026-03-02T08:00:00Z", fire(**A)),
        ("2026-03-02T08:10:00Z", fire(**B)),
    ]
    assert await told(ONE, acts, "2026-03-02T10:00:00Z") == [
        "03-02 08:10:30 team first_notification firing=Down@b",
        "03-02 09:00:30 team new_alerts_in_group firing=Down@a,Down@b",
    ]


async def test_nobody_is_reminded_of_what_is_acknowledged() -> None:
    """New alerts of the group are told all the same, and so is the end; an acknowledgement ends with its alert."""
    acts = [
        ("2026-03-02T08:00:00Z", fire(**A)),
        ("2026-03-02T08:10:00Z", mark(MarkKind.ACKNOWLEDGED, **A)),
        ("2026-03-02T14:00:00Z", fire(**B)),
        ("2026-03-02T19:00:00Z", end(**B)),
        ("2026-03-03T08:00:00Z", end(**A)),
        ("2026-03-03T09:00:00Z", fire(**A)),
    ]
    assert await told(ONE, acts, "2026-03-03T13:30:00Z") == [
        "03-02 08:00:30 team first_notification firing=Down@a",
        "03-02 14:00:30 team new_alerts_in_group firing=Down@a,Down@b",
        "03-02 18:00:30 team repeat_interval_elapsed firing=Down@a,Down@b",
        "03-02 19:00:30 team new_resolved_alerts firing=Down@a resolved=Down@b",
        "03-03 08:00:30 team all_alerts_resolved resolved=Down@a",
        "03-03 09:00:30 team first_notification firing=Down@a",
        "03-03 13:00:30 team repeat_interval_elapsed firing=Down@a",
    ]


async def test_a_snoozed_alert_is_told_again_when_the_snooze_is_over() -> None:
    """Not before, and at that moment rather than at the next look; unless it ended meanwhile."""
    acts = [
        ("2026-03-02T08:00:00Z", fire(**A)),
        ("2026-03-02T08:10:10Z", mark(MarkKind.SNOOZED, 8, **A)),
        ("2026-03-02T17:00:00Z", mark(MarkKind.SNOOZED, 1, **A)),
        ("2026-03-02T17:05:00Z", end(**A)),
    ]
    assert await told(ONE, acts, "2026-03-03T08:00:00Z") == [
        "03-02 08:00:30 team first_notification firing=Down@a",
        "03-02 16:10:10 team repeat_interval_elapsed firing=Down@a",
        "03-02 17:05:10 team all_alerts_resolved resolved=Down@a",
    ]


async def test_who_is_not_told_of_any_more_has_ended() -> None:
    """An alert without an end lasts for resolve_timeout after its last telling; one with an end until that."""
    watch = Watch("global: {resolve_timeout: 10m}\n" + ONE, "2026-03-02T08:00:00Z")
    watch.fire(**A, ends_ns=0)
    watch.fire(**B, ends_ns=watch.now_ns + 4 * 60 * 10**9)
    await watch.run("2026-03-02T08:03:00Z")
    watch.fire(**A, ends_ns=0)
    await watch.run("2026-03-02T08:30:00Z")
    assert watch.told() == [
        "03-02 08:00:30 team first_notification firing=Down@a,Down@b",
        "03-02 08:05:30 team new_resolved_alerts firing=Down@a resolved=Down@b",
        "03-02 08:15:30 team all_alerts_resolved resolved=Down@a",
    ]
    ended = [one for one in watch.dispatcher.notes.events if one.kind is Happening.RESOLVED]
    assert [(one.labels["instance"], shown(one.at_ns)) for one in ended] == [
        ("b", "03-02 08:04:00"),
        ("a", "03-02 08:13:00"),
    ]


async def test_several_senders_of_one_alert_are_one_alert() -> None:
    """The earliest start counts, and while one of them still tells that it fires, it does."""
    watch = Watch(ONE, "2026-03-02T08:00:00Z")
    now, minute = watch.now_ns, 60 * 10**9
    watch.dispatcher.put([Alert(A, now, now + 4 * minute), Alert(A, now - 20 * 10**9, now + 3 * minute)], now)
    known = watch.dispatcher.known[Alert(A, 0, 0).fingerprint].alert
    assert (known.starts_at_ns, known.ends_at_ns) == (now - 20 * 10**9, now + 4 * minute)
    await watch.run("2026-03-02T08:02:00Z")
    assert watch.told() == ["03-02 08:00:30 team first_notification firing=Down@a"]
