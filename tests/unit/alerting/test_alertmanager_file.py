"""The plan's `alertmanager.yml`: right ones are taken as they are, wrong ones explained with place and mended text."""

import pytest
import yaml
from tests.unit.alerting.kinds import KINDS, configured

from midwatch.server.alerting.config.read import alertmanager_reader, read_configuration
from midwatch.server.model.notification import Integration

TABBI = """\
routes:
  - match:
      severity: critical
    receiver: oncall-primary
    continue: true

  - match:
      severity: warning
      time: business_hours
    receiver: oncall-secondary

receivers:
  - name: oncall-primary
    pagerduty_configs:
      - service_key: $PAGERDUTY_KEY

  - name: slack-alerts
    slack_configs:
      - channel: "#alerts"
        api_url: https://hooks.example/x
"""
GOOD = "route: {receiver: team}\nreceivers: [{name: team}]\n"


def problems(text: str) -> list[str]:
    return [str(one).removeprefix("alertmanager.yml:") for one in read_configuration(text, KINDS)[1]]


def test_a_document_of_a_team_is_explained() -> None:
    """No root, no default receiver, a receiver that is none, hours as a label, a variable, a key of the older API."""
    told = problems(TABBI)
    assert [one.split(" ", 2)[0] for one in told] == ["1:1:", "1:1:", "9:7:", "10:15:", "15:9:", "15:22:"]
    expected = [
        "write `route: {receiver: slack-alerts, routes: […]}`",
        "write `receiver: slack-alerts` in `route`",
        "write `active_time_intervals: [business_hours]` beside the matchers; define it: `time_intervals: [{name:",
        "receiver=oncall-secondary: no receiver has this name; expected one of oncall-primary, slack-alerts",
        "warning: service_key: belongs to version 1",
        "write `service_key_file: secrets/pagerduty-key`",
    ]
    assert all(part in one for part, one in zip(expected, told, strict=True)), told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1: expected a mapping with the keys route and receivers"),
        ("receivers: [{name: a}]", "1:1: expected a root route, which takes every alert; write `route: {receiver: a}`"),
        ("route: {}\nreceivers: [{name: a}]", "1:1: route: expected a default receiver"),
        ("route: {receiver: a}", "1:19: receiver=a: no receiver has this name"),
        ("rout: {receiver: a}\n" + GOOD, "1:1: rout: unknown key; expected one of"),
        ("route: {receiver: a, recever: b}\nreceivers: [{name: a}]", "did you mean receiver?"),
        (
            "route: {receiver: a, routes: [{matcher: [x=y]}]}\nreceivers: [{name: a}]",
            "1:32: matcher: unknown key; expected one of receiver, group_by, match, match_re, matchers",
        ),
        ("route: {receiver: a, match: {b: c}}\nreceivers: [{name: a}]", "1:22: match: the root takes every alert"),
        ("route: {receiver: a, continue: true}\nreceivers: [{name: a}]", "continue: the root has no sibling"),
        ("route: {receiver: a, mute_time_intervals: [x]}\nreceivers: [{name: a}]", "the root is never muted"),
        (
            "route: {receiver: a, routes: [{mute_time_intervals: [nights]}]}\nreceivers: [{name: a}]",
            "1:54: mute_time_intervals=nights: no time interval has this name",
        ),
        ("route: {receiver: a, group_by: [x, x]}\nreceivers: [{name: a}]", "1:36: group_by=x: stands here twice"),
        ("route: {receiver: a, group_by: [x, ...]}\nreceivers: [{name: a}]", "1:32: group_by: expected ... alone"),
        ("route: {receiver: a, group_interval: 0s}\nreceivers: [{name: a}]", "group_interval=0s: expected more"),
        ("route: {receiver: a, group_wait: 30}\nreceivers: [{name: a}]", "1:34: route.group_wait=30: expected a"),
        ("route: {receiver: a, group_wait: 6y}\nreceivers: [{name: a}]", "group_wait=6y: expected at most 5y"),
        (GOOD + "inhibit_rules: [{source_match_re: {a: '('}}]", "3:39: "),
        (GOOD + "inhibit_rules: [{source_matchers: ['a']}]", "expected matchers such as"),
        (GOOD + "time_intervals: [{name: x, time_intervals: [{weekdays: ['friday:monday']}]}]", "3:57: "),
        (GOOD + "time_intervals: [{name: x, time_intervals: [{times: [{start_time: 9:00}]}]}]", "HH:MM"),
        (GOOD + "time_intervals: [{name: x, time_intervals: [{location: Mars/North}]}]", "expected a time zone"),
        (GOOD + "time_intervals: [{name: x}]\nmute_time_intervals: [{name: x}]", "no other interval"),
        (GOOD + "midwatch: {holidays: [{name: x, dates: [31-12]}]}", "expected a day such as 2026-12-25, or"),
        ("route: {receiver: a}\nreceivers: [{name: a}, {name: a}]", "2:31: name=a: expected a name that no other"),
        ("route: {receiver: a}\nreceivers: [{name: a, slak_configs: []}]", "did you mean slack_configs?"),
        ("route: {receiver: a}\nreceivers: [{name: a, slack_configs: [{}]}]", "write api_url here, or global"),
        (
            "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'https://x/?key=${KEY}'}]}]",
            "2:47: url=${KEY}: variables are not expanded",
        ),
        ("route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{uri: x}]}]", "did you mean url?"),
        ("route: [", "cannot read this as YAML"),
        (GOOD + "route: {receiver: b}", "3:1: route: stands here a second time"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, expected: str) -> None:
    """A line and a column, what was expected, and where it helps what to write."""
    configuration, found = read_configuration(text, KINDS)
    assert configuration is None
    assert any(expected in str(one).removeprefix("alertmanager.yml:") for one in found), [str(one) for one in found]


