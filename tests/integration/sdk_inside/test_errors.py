"""Errors as a server gets them: what each event carries, that one failure is one, and what nobody caught."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog

import midwatch
from midwatch.contract.failures import CategoryRule
from tests.integration.sdk_inside.errors_sent import errors_in
from tests.otlp_sink import OtlpSink


@dataclass
class Account:
    name: str
    password: str = field(repr=True)


class OddError(Exception):
    """Its code says what it is."""

    def __init__(self, message: str, code: str = "", status_code: int = 0) -> None:
        super().__init__(message)
        self.code, self.status_code = code, status_code


SECRET = "-".join(("hunter", "2", "hunter"))


def connect(**_: str) -> None:
    return


def charge(amount: int) -> None:
    account = Account("Ann", SECRET)
    token, mail, password = SECRET, "@".join(("ann", "example.com")), SECRET
    options = {"api_key": SECRET, "tries": [amount] * 3}
    connect(password="written-in-source")
    raise OddError(f"no money for {mail}", code="PAYMENT_DECLINED") from KeyError(
        f"{account.name} {len(token) + len(password) + len(options)}"
    )


def caught(call: Any = charge, *arguments: Any) -> BaseException:
    try:
        call(*(arguments or (5,)))
    except Exception as error:
        return error
    raise AssertionError("expected to raise")


def test_an_event_has_what_groups_it_and_nothing_private(sent: OtlpSink) -> None:
    """Type, message, stack, frames with source and locals, causes, category, user, tags, extras; secrets are gone."""
    with midwatch.work("c-1", job_id="j-1"):
        event_id = midwatch.capture_exception(
            caught(), user={"id": "u-1", "email": "ann@example.com"}, tags={"job": "render"}, extras={"token": SECRET}
        )
    (about,) = errors_in(sent)
    ((record, _),) = sent.events("exception")
    assert record.severity_number == 17
    assert about["event.id"] == event_id
    assert about["exception.type"].endswith("OddError")
    assert about["exception.message"] == "no money for [email]"
    assert "charge" in about["exception.stacktrace"]
    assert (about["error.category"], about["error.mechanism"], about["error.handled"]) == ("payment", "capture", True)
    assert (about["correlation_id"], about["job_id"]) == ("c-1", "j-1")
    assert (about["user.id"], about["user.email"]) == ("u-1", "[email]")
    assert (about["tag.job"], about["extra.token"]) == ("render", "[removed]")
    outer, inner = about["exception.frames"]
    assert (outer["function"], inner["function"]) == ("caught", "charge")
    assert (inner["file"], inner["module"], inner["in_app"]) == (__file__, __name__, True)
    assert inner["line"] == charge.__code__.co_firstlineno + 5
    assert inner["source"][inner["line"] - inner["source_start"]].strip().startswith("raise OddError")
    assert inner["locals"] == {
        "amount": 5,
        "account": {"class": "Account", "name": "Ann", "password": "[removed]"},
        "token": "[removed]",
        "mail": "[email]",
        "password": "[removed]",
        "options": {"api_key": "[removed]", "tries": [5, 5, 5]},
    }
    assert [one["type"] for one in about["exception.causes"]] == ["KeyError"]
    assert not any(SECRET.encode() in body or b"ann@example.com" in body for body in sent.of("logs"))
    assert not any("written-in-source" in line for line in inner["source"])


def test_the_lines_before_are_its_breadcrumbs(sent: OtlpSink) -> None:
    """Of this work alone, info and above, the newest thirty, with what they carried."""
    with midwatch.work("c-other"):
        structlog.get_logger().info("of another")
    with midwatch.work("c-1"):
        for number in range(40):
            structlog.get_logger().info("step", number=number)
        structlog.get_logger().debug("too fine")
        logging.getLogger("shop").warning("low on stock")
        structlog.get_logger().error("failed", exc_info=caught())
    (about,) = errors_in(sent)
    crumbs = about["breadcrumbs"]
    assert len(crumbs) == 30
    assert [one["message"] for one in crumbs[-2:]] == ["step", "low on stock"]
    assert (crumbs[-1]["level"], crumbs[-1]["logger"]) == ("warning", "shop")
    assert crumbs[-2]["data"] == {"number": 39, "correlation_id": "c-1"}
    assert about["error.mechanism"] == "log"


def test_one_failure_is_one_event(sent: OtlpSink) -> None:
    """Told by three handlers, and raised again from itself: each tells its line, one is the event. The next is new."""
    try:
        try:
            charge(1)
        except OddError as error:
            logging.getLogger("a").exception("first")
            structlog.get_logger().exception("second")
            raise RuntimeError("outer") from error
    except RuntimeError:
        first = midwatch.capture_exception()
        try:
            raise LookupError("while handling")
        except LookupError:
            second = midwatch.capture_exception()
    assert [about["event.id"] for about in errors_in(sent)] == [first, second]
    assert [record.body.string_value for record in sent.logs] == ["first", "second", "while handling"]


def test_an_object_raised_again_later_is_a_new_failure(sent: OtlpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = caught()
    midwatch.capture_exception(kept)
    monkeypatch.setattr("midwatch.sdk.errors.SAME_SECONDS", 0.0)
    midwatch.capture_exception(kept)
    assert len(errors_in(sent)) == 2


@pytest.mark.parametrize(
    ("error", "category"),
    [
        (OddError("x", code="AUTH_EXPIRED"), "auth"),
        (OddError("x", status_code=403), "auth"),
        (OddError("x", code="PIPELINE_STUCK"), "pipeline"),
        (OddError("x", code="PAYMENT_DECLINED"), "payment"),
        (OddError("the upstream timed out"), "timeout"),
        (TimeoutError(), "timeout"),
        (OddError("Rate limit reached"), "rate_limit"),
        (OddError("x", status_code=429), "rate_limit"),
        (OddError("x"), "unknown"),
        (FileNotFoundError(2, "No such file"), "storage"),
        (OddError("x", code="SMS_REFUSED"), "sms_outbound"),
    ],
)
def test_errors_have_a_category(sink: OtlpSink, error: BaseException, category: str) -> None:
    """The team's rules first, then ours, else unknown; a class below one that is named counts."""
    rules = (
        CategoryRule("storage", types=("OSError",)) if not isinstance(error, TimeoutError) else CategoryRule("none"),
        CategoryRule("sms_outbound", code_prefixes=("SMS_",)),
    )
    midwatch.init(service="worker", dsn=sink.dsn, errors=midwatch.ErrorPolicy(categories=rules))
    midwatch.capture_exception(error)
    (about,) = errors_in(sink)
    midwatch.shutdown()
    assert about["error.category"] == category


