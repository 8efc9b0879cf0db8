"""However a program ends, what it told is sent, and once: real processes and a real sink."""

import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Process, Run
from tests.integration.sdk.heard import Heard
from tests.unit.sdk.odd_servers import odd_server
from tests.unit.sdk.sink import Sink

ENDING = f"{APPS}.ending"
NEVER = "3600000"
"""Milliseconds until metrics are sent, so that nothing but the end sends anything soon."""


@pytest.fixture
def ending(run: Run) -> Callable[..., Process]:
    def start(*how: str, **environment: str) -> Process:
        process = run(ENDING, *how, **{"OTEL_METRIC_EXPORT_INTERVAL": NEVER, **environment})
        if how[0].startswith("by_sigterm"):
            eventually(lambda: "ready" in process.output())
        return process

    return start


def told(heard: Heard) -> Counter[str]:
    return Counter(one.message for one in heard.lines())


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("by_itself", 0),
        ("with_error", 1),
        ("with_a_thread", 0),
        ("by_sigterm", -signal.SIGTERM),
        ("by_sigterm_with_own_handler", 3),
        ("by_sigterm_with_later_handler", 3),
    ],
)
def test_the_last_words_are_sent(how: str, code: int, ending: Callable[..., Process], heard: Heard) -> None:
    """And the process ends as it would without us."""
    process = ending(how)
    found = process.stop() if how.startswith("by_sigterm") else process.popen.wait(30)
    assert found == code, process.output()
    assert told(heard)["last words"] == 1
    assert heard.points("midwatch_sdk_dropped_total") == []


def test_a_sigterm_in_the_middle_of_anything_ends_it(ending: Callable[..., Process]) -> None:
    """No lock that the main thread holds stops it, however often."""
    for _ in range(4):
        process = ending("by_sigterm_inside_a_lock")
        began = time.monotonic()
        assert process.stop() == -signal.SIGTERM, process.output()
        assert time.monotonic() - began < 10


def test_a_second_sigterm_does_not_wait(ending: Callable[..., Process]) -> None:
    with odd_server(lambda client: time.sleep(30)) as url:
        process = ending("by_sigterm", MIDWATCH_DSN=url.replace("://", "://key@"))
        process.popen.send_signal(signal.SIGTERM)
        eventually(lambda: "SIGTERM" not in signals_caught(process), seconds=10)
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(1.5) == -signal.SIGTERM


def signals_caught(process: Process) -> str:
    """SIGTERM where it has a handler of its own."""
    with open(f"/proc/{process.popen.pid}/status") as status:
        mask = next(int(line.split()[1], 16) for line in status if line.startswith("SigCgt"))
    return "SIGTERM" if mask & 1 << (signal.SIGTERM - 1) else ""


@pytest.mark.parametrize("how", ["by_itself", "by_sigterm"])
def test_a_server_that_is_not_there_costs_the_end_nothing(how: str, ending: Callable[..., Process], sink: Sink) -> None:
    process = ending(how, MIDWATCH_DSN="http://key@127.0.0.1:1")
    began = time.monotonic()
    assert (process.stop() if how == "by_sigterm" else process.popen.wait(30)) in (0, -signal.SIGTERM)
    assert time.monotonic() - began < 10
    assert "midwatch: cannot send logs: ConnectionRefusedError" in process.output()
    assert "logs (unreachable)" in process.output()


def test_a_server_that_hangs_costs_the_end_its_seconds(ending: Callable[..., Process]) -> None:
    with odd_server(lambda client: time.sleep(60)) as url:
        process = ending("by_sigterm", MIDWATCH_DSN=url.replace("://", "://key@"))
        began = time.monotonic()
        assert process.stop() == -signal.SIGTERM
        assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "how",
    [
        ("forked",),
        ("forked_at_once",),
        ("in_a_process", "fork"),
        ("in_a_process", "spawn"),
        ("in_a_process", "forkserver"),
        ("in_a_pool", "fork"),
        ("in_a_pool", "spawn"),
        ("in_a_pool", "forkserver"),
    ],
    ids=" ".join,
)
def test_each_process_sends_its_own_and_once(
    how: tuple[str, ...], ending: Callable[..., Process], heard: Heard
) -> None:
    """What waited in the parent at the fork too; each is an instance of its own."""
    process = ending(*how)
    assert process.popen.wait(60) == 0, process.output()
    assert told(heard) == {"parent before": 1, "child": 1, "parent after": 1}
    instances = {one.message: one.resource["service.instance.id"] for one in heard.lines()}
    assert instances["parent before"] == instances["parent after"] != instances["child"]


def test_a_fork_in_the_middle_of_anything_is_no_deadlock(ending: Callable[..., Process], heard: Heard) -> None:
    process = ending("forked_while_busy")
    assert process.popen.wait(60) == 0, process.output()
    assert told(heard)["child"] == 30
    assert len({one.resource["service.instance.id"] for one in heard.lines("child")}) == 30
