"""What is bound and begun in one piece of work never reaches another."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from opentelemetry import context as otel_context
from opentelemetry.trace import NonRecordingSpan, SpanContext, get_current_span, set_span_in_context

from midwatch.sdk import context
from midwatch.sdk.context import EMPTY, Context, bind, current, work
from midwatch.sdk.messages import received

Fact = Callable[[], None]


def alone(fact: Fact) -> None:
    """In a context of its own, as a thread begins with."""
    contextvars.Context().run(fact)


def told() -> tuple[str, dict[str, Any]]:
    return current().correlation_id, dict(current().fields)


def test_what_tasks_bind_beside_each_other_stays_with_each() -> None:
    """`asyncio.gather`: each line has its own item, and the line that ends the request has what all have bound."""

    async def one(number: int) -> tuple[str, dict[str, Any]]:
        bind(item=number)
        await asyncio.sleep(0)
        if number == 2:
            with work("inner", step="two"):
                await asyncio.sleep(0)
        await asyncio.sleep(0)
        return told()

    async def request() -> None:
        entered = context.enter(Context("request-1"))
        bind(user_id="u1")
        said = await asyncio.gather(*(one(number) for number in range(5)))
        assert said == [("request-1", {"user_id": "u1", "item": number}) for number in range(5)]
        assert told() == ("request-1", {"user_id": "u1"})
        assert current().bound.keys() == {"user_id", "item"}
        assert context.leave(entered)
        assert current() is EMPTY

    asyncio.run(request())


def test_a_field_that_is_taken_away_is_not_on_the_line_that_ends_the_work() -> None:
    with work("w"):
        bind(one=1, two=2)
        bind(one=None)
        assert (dict(current().fields), dict(current().bound)) == ({"two": 2}, {"two": 2})


def test_a_generator_that_was_not_read_to_its_end_takes_nothing_from_who_comes_next() -> None:
    """It is collected while the next request is served by the same thread: that one's ids stay."""

    def items() -> Iterator[int]:
        with work("of the generator"), received({}, "item"):
            yield 1
            yield 2

    def served() -> None:
        first = context.enter(Context("request-1"))
        kept = items()
        next(kept)
        assert context.leave(first)
        assert current() is EMPTY
        second = context.enter(Context("request-2"))
        span = NonRecordingSpan(SpanContext(7, 9, is_remote=False))
        token = otel_context.attach(set_span_in_context(span))
        kept.close()
        assert (current().correlation_id, get_current_span()) == ("request-2", span)
        otel_context.detach(token)
        assert context.leave(second)
        assert current() is EMPTY

    alone(served)


def test_a_generator_that_is_left_early_ends_its_work() -> None:
    def items() -> Iterator[int]:
        with work("of the generator"):
            yield 1
            yield 2

    def served() -> None:
        with work("request-1"):
            for _ in items():
                break
            assert current().correlation_id == "request-1"

    alone(served)


def test_an_async_generator_that_was_abandoned_says_nothing_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """The loop closes it in a task of its own, where its tokens are not valid: no error of OpenTelemetry's either."""

    async def items() -> AsyncIterator[int]:
        with work("of the generator"), received({}, "item"):
            yield 1
            yield 2

    async def request() -> None:
        with work("request-1"):
            kept = items()
            await anext(kept)
            await asyncio.create_task(kept.aclose())  # type: ignore[attr-defined]
        assert current() is EMPTY

    asyncio.run(request())
    assert caplog.records == []


def test_works_that_are_left_out_of_order_end_with_the_outermost() -> None:
    def served() -> None:
        outer = context.enter(Context("outer"))
        inner = context.enter(Context("inner"))
        assert context.leave(outer)
        assert current() is EMPTY
        assert not context.leave(inner)
        assert not context.leave(outer)
        assert current() is EMPTY

    alone(served)


def test_a_stack_of_works_ends_as_it_began() -> None:
    def served() -> None:
        with ExitStack() as stack:
            for number in range(20):
                stack.enter_context(work(f"work-{number}"))
            assert current().correlation_id == "work-19"
        assert current() is EMPTY

    alone(served)


def test_works_that_begin_one_another_are_no_chain_without_end() -> None:
    """A timer that sets itself anew inside of its own work, ten thousand times."""

    def again(left: int) -> contextvars.Context:
        with work(f"tick-{left}"):
            return contextvars.copy_context()

    ticking = contextvars.Context()
    for left in range(10_000):
        ticking = ticking.run(again, left)

    def length() -> int:
        found, at_hand = 0, current().bound
        while at_hand.outer is not None:
            found, at_hand = found + 1, at_hand.outer
        return found

    assert ticking.run(length) <= 2