def test_kinds_that_cannot_be_delivered_are_named() -> None:
    """A kind that Alertmanager has and Midwatch has not is a warning: the file is good, and nobody is told by it."""
    configuration, found = read_configuration(
        "route: {receiver: a}\nreceivers: [{name: a, sns_configs: [{topic_arn: x}]}]",
        {kind: config for kind, config in KINDS.items() if kind != "sns"},
    )
    assert configuration is not None
    assert [(one.severity, one.line, one.column) for one in found] == [("warning", 2, 23)]
    assert configuration.receivers["a"].unsupported == ("sns",)


def test_texts_need_no_quotes_where_alertmanager_needs_none() -> None:
    """Numbers, flags and times of day are the texts that are written, where a text is expected."""
    text = """
route:
  receiver: 24x7
  routes:
    - match: {code: 0500, on: yes, at: 17:00}
      mute_time_intervals: [2026]
receivers:
  - name: 24x7
    webhook_configs: [{url: 17}]
time_intervals:
  - name: 2026
    time_intervals: [{times: [{start_time: 17:00, end_time: 24:00}], years: [2026], months: [1:3], days_of_month: [-1]}]
"""
    configuration = configured(text)
    route = configuration.root.routes[0]
    assert {one.name: one.value for one in route.matchers} == {"code": "0500", "on": "yes", "at": "17:00"}
    assert configuration.receivers["24x7"].integrations[Integration("24x7", "webhook")].url == "17"
    interval = configuration.intervals["2026"][0]
    assert interval.times == ((17 * 60, 24 * 60),)


def test_never_again_may_be_said() -> None:
    """As many write it who want no repetition."""
    configuration = configured("route: {receiver: a, repeat_interval: 999999h, group_wait: 5y}\nreceivers: [{name: a}]")
    assert configuration.root.options.repeat_interval_ns == 999_999 * 3600 * 10**9


def test_anchors_and_merge_keys_work() -> None:
    """Files that were written for Alertmanager may share what routes have in common."""
    text = """
route:
  receiver: a
  routes:
    - &slow {group_wait: 5m, group_by: [x], matchers: [a=b]}
    - <<: *slow
      matchers: [a=c]
receivers: [{name: a}]
"""
    first, second = configured(text).root.routes
    assert first.options.group_wait_ns == second.options.group_wait_ns == 300 * 10**9
    assert (first.key, second.key) == ('{}/{a="b"}', '{}/{a="c"}')


def test_what_is_shown_has_no_secrets_and_is_alertmanagers() -> None:
    """Ours is left out, holidays are intervals that Alertmanager knows, secrets are masked."""
    text = """
global: {slack_api_url: https://hooks.example/very-secret}
route: {receiver: a, routes: [{mute_time_intervals: [holidays], matchers: [x=y]}]}
receivers:
  - name: a
    pagerduty_configs: [{routing_key: very-secret}]
    webhook_configs: [{url: 'https://user:very-secret@example.org:8443/very-secret'}]
    slack_configs: [{api_url: https://hooks.example/very-secret, channel: '#a'}]
midwatch: {holidays: [{name: holidays, dates: [12-25, 2026-04-03], location: Europe/Berlin}]}
"""
    shown = configured(text).text
    assert "very-secret" not in shown
    found = yaml.safe_load(shown)
    assert "midwatch" not in found
    assert found["time_intervals"][0]["time_intervals"][1] == {
        "days_of_month": ["3"],
        "months": ["4"],
        "years": ["2026"],
        "location": "Europe/Berlin",
    }
    assert found["receivers"][0]["webhook_configs"][0]["url"] == "https://example.org:8443/<secret>"
    assert configured(shown.replace("<secret>", "x")).root.key == "{}"


def test_the_plans_reader_gives_the_configuration_or_every_problem() -> None:
    """A file with errors has no value, so that what was in force stays; a difference is told in one line."""
    reader = alertmanager_reader(KINDS)
    assert reader.reads("alertmanager.yml")
    assert not reader.reads("alertmanager.yml.d")
    assert reader.read({}).values == {}
    good = reader.read({"alertmanager.yml": GOOD})
    assert list(good.values) == ["alertmanager.yml"]
    assert good.told["alertmanager.yml"].startswith("1 routes, 1 receivers (")
    bad = reader.read({"alertmanager.yml": TABBI})
    assert (bad.values, len(bad.problems)) == ({}, 6)
