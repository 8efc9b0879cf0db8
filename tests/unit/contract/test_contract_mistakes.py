"""The sections that declare telemetry: one plan a mistake, each with its place and what was expected."""

import pytest

from midwatch.contract.plan import MAIN_FILE, load

MISTAKES = {
    "event is a sentence": ("log_events:\n  user signed in: {}", 2, 3, "expected a name of words with dots"),
    "event of no level": ("log_events:\n  a.b: {level: loud}", 2, 16, "=loud: expected 'debug'"),
    "event with an unknown key": ("log_events:\n  a.b: {keyz: [x]}", 2, 9, "keyz: unknown key; expected one of"),
    "key of no type": ("log_events:\n  a.b: {keys: {x: text}}", 2, 19, "keys.x=text: expected 'string', 'integer'"),
    "key of odd name": ("log_events:\n  a.b: {keys: {x y: any}}", 2, 16, "x y: expected a name of letters"),
    "key twice": (
        "log_events:\n  a.b: {keys: [user_id], optional: [userId]}",
        2,
        36,
        "userId: expected it in keys or in optional, not in both",
    ),
    "too often": ("log_events:\n  a.b: {every: 1s}", 2, 16, "every=1s: expected 1m to 31d"),
    "event of an unknown service": (
        "services: {api: {}}\nlog_events:\n  a.b: {services: [apj]}",
        3,
        20,
        "service=apj: expected one of api",
    ),
    "event in an unknown environment": (
        "environments: {live: {}}\nlog_events:\n  a.b: {environments: [life]}",
        3,
        24,
        "environment=life: expected one of live",
    ),
    "required key twice": ("required_keys: [user_id, userId]", 1, 26, "userId: is another name of user_id"),
    "required share": ("required_keys: [{key: a, at_least: 2}]", 1, 36, "expected a share from 0 to 1"),
    "required of nobody": (
        "services: {api: {}}\nrequired_keys: [{key: a, services: [web]}]",
        2,
        37,
        "service=web: expected one of api",
    ),
    "metric without a type": ("metrics:\n  a_total: {}", 2, 12, "metrics.a_total.type: expected this key"),
    "metric of no type": ("metrics:\n  a: {type: count}", 2, 13, "metrics.a.type=count: expected 'counter'"),
    "metric of odd name": ("metrics:\n  a-b: {type: gauge}", 2, 3, "a-b: expected letters, digits"),
    "metric twice": (
        "metrics:\n  a.b: {type: gauge}\n  a_b: {type: gauge}",
        3,
        8,
        "a_b: is the same metric as a.b",
    ),
    "label of odd name": ("metrics:\n  a: {type: gauge, labels: [x-y]}", 2, 28, "expected letters, digits"),
    "label's values": ("metrics:\n  a: {type: gauge, labels: {x: y}}", 2, 32, "labels.x=y: expected a list"),
    "buckets of a counter": ("metrics:\n  a: {type: counter, buckets: [1]}", 2, 6, "a counter has no buckets"),
    "buckets that fall": ("metrics:\n  a: {type: histogram, buckets: [2, 1]}", 2, 33, "expected rising numbers"),
    "span without a name": ("spans: [{kind: server}]", 1, 9, "spans[0].name: expected this key"),
    "span of no kind": ("spans: [{name: a, kind: web}]", 1, 25, "kind=web: expected 'internal'"),
    "span twice": ("spans: [{name: a}, {name: a}]", 1, 27, "name=a: expected it once"),
    "nothing to check": ("health_checks: {api: {}}", 1, 22, "expected checks or probes"),
    "unknown probe": ("health_checks: {api: {probes: [shop]}}", 1, 32, "probe=shop: expected a probe of the section"),
    "checks of an unknown service": (
        "services: {web: {}}\nhealth_checks: {api: {checks: [db]}}",
        2,
        22,
        "service=api: expected one of web",
    ),
    "wire without a trail": (
        "wire: [{name: a, urls: {l: 'http://h'}, trail: []}]",
        1,
        8,
        "expected a trail of at least one",
    ),
    "wire of no address": ("wire: [{name: a, urls: {l: h}, trail: [{service: x}]}]", 1, 28, "expected an address"),
    "wire with a password": (
        "wire: [{name: a, urls: {l: 'http://u:p@h'}, trail: [{service: x}]}]",
        1,
        28,
        "expected no password in the address",
    ),
    "wire with a secret": (
        "wire: [{name: a, urls: {l: 'http://h'}, headers: {Authorization: x}, trail: [{service: x}]}]",
        1,
        66,
        "expected it in headers_from",
    ),
    "wire with its own header": (
        "wire: [{name: a, urls: {l: 'http://h'}, headers: {traceparent: x}, trail: [{service: x}]}]",
        1,
        64,
        "the probe sets it",
    ),
    "stop of nothing": ("wire: [{name: a, urls: {l: 'http://h'}, trail: [{}]}]", 1, 49, "expected event, span or"),
    "stop of two things": (
        "wire: [{name: a, urls: {l: 'http://h'}, trail: [{event: x, span: y}]}]",
        1,
        49,
        "expected event or span, not both",
    ),
    "wire twice": (
        "wire:\n- {name: a, urls: {l: 'http://h'}, trail: [{service: x}]}\n"
        "- {name: a, urls: {m: 'http://h'}, trail: [{service: x}]}",
        3,
        10,
        "expected a name that no other entry has",
    ),
    "wire that waits too long": (
        "wire: [{name: a, urls: {l: 'http://h'}, within: 1h, trail: [{service: x}]}]",
        1,
        8,
        "expected within from 1s to 10m",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_of_a_contract_is_told_with_its_place(name: str) -> None:
    """Nothing else is told, and the plan is refused."""
    text, line, column, message = MISTAKES[name]
    loaded = load({MAIN_FILE: text})
    assert loaded.plan is None
    (told,) = [str(problem) for problem in loaded.problems]
    assert told.startswith(f"{MAIN_FILE}:{line}:{column}: "), told
    assert message in told


def test_a_key_whose_values_are_removed_is_a_warning() -> None:
    """What privacy takes out can be declared, but never arrives."""
    loaded = load({MAIN_FILE: "log_events: {auth.failed: {keys: {password: string}}}"})
    assert loaded.plan is not None
    (told,) = loaded.problems
    assert (told.severity, "its values are removed" in told.message) == ("warning", True)
