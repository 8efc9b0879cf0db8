"""Threads and pools go on under the context of who starts them, and keep nothing of it."""

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from typing import Any

import pytest
import structlog
from opentelemetry import context as otel_context
from opentelemetry.trace import NonRecordingSpan, SpanContext, get_current_span, set_span_in_context

import midwatch
from midwatch.sdk import threads
from midwatch.sdk.context import EMPTY, bind, current, work
from tests.beside import BESIDE

SPAN = NonRecordingSpan(SpanContext(0xABC, 0xDEF, is_remote=False))
Seen = tuple[str, dict[str, Any], int, dict[str, Any]]
NOTHING: Seen = ("", {}, 0, {})
OF_REQUEST: Seen = ("request-1", {"user_id": "u1"}, 0xABC, {"tenant": "t1"})


@pytest.fixture(autouse=True)
def _followed() -> Iterator[None]:
    threads.follow()
    yield
    threads.follow_no_more()


def seen() -> Seen:
    trace = get_current_span().get_span_context().trace_id
    return current().correlation_id, dict(current().fields), trace, structlog.contextvars.get_contextvars()


def in_request(act: Callable[[], Any]) -> Any:
    with work("request-1", user_id="u1"), structlog.contextvars.bound_contextvars(tenant="t1"):
        token = otel_context.attach(set_span_in_context(SPAN))
        try:
            return act()
        finally:
            otel_context.detach(token)


def in_thread(make: Callable[[Callable[[], None]], threading.Thread]) -> Seen:
    found: list[Seen] = []
    thread = make(lambda: found.append(seen()))
    thread.start()
    thread.join()
    return found[0]


class Own(threading.Thread):
    """As apps write them: with a `run` of its own."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__()
        self._act = act

    def run(self) -> None:
        self._act()


@pytest.mark.parametrize(
    "make",
    [lambda act: threading.Thread(target=act), Own, lambda act: threading.Timer(0, act)],
    ids=["a target", "a class", "a timer"],
)
def test_a_thread_goes_on_under_the_context_of_who_starts_it(make: Any) -> None:
    assert in_request(lambda: in_thread(make)) == OF_REQUEST
    assert in_thread(make) == NOTHING


def test_a_pool_keeps_nothing_of_a_request_that_is_over() -> None:
    """Its threads are begun by the first request and serve the next, and work of nobody, too."""
    with ThreadPoolExecutor(1) as pool:
        assert in_request(lambda: pool.submit(seen).result()) == OF_REQUEST
        assert pool.submit(seen).result() == NOTHING
        assert in_request(lambda: list(pool.map(lambda _: seen(), range(3)))) == [OF_REQUEST] * 3
        with work("request-2"):
            assert pool.submit(seen).result()[0] == "request-2"
        assert pool.submit(seen).result() == NOTHING


def test_what_is_bound_by_a_call_in_a_pool_is_gone_with_it() -> None:
    def binds() -> None:
        bind(item=1)
        structlog.contextvars.bind_contextvars(leaky=True)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(binds).result()
        assert pool.submit(seen).result() == NOTHING
        in_request(lambda: pool.submit(binds).result())
        assert pool.submit(seen).result() == NOTHING


def test_what_a_thread_binds_is_on_the_line_that_ends_the_request() -> None:
    with work("w") as at_hand:
        in_thread(lambda act: threading.Thread(target=lambda: (bind(item=1), act())))
        assert dict(at_hand.bound) == {"item": 1}
        assert dict(current().fields) == {}


def test_a_pool_frees_what_a_request_had_bound() -> None:
    class Heavy:
        pass

    with ThreadPoolExecutor(1) as pool:
        heavy = Heavy()
        gone = weakref.ref(heavy)
        with work("request-1", heavy=heavy):
            pool.submit(seen).result()
        del heavy
        pool.submit(lambda: None).result()
        gc.collect()
        assert gone() is None


def test_a_thread_that_has_ended_is_freed_without_the_collector() -> None:
    gc.disable()
    try:
        with work("w"):
            thread = Own(lambda: None)
            thread.start()
            thread.join()
        gone = weakref.ref(thread)
        del thread
        deadline = time.monotonic() + 5
        while gone() is not None and time.monotonic() < deadline:
            time.sleep(0.001)
        assert gone() is None
    finally:
        gc.enable()


async def test_executors_of_a_loop_and_its_tasks_go_on_too() -> None:
    async def ask() -> list[Any]:
        loop = asyncio.get_running_loop()
        return [
            await loop.run_in_executor(None, seen),
            await asyncio.to_thread(seen),
            await asyncio.create_task(asyncio.to_thread(seen)),
        ]

    with work("request-1", user_id="u1"), structlog.contextvars.bound_contextvars(tenant="t1"):
        token = otel_context.attach(set_span_in_context(SPAN))
        said = await ask()
        otel_context.detach(token)
    assert said == [OF_REQUEST] * 3
    assert await asyncio.get_running_loop().run_in_executor(None, seen) == NOTHING


def test_an_error_in_a_thread_is_told_under_its_context(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Seen] = []
    monkeypatch.setattr(threading, "excepthook", lambda _: told.append(seen()))

    def fails() -> None:
        raise ValueError("in a thread")

    def act() -> None:
        thread = threading.Thread(target=fails)
        thread.start()
        thread.join()

    in_request(act)
    assert told == [OF_REQUEST]


def test_threads_of_libraries_that_serve_everybody_begin_with_nothing() -> None:
    """Such as the workers of a pool, and those of `multiprocessing.pool.ThreadPool`."""
    from multiprocessing.pool import ThreadPool

    def act() -> Any:
        with ThreadPool(1) as pool:
            return pool.apply(seen)

    assert in_request(act) == NOTHING


def test_it_is_done_once_and_can_be_turned_off() -> None:
    start, submit = threading.Thread.start, ThreadPoolExecutor.submit
    threads.follow()
    assert (threading.Thread.start, ThreadPoolExecutor.submit) == (start, submit)
    threads.follow_no_more()
    with ThreadPoolExecutor(1) as pool:
        assert in_request(lambda: pool.submit(seen).result()) == NOTHING
    assert in_request(lambda: in_thread(Own)) == NOTHING


@pytest.mark.parametrize("ours_first", [True, False])
def test_others_may_wrap_the_same_methods_before_and_after(monkeypatch: pytest.MonkeyPatch, ours_first: bool) -> None:
    """As OpenTelemetry's instrumentation of threads does it: on the classes, timers apart."""
    called = []

    def wrap() -> None:
        start, submit = threading.Thread.start, ThreadPoolExecutor.submit

        @wraps(start)
        def their_start(self: threading.Thread) -> None:
            run = self.run
            self.run = lambda: (called.append("run"), run())[1]  # type: ignore[method-assign]
            start(self)

        @wraps(submit)
        def their_submit(self: Any, fn: Any, *args: Any, **kwargs: Any) -> Any:
            called.append("submit")
            return submit(self, partial(fn), *args, **kwargs)

        for kind in (threading.Thread, threading.Timer):
            monkeypatch.setattr(kind, "start", their_start)
        monkeypatch.setattr(ThreadPoolExecutor, "submit", their_submit)

    if not ours_first:
        for owner, name in ((threading.Thread, "start"), (ThreadPoolExecutor, "submit")):
            monkeypatch.setattr(owner, name, getattr(owner, name).__wrapped__)
    wrap()
    if not ours_first:
        threads.follow()
    for make in (Own, partial(threading.Timer, 0)):
        assert in_request(partial(in_thread, make)) == OF_REQUEST
    with ThreadPoolExecutor(1) as pool:
        assert in_request(lambda: pool.submit(seen).result()) == OF_REQUEST
        assert pool.submit(seen).result() == NOTHING
    assert called.count("submit") == 2
    assert "run" in called


