"""`midwatch.testing`: what a team's tests see, and what a claim that is wrong says."""

import logging
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import midwatch
from midwatch.sdk import setup
from midwatch.testing import Seen
from tests.unit.sdk.sink import serving

pytest_plugins = ["midwatch.testing.pytest_plugin"]

log = midwatch.get_logger("shop")


def place_order(order_id: int, email: str = "ada@example.com") -> None:
    with midwatch.job("place order", job_id=order_id), midwatch.step("charge"):
        midwatch.counter("orders_total", "", ("plan",)).add(plan="pro")
        log.info("order placed", order_id=order_id, email=email, password="hunter2")
        midwatch.event("order.placed", entity=("order", order_id), total=42)


def test_all_that_a_piece_of_work_tells_is_seen(seen: Seen) -> None:
    place_order(7)
    line = seen.assert_line("order placed", level="info", order_id=7)
    assert (line.fields["email"], line.fields["password"], line.logger) == ("[email]", "[removed]", "shop")
    event = seen.assert_event("order.placed", entity=("order", 7), total=42, count=1)
    span = seen.assert_span("job place order", {"job.id": "7"})
    assert (span.trace_id, span.kind, span.failed) == (line.trace_id, "internal", False)
    assert event.correlation_id == line.correlation_id != ""
    assert seen.assert_span("step charge").parent_id == span.span_id
    assert seen.metrics.change("orders_total", plan="pro") == 1
    assert seen.metrics.change("job_duration_seconds", job="place order") == 1
    seen.assert_keys("timestamp", "level", "message", "service", "correlation_id", "trace_id")
    seen.assert_correlated()
    seen.assert_redacted("ada@example.com", "hunter2")
    seen.assert_nothing_private()


def test_metrics_tell_what_has_come(seen: Seen) -> None:
    """The value is the process's, the change the capture's; labels that are not named are summed."""
    orders = midwatch.counter("orders_total", "", ("plan",))
    orders.add(plan="pro")
    orders.add(2, plan="free")
    before = seen.metrics.value("orders_total", plan="pro")
    seen.clear()
    orders.add(3, plan="pro")
    midwatch.histogram("size.bytes", "", ("kind",)).record(5, kind="a")
    assert (seen.metrics.value("orders_total", plan="pro"), seen.metrics.change("orders_total")) == (before + 3, 3)
    assert seen.metrics.change("size.bytes", kind="a") == 1
    assert seen.metrics.change("no_such_total") == 0
    assert seen.metrics.series("size_bytes") == {(("kind", "a"),): seen.metrics.value("size.bytes")}


def test_errors_are_seen_with_what_groups_them(seen: Seen) -> None:
    try:
        raise ValueError("card 4111 1111 1111 1111 refused")
    except ValueError:
        log.exception("cannot charge", order_id=7)
    error = seen.assert_error(ValueError, "refused", order_id=7)
    assert (error.message, error.severity, error.handled) == ("card [card] refused", "error", True)
    assert error.frames[-1]["function"] == "test_errors_are_seen_with_what_groups_them"
    seen.assert_error("ValueError")
    seen.assert_redacted("4111")


def test_standard_loggers_and_costs_are_seen_too(seen: Seen) -> None:
    logging.getLogger("library").warning("late by %d s", 3)
    midwatch.cost("sms", units=2)
    seen.assert_line("late by 3 s", level="warning")
    seen.assert_event("cost", {"cost.kind": "sms"})
    assert len(seen.lines) == 1


WRONG = [
    (
        lambda seen: seen.assert_line("order lost"),
        "no line 'order lost'; seen:\n  line 'job started'\n  line 'order placed'",
    ),
    (
        lambda seen: seen.assert_line("order placed", order_id=8),
        "no line 'order placed' with order_id=8; seen:\n  line 'order placed' with order_id=7",
    ),
    (
        lambda seen: seen.assert_event("order.placed", entity=("order", 8)),
        "no event 'order.placed' of order 8; seen:\n  event 'order.placed'",
    ),
    (
        lambda seen: seen.assert_event("order.placed", total=1, colour="red"),
        "no event 'order.placed' with total=1, colour='red'; seen:\n  event 'order.placed' with total=42, no colour",
    ),
    (lambda seen: seen.assert_event("order.placed", count=2), "event 'order.placed': seen 1 times, expected 2"),
    (lambda seen: seen.assert_error(KeyError), "no error KeyError; seen:\n  nothing"),
    (lambda seen: seen.assert_span("job sell"), "no span 'job sell'; seen:\n  span 'step charge'"),
    (lambda seen: seen.assert_keys("ts", "level", message="order placed"), "line 'order placed' lacks ts; it has "),
    (lambda seen: seen.assert_keys("ts", message="no such"), "no line 'no such' was told"),
    (lambda seen: seen.assert_correlated("c-1"), "line 'order placed' has the correlation id '"),
    (
        lambda seen: seen.assert_redacted("order placed"),
        "'order placed' is in line 'order placed', message, written.message",
    ),
]


