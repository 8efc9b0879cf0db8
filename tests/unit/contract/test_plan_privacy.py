"""The plan's sections `privacy` and `sampling`: what apps make of them, and each mistake with its place."""

import json

import jsonschema
import pytest

from midwatch.contract.plan import MAIN_FILE, Plan, json_schema, load
from midwatch.contract.plan.sections import environments, privacy, sampling
from midwatch.contract.plan.sections.privacy import RULES_MAX
from midwatch.contract.privacy_actions import ACTIONS, COUNT_MAX, Action
from midwatch.contract.privacy_hashing import HashKeys
from midwatch.contract.privacy_rules import FieldRule

RIGHT = """
environments:
  production: {aliases: [prod]}
  staging: {}
privacy:
  deny: [street address]
  keep: [otp, Body, mobile]
  region: us
  fields:
    - {field: user.phone, action: phone_hash}
    - {field: "*.note", action: last 4, signals: [logs, traces], services: [api]}
sampling:
  production: {traces: 0.25, log_level: warning}
  staging: {traces: 1}
"""

MISTAKES = {
    "action": (
        "[{field: a, action: hsh}]",
        1,
        39,
        "fields[0].action=hsh: expected drop, remove, hash, phone_hash, mask, last N",
    ),
    "count": ("[{field: a, action: last 9}]", 1, 39, "fields[0].action=last 9: expected drop"),
    "number for action": ("[{field: a, action: 4}]", 1, 39, "fields[0].action=4: expected drop"),
    "field": ("[{field: a b, action: drop}]", 1, 28, "fields[0].field=a b: expected keys joined by dots"),
    "no action": ("[{field: a}]", 1, 20, "fields[0]=a mapping: expected an action"),
    "unknown key": (
        "[{feld: a, action: drop}]",
        1,
        21,
        "feld: unknown key; expected one of field, action, retention, signals",
    ),
    "signal": ("[{field: a, action: drop, signals: [trace]}]", 1, 55, "signals[0]=trace: expected 'traces', 'logs' or"),
    "mapping for list": ("{a: drop}", 1, 19, "privacy.fields=a mapping: expected a list"),
}


def plan(text: str) -> Plan:
    loaded = load({MAIN_FILE: text})
    assert loaded.plan is not None, loaded.problems
    return loaded.plan


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_of_a_rule_is_told_with_its_place(name: str) -> None:
    rules, line, column, message = MISTAKES[name]
    told = [str(problem) for problem in load({MAIN_FILE: f"privacy: {{fields: {rules}}}"}).problems]
    assert any(one.startswith(f"{MAIN_FILE}:{line}:{column}: ") and message in one for one in told), told


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("privacy: {region: Germany}", "midwatch.yml:1:19: privacy.region=Germany: expected a region of two letters"),
        ("privacy: {keep: [bdy]}", "midwatch.yml:1:18: privacy.keep[0]=bdy: expected an entry of a default list; did"),
        (
            "privacy: {fields: [{field: a.b, retention: short}]}",
            "a.b: retention=short: expected one of retention_classes: none",
        ),
        (
            "privacy: {retention_classes: [{name: short, days: 7}, {name: short, days: 8}]}",
            "retention_classes: expected another name for each; short is there twice",
        ),
        (
            "privacy: {retention_classes: [{name: s, days: 7}],"
            " fields: [{field: a, retention: s, signals: [metrics]}]}",
            "retention: expected traces or logs; labels are kept as long as their series",
        ),
        (
            "privacy: {retention_classes: [{name: s, days: 7}], fields: [{field: exception.message, retention: s}]}",
            "retention: expected another field; exception.message is what an error is grouped by",
        ),
        ("sampling: {prod: {traces: 25}}", "midwatch.yml:1:27: sampling.prod.traces=25: expected a share from 0 to 1"),
        ("sampling: {prod: {traces: yes}}", "sampling.prod.traces=yes: expected a share from 0 to 1"),
        ("sampling: {prod: {log_level: loud}}", "sampling.prod.log_level=loud: expected 'debug', 'info'"),
        ("sampling: {mars: {}}\nenvironments: {a: {}}", "midwatch.yml:1:18: environment=mars: expected one of a"),
    ],
)
def test_each_other_mistake_too(text: str, message: str) -> None:
    told = [str(problem) for problem in load({MAIN_FILE: text}).problems]
    assert any(message in one for one in told), told


def test_a_plan_may_have_so_many_rules_and_no_more() -> None:
    rule = "{field: a, action: drop}"
    assert load({MAIN_FILE: f"privacy: {{fields: [{', '.join([rule] * RULES_MAX)}]}}"}).plan is not None
    told = load({MAIN_FILE: f"privacy: {{fields: [{', '.join([rule] * (RULES_MAX + 1))}]}}"}).problems
    assert f"expected at most {RULES_MAX} entries" in str(told[0])


def test_what_an_app_makes_of_it() -> None:
    """Lists without what is kept, rules in their order, the key that the app has and no plan, the region in force."""
    keys = HashKeys.of("k1:" + "x" * 32)
    policy = plan(RIGHT)[privacy.SECTION].policy(keys=keys)
    assert "street address" in policy.deny
    assert "otp" not in policy.deny
    assert "body" not in policy.messages
    assert "sms body" in policy.messages
    assert "mobile" not in policy.phones
    assert policy.rules == (
        FieldRule("user.phone", Action("phone_hash")),
        FieldRule("*.note", Action("last", 4), ("logs", "traces"), ("api",)),
    )
    assert (policy.keys, policy.region) == (keys, "US")
    assert plan(RIGHT)[privacy.SECTION].policy(region="DE").region == "DE"


@pytest.mark.parametrize(
    ("environment", "traces", "log_level"),
    [("production", 0.25, "warning"), ("prod", 0.25, "warning"), ("staging", 1.0, None), ("test", None, None)],
)
def test_sampling_is_by_environment_under_any_of_its_names(
    environment: str, traces: float | None, log_level: str | None
) -> None:
    loaded = plan(RIGHT)
    found = sampling.sampling_of(loaded[sampling.SECTION], loaded[environments.SECTION], environment)  # type: ignore[arg-type]
    assert (found.traces, found.log_level) == (traces, log_level)


def test_editors_are_told_the_same() -> None:
    """The JSON schema takes each action as the loader does, and refuses what it refuses."""
    check = jsonschema.Draft202012Validator(json_schema())
    for action in [*(name for name in ACTIONS if name not in COUNT_MAX), "last 4", "truncate 80"]:
        assert check.is_valid({"privacy": {"fields": [{"field": "a", "action": action}]}})
    for action in ["hsh", "last", "last 0", "hash 4"]:
        assert not check.is_valid({"privacy": {"fields": [{"field": "a", "action": action}]}})
    assert not check.is_valid({"sampling": {"prod": {"traces": 25}}})


def test_a_plan_is_written_as_it_was_read() -> None:
    """What is shown of it is JSON, with the actions as they are written."""
    shown = privacy.SECTION.adapter.dump_json(plan(RIGHT)[privacy.SECTION])
    assert [one["action"] for one in json.loads(shown)["fields"]] == ["phone_hash", "last 4"]