@pytest.mark.parametrize(("severity", "number"), [("fatal", 21), ("error", 17), ("warning", 13), ("info", 9)])
def test_errors_have_a_severity(sent: OtlpSink, severity: str, number: int) -> None:
    midwatch.capture_exception(caught(), severity=severity, category="safety_escalation", fingerprint=["a", "b"])
    (about,) = errors_in(sent)
    assert [record.severity_number for record in sent.logs] == [number]
    assert (about["error.category"], about["error.fingerprint"]) == ("safety_escalation", ["a", "b"])


def test_ignored_and_sampled_errors_stay_lines_and_are_counted(sink: OtlpSink) -> None:
    """By class and by name; what is sampled out is in `errors_total` all the same."""
    policy = midwatch.ErrorPolicy(ignore=(LookupError, "OddError"), sample_rates={"error": 0.0, "warning": 0.5})
    midwatch.init(service="worker", dsn=sink.dsn, errors=policy)
    before = _totals(sink)
    for error in (KeyError("a"), OddError("b"), asyncio.CancelledError(), ValueError("c")):
        structlog.get_logger().error("failed", exc_info=error)
    for _ in range(200):
        midwatch.capture_exception(ArithmeticError(), severity="warning", category="unknown")
    after = _totals(sink)
    midwatch.shutdown()
    shares = [about["error.sample_rate"] for _, about in sink.events("exception")]
    assert 40 < len(shares) < 160
    assert set(shares) == {0.5}
    counted = {key: value - before.get(key, 0) for key, value in after.items() if value != before.get(key, 0)}
    assert counted == {
        (("category", "unknown"), ("severity", "error")): 1,
        (("category", "unknown"), ("severity", "warning")): 200,
    }


