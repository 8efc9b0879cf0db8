"""What is one issue and what is not."""

from typing import Any

import pytest
from tests.unit.issues.events import RECEIVED_NS, exception, frame, normal

from midwatch.contract import failures
from midwatch.server.issues.events.normal import normal_event
from midwatch.server.issues.events.told import told_event
from midwatch.server.issues.grouping import grouping_of
from midwatch.server.issues.grouping.messages import parametrised
from midwatch.server.issues.rules import ErrorRules, FingerprintRule

RULES = ErrorRules()


def hash_of(rules: ErrorRules = RULES, **more: Any) -> str:
    return grouping_of(normal(**more), rules).hash


def chain(*exceptions: dict[str, Any]) -> dict[str, Any]:
    return {"values": list(exceptions)}


SAME = {
    "another message": ({}, {"exception": chain(exception(value="bad 2"))}),
    "another line": ({}, {"exception": chain(exception(frames=[frame(lineno=99)]))}),
    "another host and checkout": (
        {},
        {"exception": chain(exception(frames=[frame(path="/builds/ci/src/app/billing/pay.py")]))},
    ),
    "a library between": (
        {},
        {"exception": chain(exception(frames=[frame(), frame("inner", "/x/site-packages/lib/a.py", in_app=False)]))},
    ),
    "recursion": (
        {
            "exception": chain(
                exception(frames=[frame("a"), frame("b"), frame("a"), frame("b"), frame("a"), frame("b")])
            )
        },
        {"exception": chain(exception(frames=[frame("a"), frame("b")]))},
    ),
    "another release of a script": (
        {"exception": chain(exception(frames=[frame("go", "https://x.test/assets/index-Bx12ab9Q.js")]))},
        {"exception": chain(exception(frames=[frame("go", "https://cdn.x.test/assets/index-9fQ1zz0a.js")]))},
    ),
    "a message with other numbers": (
        {"exception": chain(exception(value="order 12 of a@b.io", frames=[]))},
        {"exception": chain(exception(value="order 13 of c@d.io", frames=[]))},
    ),
    "a type with its module": ({"exception": chain(exception("app.Bad"))}, {"exception": chain(exception("Bad"))}),
    "a client's fingerprint": (
        {"fingerprint": ["x"]},
        {"fingerprint": ["x"], "exception": chain(exception("Other", frames=[frame("other")]))},
    ),
}
APART = {
    "another type": ({}, {"exception": chain(exception("KeyError"))}),
    "another function": ({}, {"exception": chain(exception(frames=[frame("refund")]))}),
    "another file": ({}, {"exception": chain(exception(frames=[frame(path="/srv/app/billing/refund.py")]))}),
    "another cause": ({}, {"exception": chain(exception("KeyError", frames=[frame("deep")]), exception())}),
    "another message without a stack": (
        {"exception": chain(exception(value="disk full", frames=[]))},
        {"exception": chain(exception(value="no such file", frames=[]))},
    ),
    "default and more": ({}, {"fingerprint": ["{{ default }}", "tenant-1"]}),
    "two of default and more": ({"fingerprint": ["{{ default }}", "a"]}, {"fingerprint": ["{{ default }}", "b"]}),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_one_failure_is_one_issue(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert hash_of(**one) == hash_of(**other)


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART)
def test_different_failures_are_different_issues(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert hash_of(**one) != hash_of(**other)


def test_only_default_is_as_if_there_were_no_fingerprint() -> None:
    assert hash_of(fingerprint=["{{ default }}"]) == hash_of()


def test_a_rule_of_the_team_goes_before_the_sender() -> None:
    rule = FingerprintRule(
        (("error.type", "Value*"), ("path", "*/billing/*")), ("billing", "{{ tags.tenant }}"), "In {{ tags.tenant }}"
    )
    rules = ErrorRules(fingerprints=(rule,))
    found = grouping_of(normal(tags={"tenant": "acme"}, fingerprint=["mine"]), rules)
    assert (found.by, found.parts, found.title) == ("rule", ("billing", "acme"), "In acme")
    assert found.hash != hash_of(rules, tags={"tenant": "other"})
    assert grouping_of(normal(exception=chain(exception("KeyError"))), rules).by == "stack"


def test_another_version_remembers_the_hashes_before_it() -> None:
    """So that a change of the algorithm opens no issue anew."""
    old = hash_of(ErrorRules(grouping=1))
    new = grouping_of(normal(), ErrorRules(grouping=2))
    assert new.hash != old
    assert old in new.older


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("user 42 not found", "user <int> not found"),
        ("took 12.5 ms for 0xdeadbeef", "took <duration> for <hex>"),
        ("at 2026-11-27T16:00:00.123Z from 10.0.0.1:443", "at <date> from <ip>"),
        ("no 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "no <uuid>"),
        ("GET https://api.x.test/v1/users/7?q=1 failed", "GET <url> failed"),
        ("mail to a.b+c@x.co.uk bounced", "mail to <email> bounced"),
        ("cus_Nf8aKq2b is gone", "<id> is gone"),
        ("two\nlines", "two"),
        ("utf8 and sha256 stay", "utf8 and sha256 stay"),
    ],
)
def test_messages_without_what_differs(message: str, expected: str) -> None:
    assert parametrised(message) == expected


TRACEBACK = """Traceback (most recent call last):
  File "/srv/app/billing/pay.py", line 12, in pay
    charge()
    ^^^^^^^^
  File "/usr/lib/python3.11/site-packages/stripe/http.py", line 1, in charge
    raise ConnectionError("gone")
ConnectionError: gone

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/app/billing/pay.py", line 14, in pay
    raise PaymentFailed("order 7") from error
app.errors.PaymentFailed: order 7
"""


def told(**attributes: str) -> dict[str, Any]:
    row = {
        "Source": "span",
        "TimeNs": RECEIVED_NS,
        "TraceId": "a" * 32,
        "SpanId": "b" * 16,
        "Body": "POST /pay",
        "Level": "error",
        "Attributes": {name.replace("__", "."): value for name, value in attributes.items()},
        "SpanAttributes": {"http.route": "/pay"},
        "ResourceAttributes": {"service.name": "shop", "service.version": "1.2", "telemetry.sdk.language": "python"},
        "SegmentHex": "00",
        "SegmentRow": 1,
        "Place": 1,
    }
    return normal_event(told_event(row), RECEIVED_NS, "d" * 32)


def test_a_span_event_is_the_issue_that_the_sentry_sdk_makes() -> None:
    """The same failure by text and by frames: types, the team's files and functions are all that counts."""
    by_otel = told(
        exception__type="app.errors.PaymentFailed", exception__message="order 7", exception__stacktrace=TRACEBACK
    )
    library = frame("charge", "/usr/lib/python3.11/site-packages/stripe/http.py", in_app=False)
    by_sentry = normal(
        exception=chain(
            exception("ConnectionError", "gone", [frame(), library]), exception("PaymentFailed", "order 7", [frame()])
        )
    )
    assert [one["type"] for one in by_otel["exception"]["values"]] == ["ConnectionError", "app.errors.PaymentFailed"]
    assert grouping_of(by_otel, RULES).hash == grouping_of(by_sentry, RULES).hash


def test_the_sdks_own_frames_causes_and_fingerprint_are_read() -> None:
    found = told(
        **{
            "exception.type": "PaymentFailed",
            "exception.message": "order 7",
            failures.FRAMES: '[{"file":"/srv/app/billing/pay.py","line":14,"function":"pay","in_app":true,'
            '"source":["a","b","c"],"source_start":13,"locals":{"x":"1"}}]',
            failures.CAUSES: '[{"type":"ConnectionError","message":"gone","frames":[]}]',
            failures.CATEGORY: "payment",
            failures.FINGERPRINT: '["mine"]',
            f"{failures.TAG}job": "42",
            f"{failures.USER}id": "7",
            failures.BREADCRUMBS: '[{"message":"clicked","level":"info","logger":"ui"}]',
        }
    )
    assert [one["type"] for one in found["exception"]["values"]] == ["ConnectionError", "PaymentFailed"]
    last = found["exception"]["values"][-1]["stacktrace"]["frames"][0]
    assert (last["pre_context"], last["context_line"], last["post_context"]) == (["a"], "b", ["c"])
    assert found["tags"] == {"job": "42", "error.category": "payment"}
    assert (found["user"], found["fingerprint"]) == ({"id": "7"}, ["mine"])
    assert found["breadcrumbs"]["values"][0]["category"] == "ui"


STACKS = {
    "node": (
        "TypeError: x\n    at go (/srv/app/pay.js:3:9)\n    at async Object.run (node:internal/x:1:2)",
        ["run", "go"],
    ),
    "chrome": ("Error: x\n    at go (https://x.test/a.js:1:22)\n    at https://x.test/a.js:9:1", ["", "go"]),
    "firefox": ("go@https://x.test/a.js:1:22\n@https://x.test/a.js:9:1", ["", "go"]),
    "java": (
        "java.lang.E: x\n\tat com.x.Pay.go(Pay.java:12)\n\tat java.base/java.lang.Thread.run(Thread.java:1)",
        ["run", "go"],
    ),
    "go": (
        "panic: x\n\ngoroutine 1 [running]:\nmain.pay(0x1)\n\t/srv/pay.go:7 +0x1d\nmain.main()\n\t/srv/main.go:3",
        ["main.main", "main.pay"],
    ),
    "ruby": ("pay.rb:3:in `go': x (E)\n\tfrom pay.rb:9:in `run'", ["run", "go"]),
    "php": ("#0 /srv/a.php(12): go()\n#1 /srv/b.php(3): run()", ["run()", "go()"]),
}


@pytest.mark.parametrize(("stack", "functions"), STACKS.values(), ids=STACKS)
def test_stacks_of_every_language_become_frames(stack: str, functions: list[str]) -> None:
    """Outermost call first."""
    frames = told(exception__type="E", exception__stacktrace=stack)["exception"]["values"][-1]["stacktrace"]["frames"]
    assert [one.get("function", "").removeprefix("Object.") for one in frames] == functions
