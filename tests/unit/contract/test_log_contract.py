"""What is wrong with one line, by the plan; and what a line calls its event."""

from typing import Any

import pytest

from midwatch.contract.plan import MAIN_FILE, load
from midwatch.contract.plan.log_contract import LogContract, contract_of

PLAN = """
required_keys: [ts, level, event, env, correlation_id, {key: job_id, services: [worker]}, {key: host, at_least: 0.5}]
log_events:
  sms.received: {level: info, keys: {sid: string, attempt: integer, score: number}, extra: false}
  sms.sent: {level: [info, warning], optional: {to: list}}
"""
GOOD = {"correlationId": "c", "sid": "s", "attempt": 1, "score": 0.5}
LINES: dict[str, tuple[str, str, dict[str, Any], list[str]]] = {
    "as declared": ("sms.received", "info", GOOD, []),
    "an integer is a number": ("sms.received", "info", {**GOOD, "score": 2}, []),
    "a level": ("sms.received", "error", GOOD, ["is of level error: expected info"]),
    "a level's other name": ("sms.sent", "warn", GOOD, []),
    "a key": ("sms.received", "info", {**GOOD, "sid": None}, ["has no sid"]),
    "a type": ("sms.received", "info", {**GOOD, "attempt": True}, ["has attempt of type bool: expected integer"]),
    "a type of an optional key": ("sms.sent", "info", {**GOOD, "to": "x"}, ["has to of type str: expected list"]),
    "a key too many": ("sms.received", "info", {**GOOD, "zip": 1}, ["has zip, which is not declared"]),
    "a key of every line": ("sms.sent", "info", {}, ["has no correlation_id"]),
    "undeclared": ("sms.recieved", "info", GOOD, ["is not declared in log_events; did you mean sms.received?"]),
    "built in": ("exception", "error", GOOD, []),
    "the SDK's own line": ("", "info", {**GOOD, "logger": "midwatch.web"}, []),
    "no event": ("", "info", GOOD, ["tells of no event: expected one in `event`, or as its message"]),
}


@pytest.fixture(scope="module")
def contract() -> LogContract:
    plan = load({MAIN_FILE: PLAN}).plan
    assert plan is not None
    return contract_of(plan)


@pytest.mark.parametrize("name", LINES)
def test_a_line_is_held_against_the_contract(contract: LogContract, name: str) -> None:
    """Each complaint says what is there and what was expected."""
    event, level, attributes, complaints = LINES[name]
    found = list(contract.complaints(event, level, attributes, service="api", environment="test"))
    assert found == complaints


def test_a_key_may_be_asked_of_one_service_and_the_environment_of_all(contract: LogContract) -> None:
    """And a key that only a share of lines has is not asked of one line."""
    of_worker = list(contract.complaints("sms.sent", "info", GOOD, service="worker", environment=""))
    assert of_worker == ["has no environment: expected init(environment=…)", "has no job_id"]


@pytest.mark.parametrize(
    ("event_name", "attributes", "message", "name"),
    [
        ("a.b", {"event": "c.d"}, "e.f", "a.b"),
        ("", {"event": "c.d"}, "e.f", "c.d"),
        ("", {"eventName": "cd"}, "e.f", "cd"),
        ("", {"event": "somebody signed in"}, "e.f", "e.f"),
        ("", {}, "sms.sent", "sms.sent"),
        ("", {}, "Sms sent.", ""),
        ("", {}, "10.0.0.1", ""),
    ],
)
def test_a_line_calls_its_event_by_attribute_or_message(
    contract: LogContract, event_name: str, attributes: dict[str, Any], message: str, name: str
) -> None:
    """The name that OpenTelemetry has goes first, then the attribute, then a message that is a name."""
    assert contract.name_of(event_name, attributes, message) == name
