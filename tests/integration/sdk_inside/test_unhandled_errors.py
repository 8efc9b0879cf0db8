"""What nobody caught: in threads, tasks, callbacks, requests, and at the end of a program."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import structlog
from fastapi import FastAPI

import midwatch
from tests.integration.sdk.serving import served
from tests.integration.sdk_inside.errors_sent import errors_in
from tests.otlp_sink import OtlpSink, running_sink


class StockError(Exception):
    pass


PROGRAM = """
import asyncio, sys, threading
seen = []
sys.excepthook = lambda kind, error, trace: print("before:", error, flush=True)
threading.excepthook = lambda about: print("before:", about.exc_value, flush=True)
import midwatch
midwatch.init(service="worker", dsn=sys.argv[1], environment="test")

def fail(text):
    raise ValueError(text)

thread = threading.Thread(target=fail, args=("in a thread",))
thread.start(); thread.join()

async def main():
    async def coroutine():
        fail("in a task")
    asyncio.get_running_loop().call_soon(fail, "in a callback")
    task = asyncio.create_task(coroutine())
    await asyncio.wait([task])
    del task
asyncio.run(main())
fail("at the end")
"""


def test_what_nobody_caught_is_told_and_the_hooks_before_are_called(sink: OtlpSink) -> None:
    """In a thread, in a task, in a callback of the loop, and at the end of the program."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, sink.dsn], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    told = {about["exception.message"]: about for _, about in sink.events("exception")}
    assert set(told) == {"in a thread", "in a task", "in a callback", "at the end"}
    assert not any(about["error.handled"] for about in told.values())
    assert told["in a thread"]["error.mechanism"] == "threading"
    assert told["at the end"]["error.mechanism"] == "excepthook"
    assert "before: in a thread" in ended.stdout
    assert "before: at the end" in ended.stdout


@pytest.mark.parametrize("kind", ["async", "sync"])
def test_a_request_that_fails_is_one_event_with_its_own_breadcrumbs(sent: OtlpSink, kind: str) -> None:
    """On a real uvicorn, which tells of it as well; requests at once do not see each other's lines."""
    app = FastAPI()

    def buy(number: int) -> None:
        structlog.get_logger().info("buying", number=number)
        raise StockError("no stock")

    async def buy_async(number: int) -> None:
        structlog.get_logger().info("buying", number=number)
        await asyncio.sleep(0)
        raise StockError("no stock")

    app.get("/buy/{number}")(buy if kind == "sync" else buy_async)
    midwatch.instrument(app)
    with served(app) as url, ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda number: httpx.get(f"{url}/buy/{number}").status_code, range(16))
        assert list(answers) == [500] * 16
    told = errors_in(sent)
    assert len(told) == 16
    for about in told:
        crumbs = about["breadcrumbs"]
        assert [one["message"] for one in crumbs] == ["request started", "buying"]
        assert {one["data"]["request_id"] for one in crumbs} == {about["request_id"]}
        assert not about["error.handled"]
        assert about["exception.frames"][-1]["function"].endswith(("buy", "buy_async"))


async def test_a_loop_with_a_handler_of_its_own_keeps_it(sink: OtlpSink) -> None:
    """Where `init` is called on a running loop, its handler is still asked, once."""
    loop, seen = asyncio.get_running_loop(), []
    loop.set_exception_handler(lambda _, about: seen.append(about["exception"]))
    with running_sink() as other:
        midwatch.init(service="worker", dsn=sink.dsn)
        midwatch.init(service="worker", dsn=other.dsn)
        loop.call_exception_handler({"message": "odd", "exception": ValueError("lost")})
        await asyncio.to_thread(midwatch.flush)
        midwatch.shutdown()
        (about,) = [about for _, about in other.events("exception")]
    assert [str(error) for error in seen] == ["lost"]
    assert (about["error.mechanism"], about["error.handled"]) == ("asyncio", False)