def _totals(sink: OtlpSink) -> dict[Any, float]:
    assert midwatch.flush()
    return sink.series("errors_total")


def test_a_storm_of_errors_is_bounded(sent: OtlpSink) -> None:
    """What is beyond the allowance stays a line, and none is lost."""
    for number in range(400):
        structlog.get_logger().error("failed", exc_info=ValueError(number))
    assert 100 <= len(errors_in(sent)) < 200
    assert len(sent.logs) == 400


class Hostile(Exception):
    """Nothing of it works."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    def __repr__(self) -> str:
        raise RuntimeError("no text")

    @property
    def status_code(self) -> int:
        raise RuntimeError("no status")

    def __setattr__(self, name: str, value: Any) -> None:
        raise RuntimeError("no attributes")


def recurse(depth: int) -> None:
    hostile, huge, many = Hostile(), 1 << 80, list(range(100_000))
    if depth == 0:
        raise Hostile
    recurse(depth - 1)
    raise AssertionError((hostile, huge, many))


def test_errors_that_resist_are_told(sent: OtlpSink) -> None:
    """No text, no attributes, five hundred frames, huge locals: bounded, and nothing raises."""
    assert midwatch.capture_exception(caught(recurse, 500))
    (about,) = errors_in(sent)
    assert len(about["exception.frames"]) == 50
    assert about["exception.frames"][-1]["locals"]["huge"] == "<int of 81 bits>"
    assert about["exception.frames"][-1]["locals"]["many"] == list(range(8))
    assert len(sent.of("logs")[0]) < 100_000


def heavy(depth: int, text: str) -> None:
    one, two, three, four = text, text, text, [text] * 8
    if depth == 0:
        structlog.get_logger().info("before", one=one, two=two)
        raise ValueError(text) from RuntimeError("\ud800")
    heavy(depth - 1, text)
    raise AssertionError((three, four))


def test_what_is_too_much_for_one_attribute_is_left_out(sent: OtlpSink) -> None:
    """Locals of the outer calls first; the inner ones, every line and function, and what went before, are there."""
    with midwatch.work("c-1"):
        for number in range(30):
            structlog.get_logger().info("x" * 300, **{f"field{one}": "y" * 300 for one in range(12)}, number=number)
        try:
            heavy(45, "z" * 1000)
        except ValueError as error:
            midwatch.capture_exception(ValueError("outer").with_traceback(error.__traceback__))
    (about,) = errors_in(sent)
    frames = about["exception.frames"]
    assert len(frames) == 47
    assert all(frame["line"] and frame["function"] for frame in frames)
    assert "locals" in frames[-1]
    assert "locals" not in frames[0]
    assert len(about["breadcrumbs"]) == 30
    ((_, sent_as),) = sent.events("exception")
    assert all(len(value) <= 32 << 10 for value in sent_as.values() if isinstance(value, str))


def test_before_init_and_without_an_error_it_is_harmless(sent: OtlpSink) -> None:
    assert midwatch.capture_exception() == ""
    midwatch.shutdown()
    assert midwatch.capture_exception(ValueError()) == ""


@pytest.mark.parametrize(
    "policy", [{"sample_rate": 2}, {"sample_rates": {"error": -1}}, {"sample_rates": {"catastrophe": 1}}]
)
def test_a_policy_that_cannot_be_is_refused(policy: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"errors: .*expected"):
        midwatch.ErrorPolicy(**policy)
