"""Threads and pools of threads go on under the context of who starts them: our ids, the span, what structlog has bound.

Nothing else of Python's context variables is carried: a framework's request of yesterday would live on in its threads.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import wraps
from types import MethodType
from typing import Any

import structlog
from opentelemetry import context as otel_context

from midwatch.sdk import context
from midwatch.sdk.guard import guarded

LIBRARIES = frozenset(
    (
        *("anyio", "apscheduler", "celery", "concurrent", "kombu", "logging", "midwatch", "multiprocessing"),
        *("opentelemetry", "psycopg_pool", "pymongo", "redis", "sentry_sdk", "watchdog"),
    )
)
"""Their threads serve whoever comes: one that the first request happens to start must not keep that request's ids."""

_DONE = "_midwatch"
_followed = False


def follow() -> None:
    """From here on; what is there is wrapped once, whatever else is around it."""
    global _followed  # noqa: PLW0603 - classes of the standard library are one per process
    _followed = True
    for kind in (threading.Thread, threading.Timer):
        # A timer has its own where OpenTelemetry's instrumentation was there first; gevent's threads have Python's.
        owner: Any = next(one for one in kind.__mro__ if "start" in vars(one))
        if not hasattr(owner.start, _DONE):
            _wrap_start(owner)
    if not hasattr(ThreadPoolExecutor.submit, _DONE):
        _wrap_submit()


def follow_no_more() -> None:
    """What is wrapped stays so, and passes on what it gets."""
    global _followed  # noqa: PLW0603
    _followed = False


class Carried:
    """What was at hand where it was made."""

    __slots__ = ("_bound", "_span", "_work")

    def __init__(self, span: otel_context.Context | None = None) -> None:
        """`span` instead of the one at hand."""
        self._work = context.current()
        self._span = otel_context.get_current() if span is None else span
        self._bound = structlog.contextvars.get_contextvars()

    def enter(self) -> None:
        """In force until Python's own context ends: a thread's, or that of `run`."""
        context.take(self._work)
        otel_context.attach(self._span)
        structlog.contextvars.bind_contextvars(**self._bound)

    def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call it here under what was carried. Nothing of that stays, nor of what the function binds."""
        return copy_context().run(self._run, function, *args, **kwargs)

    def _run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self.enter()
        return function(*args, **kwargs)


def _wrap_submit() -> None:
    submit: Callable[..., Future[Any]] = ThreadPoolExecutor.submit

    @wraps(submit)
    def following(self: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        carried = _carried() if _followed else None
        if carried is None:
            return submit(self, fn, *args, **kwargs)
        return submit(self, carried.run, fn, *args, **kwargs)

    setattr(following, _DONE, True)
    ThreadPoolExecutor.submit = following  # type: ignore[assignment]


def _wrap_start(kind: Any) -> None:
    start = kind.start

    @wraps(start)
    def following(self: threading.Thread) -> None:
        undo = _prepare(self) if _followed else None
        try:
            start(self)
        except BaseException:
            if undo is not None:
                undo()
            raise

    setattr(following, _DONE, True)
    kind.start = following


@guarded
def _carried() -> Carried | None:
    return Carried()


@guarded
def _prepare(thread: threading.Thread) -> Callable[[], None] | None:
    """On the object: classes of threads have a `run` of their own. What makes it undone again."""
    if _serves_all(thread):
        return None
    carried, run, given = Carried(), thread.run, vars(thread).get("run")

    def undo() -> None:
        # A thread that keeps a function that keeps the thread is not freed when it ends.
        if given is None:
            vars(thread).pop("run", None)
        else:
            thread.run = given  # type: ignore[method-assign]

    def following(_: threading.Thread) -> None:
        undo()
        _enter(carried)
        run()

    # A method: Sentry's SDK takes the function of it, and calls that with the thread.
    thread.run = MethodType(following, thread)  # type: ignore[method-assign]
    return undo


@guarded
def _enter(carried: Carried) -> None:
    carried.enter()


def _serves_all(thread: threading.Thread) -> bool:
    target = getattr(thread, "_target", None)
    modules = (type(thread).__module__, getattr(target, "__module__", None) or "")
    return any(module.partition(".")[0] in LIBRARIES for module in modules)
