"""What is lost is counted by reason, said once a minute, and seen as a metric."""

import os
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from midwatch.sdk.dropped import Dropped
from midwatch.sdk.problems import DETAIL_MAX, SAY_AGAIN_SECONDS, Problems


class Hostile(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


def test_each_reason_is_said_once_a_minute_with_what_came_since(capfd: Any) -> None:
    now = [0.0]
    problems = Problems(monotonic=lambda: now[0])
    problems.dropped("logs", "queue_full", 1, "too many")
    problems.dropped("logs", "queue_full", 5)
    problems.dropped("traces", "refused", 2)
    now[0] = SAY_AGAIN_SECONDS - 0.1
    problems.dropped("logs", "queue_full", 6)
    now[0] = SAY_AGAIN_SECONDS
    problems.dropped("logs", "queue_full", 7)
    problems.dropped("logs", "queue_full", 8)
    problems.say_rest()
    problems.say_rest()
    assert capfd.readouterr().err.splitlines() == [
        "midwatch: dropped 1 logs (queue_full): too many; counted from now on",
        "midwatch: dropped 2 traces (refused); counted from now on",
        "midwatch: dropped 18 logs (queue_full) in the last 60 seconds",
        "midwatch: dropped 8 more logs (queue_full)",
    ]
    assert problems.counts() == {("logs", "queue_full"): 27, ("traces", "refused"): 2}


def test_the_counts_are_a_metric() -> None:
    problems, registry = Problems(), CollectorRegistry()
    registry.register(Dropped(problems))
    problems.dropped("lines", "not_read", 3)
    line = b'midwatch_sdk_dropped_total{reason="not_read",what="lines"} 3.0\n'
    assert line in generate_latest(registry)


def test_any_error_can_be_told(capfd: Any) -> None:
    problems = Problems()
    problems.failed("errors", "failed", Hostile())
    problems.failed("lines", "failed", ValueError("x" * 10_000))
    first, second = capfd.readouterr().err.splitlines()
    assert first == "midwatch: dropped 1 errors (failed): Hostile: <Hostile that has no text>; counted from now on"
    assert len(second) < DETAIL_MAX + 100


def test_nothing_private_is_said(capfd: Any) -> None:
    problems = Problems()
    problems.failed("errors", "failed", ValueError("cannot write to ada@example.com, password=hunter2"))
    said = capfd.readouterr().err
    assert "[email]" in said
    assert "ada@example.com" not in said
    assert "hunter2" not in said


@pytest.mark.parametrize("closed", [True, False])
def test_a_stderr_that_nobody_reads_holds_nobody_up(closed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Full, or closed: the message is lost, the count is not."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with open(writing, "w") as stderr:
        try:
            while True:
                os.write(writing, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(writing, True)
        if closed:
            os.close(reading)
        monkeypatch.setattr("sys.stderr", stderr)
        problems = Problems()
        problems.dropped("logs", "refused", 1)
        assert problems.counts() == {("logs", "refused"): 1}
    if not closed:
        os.close(reading)


def test_a_child_counts_its_own() -> None:
    problems = Problems()
    problems.dropped("logs", "refused", 1)
    child = os.fork()
    if child == 0:
        os._exit(0 if problems.counts() == {} else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert problems.counts() == {("logs", "refused"): 1}
