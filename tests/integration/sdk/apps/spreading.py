"""Apps whose requests spread over tasks, threads, pools and generators: FastAPI (`app`) and Flask (`flasked`)."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import structlog
from fastapi import BackgroundTasks, FastAPI
from flask import Flask

import midwatch

midwatch.init()
app, flasked = FastAPI(), Flask(__name__)
midwatch.instrument(app)
midwatch.instrument(flasked)
log = midwatch.get_logger("spread")
pool = ThreadPoolExecutor(2)


def say(where: str, request: int) -> None:
    """Each line says which request it is from; what it is told under must be the same."""
    log.info("from", where=where, wanted=request)


def in_thread(act: Callable[[], None]) -> None:
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


@contextmanager
def opened(request: int) -> Iterator[None]:
    with midwatch.step("opened", number=request):
        yield


def items(request: int) -> Iterator[int]:
    """Left half read."""
    with midwatch.step("items", number=request):
        yield 1
        yield 2


@app.get("/spread/{number}")
async def spread(number: int, tasks: BackgroundTasks) -> None:
    midwatch.bind(number=number)
    structlog.contextvars.bind_contextvars(tenant=number)

    async def one(item: int) -> None:
        midwatch.bind(item=item)
        await asyncio.sleep(0.002 * (item % 3))
        log.info("item", wanted_item=item, wanted=number)

    async def later() -> None:
        await asyncio.sleep(0.01)
        say("a background task", number)

    tasks.add_task(later)
    tasks.add_task(say, "a background function", number)
    loop = asyncio.get_running_loop()
    await asyncio.gather(
        *(one(item) for item in range(4)),
        loop.run_in_executor(None, say, "the loop's executor", number),
        loop.run_in_executor(pool, say, "a pool", number),
        asyncio.to_thread(say, "to_thread", number),
        asyncio.to_thread(in_thread, lambda: say("a thread of a thread", number)),
    )
    with opened(number):
        for _ in items(number):
            break
        say("a context manager", number)
    say("the end", number)


@flasked.get("/spread/<int:number>")
def spread_in_flask(number: int) -> str:
    midwatch.bind(number=number)
    with structlog.contextvars.bound_contextvars(tenant=number):
        list(pool.map(lambda where: say(where, number), ("a pool", "a pool, again")))
        in_thread(lambda: say("a thread", number))
        with opened(number):
            for _ in items(number):
                break
        say("the end", number)
    pool.submit(log.info, "after").result()
    return "spread"
