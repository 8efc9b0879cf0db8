"""The built-in rules of probes and heartbeats, and what a plan may not say of either."""

import pytest
import yaml

from midwatch.contract.plan import MAIN_FILE, load
from midwatch.contract.plan.sections import sections
from midwatch.server.monitors.builtin_rules import FILE, RULES
from midwatch.server.monitors.heartbeats.told import _GAUGES
from midwatch.server.monitors.plan_check import check_monitors
from midwatch.server.promql.syntax import parse
from midwatch.server.rules.files import read_rules


def test_the_built_in_rules_are_a_rule_file() -> None:
    """Without a problem, each with a severity, a summary and a description."""
    read = read_rules(FILE, RULES)
    assert read.problems == ()
    assert read.rules is not None
    for group in yaml.safe_load(RULES)["groups"]:
        for rule in group["rules"]:
            parse(rule["expr"])
            assert rule["labels"]["severity"] in ("critical", "warning")
            assert rule["annotations"].keys() == {"summary", "description"}


def test_the_rules_speak_of_series_that_there_are() -> None:
    """A metric of a rule that is renamed in the code fails here."""
    told = {*_GAUGES, "heartbeat_state", "probe_state", "probe_flapping", "probe_ssl_earliest_cert_expiry"}
    for group in yaml.safe_load(RULES)["groups"]:
        for rule in group["rules"]:
            assert any(name in rule["expr"] for name in told), rule["expr"]


MISTAKES = [
    ("probes: [{name: a, http: {url: 'https://a/', expect: {body_matches: '('}}}]", "expected a regular expression"),
    ("probes: [{name: a, tcp: {address: 'a:1', expect: {matches: '[a'}}}]", "expected a regular expression"),
    ("probes: [{name: a, http: {url: 'https://a/', expect: {header_matches: {x: '('}}}}]", "regular expression"),
    ("probes: [{name: a, http: {url: 'https://a/', expect: {json: [{path: 'status'}]}}}]", "expected a JSONPath"),
    ("probes: [{name: a, http: {url: 'https://a/', expect: {json: [{path: '$..['}]}}}]", "expected a JSONPath"),
    ("probes: [{name: a, http: {url: 'ftp://a/'}}]", "expected a URL that begins with http:// or https://"),
    ("probes: [{name: a, http: {url: 'https://u:p@a/'}}]", "expected a URL without a user"),
    ("probes: [{name: a}]", "expected exactly one of http, tcp"),
    ("probes: [{name: a, icmp: {host: a}, tcp: {address: 'a:1'}}]", "there is tcp and icmp"),
    ("probes: [{name: a, icmp: {host: a}, interval: 9s}]", "expected an interval from 10s to 1d"),
    ("probes: [{name: a, icmp: {host: a}, interval: 10s, timeout: 11s}]", "expected a timeout above 0, at most"),
    ("probes: [{name: a, icmp: {host: a}, retries: 11}]", "expected"),
    ("probes: [{name: a, icmp: {host: a}}, {name: a, icmp: {host: b}}]", "expected a name that no other probe has"),
    ("probes: [{name: a, icmp: {host: a}, locations: [x], quorum: 2}]", "expected at most its 1 locations"),
    ("probes: [{name: a, icmp: {host: a}, labels: {job: x}}]", "that probes do not have by themselves"),
    ("probes: [{name: a, tcp: {address: 'a'}}]", "expected host:port"),
    ("probes: [{name: a, tcp: {address: 'a:99999'}}]", "expected host:port"),
    ("probes: [{name: a, http: {url: 'https://a/', expect: {status: [99]}}}]", "expected a status such as 200"),
    ("probes: [{name: a, icmp: {host: a, expect: {resolves_to: [x]}}}]", "expected an address or a network"),
    ("probing: {reference_targets: ['https://a/']}", "expected host:port"),
    ("heartbeats: [{name: a, schedule: '61 * * * *'}]", "expected a line of a crontab"),
    ("heartbeats: [{name: a}]", "expected schedule (as in crontab) or every, exactly one"),
    ("heartbeats: [{name: a, every: 1h, schedule: '* * * * *'}]", "exactly one of them"),
    ("heartbeats: [{name: a, every: 1s}]", "expected every from 10s to 366d"),
    ("heartbeats: [{name: a, every: 1h, time_zone: Mars/X}]", "expected a time zone"),
    ("heartbeats: [{name: a, every: 1h}, {name: a, every: 2h}]", "expected a name that no other heartbeat has"),
    ("heartbeats: [{name: a, every: 1h, failures: 0}]", "expected"),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_each_mistake_of_a_plan_is_told(text: str, said: str) -> None:
    """One problem, with its place and what was expected."""
    loaded = load({MAIN_FILE: text}, checks=[check_monitors])
    assert loaded.plan is None
    assert any(said in problem.message for problem in loaded.errors), loaded.problems


def test_the_examples_are_right() -> None:
    """What the docs show passes."""
    for name in ("probes", "probing", "heartbeats"):
        assert load({MAIN_FILE: sections()[name].example}, checks=[check_monitors]).problems == ()


def test_secrets_of_probes_are_not_told() -> None:
    """Passwords, headers and credentials are masked where a plan is shown."""
    text = (
        "probes:\n  - {name: a, redis: {address: 'a:1', password: s3cret}}\n"
        "  - {name: b, http: {url: 'https://b/', headers: {x-key: s3cret}, authorization: {credentials: s3cret}}}\n"
    )
    loaded = load({MAIN_FILE: text})
    assert loaded.plan is not None
    section = sections()["probes"]
    shown = section.adapter.dump_json(loaded.plan[section])
    assert b"s3cret" not in shown