@pytest.mark.parametrize(("claim", "said"), WRONG, ids=[said[:40] for _, said in WRONG])
def test_a_wrong_claim_says_what_there_was(seen: Seen, claim: object, said: str) -> None:
    place_order(7)
    with pytest.raises(AssertionError, match=re.escape(said)):
        claim(seen)  # type: ignore[operator]


def test_what_is_told_outside_of_any_work_is_not_correlated(seen: Seen) -> None:
    log.info("alone")
    with pytest.raises(AssertionError, match="line 'alone' has no correlation id: it was told outside of any work"):
        seen.assert_correlated()


def test_two_ids_in_one_trace_are_not_correlated(seen: Seen) -> None:
    with midwatch.job("render"):
        log.info("first")
        with midwatch.work("another"):
            log.info("second")
    with pytest.raises(AssertionError, match="line 'second' has the correlation id 'another', others of its trace '"):
        seen.assert_correlated()


def test_what_is_private_is_found_where_no_redactor_looked(seen: Seen) -> None:
    """What nobody knows to be private is found by its text; what looks private by itself."""
    with midwatch.work():
        log.info("fed", pet="kitty")
    with pytest.raises(AssertionError, match=r"'kitty' is in line 'fed', fields\.pet, written\.pet"):
        seen.assert_redacted("kitty")
    with pytest.raises(ValueError, match="expected the texts that must not be seen"):
        seen.assert_redacted()
    seen.lines.append(replace(seen.lines[0], fields={"owner": "ada@example.com", "password": "kitty"}))
    with pytest.raises(AssertionError) as raised:
        seen.assert_nothing_private()
    assert str(raised.value).splitlines() == [
        "private:",
        "  'ada@example.com' is in line 'fed', fields.owner",
        "  'kitty' is in line 'fed', under the private key fields.password",
    ]


def test_nothing_is_sent_and_all_is_as_before() -> None:
    """An app that sends goes on sending when the block is over; `init` within it sends nowhere."""
    with serving() as sink:
        dsn = sink.url.replace("://", "://key@")
        midwatch.init(service="shop", dsn=dsn)
        try:
            before = setup.in_force()
            assert before is not None
            with midwatch.testing.capture() as outer, midwatch.testing.capture() as seen:
                log.info("within")
                midwatch.init(service="another", dsn=dsn)
                log.info("still within")
                assert midwatch.flush()
            assert [line.message for line in seen.lines] == ["within", "still within"]
            assert [line.message for line in outer.lines] == ["within", "still within"]
            assert seen.lines[1].written["service"] == "another"
            log.info("after")
            assert midwatch.flush()
            after = setup.in_force()
            assert after is not None
            assert after.options == before.options
        finally:
            midwatch.shutdown()
        sent = b"".join(sink.bodies("logs"))
        assert b"within" not in sent
        assert b"after" in sent


def test_options_are_for_the_block() -> None:
    """Such as the keys that a team gives its lines."""
    with midwatch.testing.capture(service="shop", log_keys={"timestamp": "ts", "message": "event"}) as seen:
        log.info("kept")
    seen.assert_keys("ts", "level", "event", "service")
    assert seen.lines[0].written["event"] == "kept"
    assert setup.in_force() is None
    log.info("not seen")
    assert len(seen.lines) == 1


A_TEAMS_TEST = """
import midwatch

def test_locking(seen):
    midwatch.event("linkup.locked", entity=("linkup", 42))
    seen.assert_event("linkup.locked", entity=("linkup", 42))
    seen.assert_event("linkup.unlocked")
"""


def test_a_team_uses_the_fixture(tmp_path: Path) -> None:
    """In a pytest run of its own; the report names what was seen, and not our own frames."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["midwatch.testing.pytest_plugin"]\n')
    (tmp_path / "test_team.py").write_text(A_TEAMS_TEST)
    without = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest")
    command = [sys.executable, "-m", "pytest", "-q", *without, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False)
    assert done.returncode == 1, done.stdout
    assert "AssertionError: no event 'linkup.unlocked'; seen:\nE         event 'linkup.locked'" in done.stdout
    assert "def _one" not in done.stdout


def test_pytest_is_not_loaded_by_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, midwatch; midwatch.testing; print('pytest' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"
