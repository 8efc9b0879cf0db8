"""The trail of lines that an error tells of: one per work, whatever becomes of its context meanwhile."""

import asyncio
from typing import Any

from midwatch.sdk import breadcrumbs, context
from midwatch.sdk.wire.logs import LogRecord


def told() -> list[Any]:
    return [one["message"] for one in breadcrumbs.rendered()]


def add(message: str) -> None:
    breadcrumbs.add(LogRecord(0, 9, "info", message, {}))


def test_what_is_bound_meanwhile_leaves_the_trail_as_it_is() -> None:
    with context.work("trail-1"):
        add("before")
        context.bind(user_id="u-1")
        add("after")
        assert told() == ["before", "after"]


def test_another_work_has_a_trail_of_its_own() -> None:
    with context.work("trail-1"):
        add("first")
    with context.work("trail-2"):
        assert told() == []
        add("second")
        assert told() == ["second"]


def test_a_task_adds_to_the_trail_of_its_work() -> None:
    async def served() -> None:
        with context.work("trail-3"):
            add("in the request")

            async def task() -> None:
                context.bind(part="task")
                add("in a task")

            await asyncio.create_task(task())
            assert told() == ["in the request", "in a task"]

    asyncio.run(served())
