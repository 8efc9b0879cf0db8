"""After `init` nothing raises, whatever it is given: each public function, with arguments that fail where they can."""

import io
import logging
import sys
from collections.abc import Callable, Iterator
from contextvars import Context
from typing import Any

import pytest

import midwatch
from midwatch.sdk import context, tracing
from midwatch.sdk.loggers import StandardHandler
from midwatch.sdk.problems import PROBLEMS
from midwatch.testing import Seen

pytest_plugins = ["midwatch.testing.pytest_plugin"]


def standard(message: Any, *args: Any, **extra: Any) -> None:
    """What a standard logger would say, past the handler of pytest's, which raises what a message raises."""
    (ours,) = (one for one in logging.getLogger().handlers if isinstance(one, StandardHandler))
    ours.handle(logging.getLogger("hostile").makeRecord("hostile", 40, "", 0, message, args, None, extra=extra))


class Hostile:
    """Fails in all that can be asked of an object."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__

    def __eq__(self, _: object) -> bool:
        raise RuntimeError("no equality")

    def __hash__(self) -> int:
        raise RuntimeError("no hash")

    def __bool__(self) -> bool:
        raise RuntimeError("neither true nor false")

    def __len__(self) -> int:
        raise RuntimeError("no length")

    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("nothing to go through")

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")


class HostileError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class HostileMapping(dict[Any, Any]):
    def items(self) -> Any:
        raise RuntimeError("no items")

    keys = __iter__ = __getitem__ = items  # type: ignore[assignment]


def looped() -> dict[str, Any]:
    loop: dict[str, Any] = {"a": []}
    loop["a"].append(loop)
    return loop


def deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(5000):
        value = [value]
    return value


VALUES: dict[str, Any] = {
    "hostile": Hostile(),
    "hostile inside": {"a": [Hostile()]},
    "hostile mapping": HostileMapping(a=1),
    "loop": looped(),
    "deep": deep(),
    "huge text": "x" * (1 << 20),
    "huge number": 10**400,
    "not a number": float("nan"),
    "half a pair": "\ud800",
    "bytes": b"\xff\x00",
    "keys that are no texts": {1: 2, None: 3, (4,): 5},
    "none": None,
    "class": Hostile,
    "generator": (one for one in "abc"),
}


def with_work(value: Any) -> None:
    with midwatch.work(value, field=value):
        midwatch.get_logger().info("within")


def with_job(value: Any) -> None:
    with midwatch.job("job", job_id=value, attempt=value, queued_at=value, carrier=value, field=value):
        midwatch.get_logger().info("within")


def with_named_job(value: Any) -> None:
    with midwatch.job(value), midwatch.step(value, field=value):
        pass


def with_decorated(value: Any) -> None:
    @midwatch.job("job", job_id=lambda one: one.missing, queued_at=lambda one: value)
    def work(one: Any) -> str:
        return "done"

    assert work(value) == "done"


def with_received(value: Any) -> None:
    with midwatch.received(value, value, attributes=value, field=value):
        pass


def with_overdue(value: Any) -> None:
    with midwatch.job("job", overdue_seconds=value):
        pass


def with_cron(value: Any) -> None:
    @midwatch.cron("nightly", schedule="* * * * *")
    def work(one: Any) -> str:
        return "done"

    assert work(value) == "done"


CALLS: dict[str, Callable[[Any], object]] = {
    "line": lambda value: midwatch.get_logger().info("message", value=value),
    "message": lambda value: midwatch.get_logger().info(value),
    "logger": lambda value: midwatch.get_logger(value).info("message"),
    "bound logger": lambda value: midwatch.get_logger().bind(value=value).warning("message"),
    "exc_info": lambda value: midwatch.get_logger().error("message", exc_info=value),
    "standard": standard,
    "standard with arguments": lambda value: standard("%s %s", value, value),
    "standard with extra": lambda value: standard("message", value=value),
    "bind": lambda value: midwatch.bind(value=value),
    "work": with_work,
    "job": with_job,
    "job's name": with_named_job,
    "decorated job": with_decorated,
    "overdue": with_overdue,
    "received": with_received,
    "cron": with_cron,
    "event": lambda value: midwatch.event(value, entity=value, event_id=value, level=value, field=value),
    "event's fields": lambda value: midwatch.event("name", field=value),
    "event's entity": lambda value: midwatch.event("name", entity=("order", value)),
    "transition": lambda value: midwatch.transition(value, value, value, value, field=value),
    "capture": midwatch.capture_exception,
    "capture's fields": lambda value: midwatch.capture_exception(
        ValueError("x"), user=value, tags=value, extras=value, category=value, severity=value, fingerprint=value
    ),
    "capture of": lambda value: midwatch.capture_exception(ValueError(value), extras={"a": value}),
    "cost": lambda value: midwatch.cost(value, value, amount=value, currency=value, field=value),
    "heartbeat": midwatch.heartbeat,
    "alarm": lambda value: midwatch.alarm("alarm", value, alarm_id=value, grace_seconds=value),
    "alarm fired": lambda value: midwatch.alarm_fired("alarm", value),
    "queue depth": lambda value: midwatch.queue_depth(value, value),
    "counter": lambda value: midwatch.counter("hostile_total", "", ("a",)).add(value, a=value, b=value),
    "gauge": lambda value: midwatch.gauge("hostile_gauge", "", ("a",)).set(value, a=value),
    "histogram": lambda value: midwatch.histogram("hostile_seconds", "", ("a",)).record(value, a=value),
    "kept counter": lambda value: midwatch.counter("hostile_total", "", ("a",)).labels(value).inc(value),
    "kept gauge": lambda value: midwatch.gauge("hostile_gauge", "", ("a",)).labels(a=value).inc(value),
    "kept histogram": lambda value: midwatch.histogram("hostile_seconds", "", ("a",)).labels(a=value).record(value),
    "flush": lambda value: midwatch.flush(),
    "ids": lambda value: midwatch.ids(),
}


@pytest.mark.parametrize("call", CALLS)
def test_no_argument_makes_it_raise(call: str, seen: Seen) -> None:
    """What comes next is told as ever, and under no ids that are left over."""

    def alone(value: Any) -> None:
        CALLS[call](value)
        if call != "bind":
            assert (midwatch.ids(), midwatch.current_job(), context.current()) == ({}, None, context.EMPTY)
        seen.clear()
        midwatch.get_logger().info("next")
        seen.assert_line("next")

    for name, value in VALUES.items():
        try:
            Context().run(alone, value)
        except BaseException as error:
            error.add_note(f"the argument: {name}")
            raise


def test_a_clock_that_is_set_back_makes_no_span_end_before_it_begins(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    with midwatch.job("job"):
        monkeypatch.setattr(tracing, "time_ns", lambda: 1)
    assert seen.assert_span("job job").seconds == 0


@pytest.mark.parametrize("call", ["message", "event", "transition", "counter", "work", "cost", "job's name"])
def test_what_could_not_be_told_is_counted(call: str, seen: Seen) -> None:
    before = sum(PROBLEMS.counts().values())
    CALLS[call](Hostile())
    told = any("has no text" in str(line.written) for line in seen.lines)
    assert told or sum(PROBLEMS.counts().values()) > before


@pytest.mark.parametrize("error", [HostileError(), HostileError(Hostile()), KeyboardInterrupt(), BaseException()])
def test_any_exception_goes_its_own_way(error: BaseException, seen: Seen) -> None:
    """Out of whatever of ours is around it, and told where it can be."""
    with pytest.raises(type(error)) as raised, midwatch.work(), midwatch.job("job"), midwatch.step("step"):
        raise error
    assert raised.value is error
    try:
        raise error
    except BaseException:
        midwatch.get_logger().exception("caught")
        midwatch.capture_exception()
    seen.assert_line("caught")


def test_a_function_that_calls_itself_for_ever_is_told(seen: Seen) -> None:
    def again() -> None:
        again()

    try:
        again()
    except RecursionError:
        midwatch.get_logger().exception("too deep")
    assert seen.assert_error(RecursionError).message.startswith("maximum recursion depth")


@pytest.mark.parametrize("stream", ["closed", "none", "odd"])
def test_no_stdout_makes_it_raise(stream: str, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", {"closed": closed, "none": None, "odd": Hostile()}[stream])
    midwatch.get_logger().info("told")
    midwatch.event("told")
    seen.assert_event("told")