PROGRAM = """
import threading
from concurrent.futures import ThreadPoolExecutor
import midwatch
from midwatch.sdk.context import current
def seen(make):
    found = []
    thread = make(lambda: found.append(current().correlation_id))
    thread.start()
    thread.join()
    return found[0]
class Own(threading.Thread):
    def __init__(self, act):
        super().__init__()
        self.act = act
    def run(self):
        self.act()
makes = [lambda act: threading.Thread(target=act), lambda act: threading.Timer(0, act), Own]
with ThreadPoolExecutor(1) as pool:
    in_pool = lambda: pool.submit(lambda: current().correlation_id).result()
    with midwatch.work("w"):
        told = [seen(make) for make in makes] + [in_pool()]
    after = [seen(make) for make in makes] + [in_pool()]
assert (told, after) == (["w"] * 4, [""] * 4), (told, after)
"""
OURS = "import midwatch; midwatch.init(service='beside')\n"
SENTRY = """
import sentry_sdk
sentry_sdk.init("http://key@127.0.0.1:9/1", transport=print, auto_enabling_integrations=False)
"""
OPENTELEMETRY = """
from opentelemetry.instrumentation.threading import ThreadingInstrumentor
ThreadingInstrumentor().instrument()
"""
GEVENT = "from gevent import monkey; monkey.patch_all()\n"


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(GEVENT + OURS, id="gevent"),
        pytest.param(SENTRY + OURS, id="after Sentry"),
        pytest.param(OURS + SENTRY, id="before Sentry"),
        pytest.param(OPENTELEMETRY + OURS, id="after OpenTelemetry"),
        pytest.param(OURS + OPENTELEMETRY, id="before OpenTelemetry"),
    ],
)
def test_beside_others_that_change_threads(before: str) -> None:
    """gevent makes greenlets of them; Sentry's SDK and OpenTelemetry's instrumentation of threads wrap what we wrap."""
    subprocess.run([sys.executable, "-c", before + PROGRAM], check=True, timeout=60, env={**os.environ, **BESIDE})


def test_a_thread_that_cannot_start_is_as_it_was() -> None:
    with work("w"):
        thread = Own(lambda: None)
        thread.start()
        thread.join()
        with pytest.raises(RuntimeError, match="once"):
            thread.start()
    assert "run" not in vars(thread)
    assert current() is EMPTY


@pytest.mark.parametrize(
    ("argument", "variable", "followed"),
    [(None, "", True), (None, "true", True), (None, "false", False), (True, "false", True), (False, "true", False)],
)
def test_init_says_whether_threads_are_followed(
    monkeypatch: pytest.MonkeyPatch, argument: bool | None, variable: str, followed: bool
) -> None:
    threads.follow_no_more()
    monkeypatch.setenv("MIDWATCH_THREADS", variable)
    if not variable:
        monkeypatch.delenv("MIDWATCH_THREADS")
    midwatch.init(service="s", threads=argument)
    try:
        assert in_request(lambda: in_thread(Own)) == (OF_REQUEST if followed else NOTHING)
    finally:
        midwatch.shutdown()
    assert in_request(lambda: in_thread(Own)) == NOTHING


def test_a_switch_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIDWATCH_THREADS", "some")
    with pytest.raises(midwatch.ConfigurationError, match="MIDWATCH_THREADS='some': expected one of true, false"):
        midwatch.init(service="s")
